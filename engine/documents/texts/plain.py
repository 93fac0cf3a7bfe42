"""Reads plain text, and Markdown and reStructuredText as plain text with headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..building import one_line, stem
from ..decoding import decode, without_embedded
from ..model import Document, Heading, Source
from .front import front_matter, without_front_matter

_MARKS = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
# Backticks on the rest of the line make it code within a line, not the start of a block.
_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_RULE = re.compile(r"^([!-/:-@\[-`{-~])\1+[ \t]*$")
_LONGEST_TITLE = 400
_NO_TITLE = "…"
# What a title is written with: pictures, links, tags, emphasis and escapes.
_CODE = re.compile(r"(?<!`)(`++)([^`]++)\1(?!`)")
_PICTURE = re.compile(r"!\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
_LINK = re.compile(r"\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])|!?\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|center|code|del|div|em|font|i|img|ins|kbd|mark|p|picture|s|samp|small|source|span|strong"
    r"|sub|sup|tt|u)(?:\s[^<>]*)?/?>|<!--[^<>]*-->",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"^ {0,3}<!--")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*]*[^\s*])\1(?![\w*])")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """(start, line) of each line; one that is too long for a title is replaced by a text that is not a title."""
    start = 0
    for line in text.split("\n"):
        yield start, line if len(line) < _LONGEST_TITLE else _NO_TITLE
        start += len(line) + 1


def markdown_headings(text: str) -> list[Heading]:
    """ATX (`# x`) and setext (underlined) headings outside fenced code, comments and front matter."""
    headings: list[Heading] = []
    fence = ""
    hidden = front_matter(text)[1]
    last_comment = text.rfind("-->")
    previous: tuple[int, str] = (0, "")
    for start, line in _lines(text):
        if start < last_comment and not fence and start >= hidden and _COMMENT.match(line):
            hidden = text.index("-->", start) + 1
        if start < hidden:
            previous = (start, "")
            continue
        mark = _FENCE.match(line)
        if mark and (not fence or (mark[1].startswith(fence) and not line.strip(" `~"))):
            fence = "" if fence else mark[1]
        elif not fence:
            if match := _MARKS.match(line):
                if title := _atx_title(line[match.end() :]):
                    headings.append(Heading(start, len(match[1]), title))
            elif (match := _SETEXT.match(line)) and (title := _setext_title(previous[1])):
                headings.append(Heading(previous[0], 1 if match[1][0] == "=" else 2, title))
        previous = (start, "" if fence else line)
    return headings


def _atx_title(rest: str) -> str:
    """The words of a heading after its marks, without closing marks and Pandoc's attributes."""
    rest = rest.strip(" \t")
    closed = rest.rstrip("#")
    if not closed or closed.endswith((" ", "\t")):
        rest = closed.rstrip(" \t")
    if rest.endswith("}") and (start := rest.rfind(" {")) >= 0 and rest[start + 2 : start + 3] in ("#", ".", "-"):
        rest = rest[:start]
    return _words(rest)


def _words(title: str) -> str:
    """The words of a title without its markup; the description of a picture if there is nothing else."""
    pieces = []
    place = 0
    for code in _CODE.finditer(title):
        pieces += [_unmarked(title[place : code.start()]), code[2]]
        place = code.end()
    pieces.append(_unmarked(title[place:]))
    return one_line("".join(pieces)) or one_line(_unmarked(_PICTURE.sub(lambda picture: picture[1], title)))


def _unmarked(text: str) -> str:
    if "[" in text:
        text = _LINK.sub(lambda link: link[1] or link[2] or "", _PICTURE.sub("", text))
    if "<" in text:
        text = _TAG.sub("", text)
    if "*" in text:
        text = _EMPHASIS.sub(lambda words: words[2], text)
    return _ESCAPED.sub(lambda sign: sign[1], text) if "\\" in text else text


def _setext_title(line: str) -> str:
    """The words of the line above an underline, "" if it is no title."""
    other = line.lstrip().startswith(("#", ">", "- ", "* ", "|", "---", "==="))
    return "" if other or line == _NO_TITLE or len(line) >= 200 else _words(line)


def rst_headings(text: str) -> list[Heading]:
    """Underlined, or over- and underlined, titles; levels in the order in which the marks appear."""
    headings: list[Heading] = []
    levels: dict[tuple[str, bool], int] = {}
    lines = list(_lines(text))
    for index in range(1, len(lines)):
        start, title = lines[index - 1]
        rule = _RULE.match(lines[index][1])
        before = _RULE.match(lines[index - 2][1]) if index > 1 else None
        if not rule or not title.strip() or _RULE.match(title) or len(title) > 200:
            continue
        overlined = bool(before) and before is not None and before[1] == rule[1]
        if (title[0].isspace() and not overlined) or len(lines[index][1].rstrip()) < min(4, len(title.strip())):
            continue
        if not overlined and index > 1 and lines[index - 2][1].strip():
            continue
        level = levels.setdefault((rule[1], overlined), len(levels) + 1)
        headings.append(Heading(lines[index - 2][0] if overlined else start, level, one_line(title)))
    return headings


def read_text(source: Source) -> Iterator[Document]:
    """A plain text, unchanged except that embedded data is removed; a form feed starts a page."""
    yield _document(source, _text(source), [])


def read_markdown(source: Source) -> Iterator[Document]:
    """A Markdown text without its front matter, titled by that, else by its first heading of the highest level."""
    text = _text(source)
    yield _document(source, without_front_matter(text), markdown_headings(text), front_matter(text)[0])


def read_rst(source: Source) -> Iterator[Document]:
    """A reStructuredText document."""
    text = _text(source)
    yield _document(source, text, rst_headings(text))


def _text(source: Source) -> str:
    return without_embedded(decode(source.data))


def _document(source: Source, text: str, headings: list[Heading], title: str = "") -> Document:
    top = next((heading.title for heading in headings if heading.level == 1), headings[0].title if headings else "")
    pages: tuple[int, ...] = ()
    if "\f" in text:
        pages = (0, *(match.end() for match in re.finditer("\f", text)))
    return Document(source.path, "", title or top or stem(source.path), text, tuple(headings), pages)
