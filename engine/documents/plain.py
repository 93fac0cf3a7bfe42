"""Plain text and the light markups (Markdown, reStructuredText, AsciiDoc): the text as it is, its headings found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .building import one_line, stem
from .decoding import decode
from .model import Document, Heading, Source

_ATX = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_ADOC = re.compile(r"^(={1,6})[ \t]+(\S.*?)[ \t]*$")
_RULE = re.compile(r"^([!-/:-@\[-`{-~])\1+[ \t]*$")
_LONGEST_TITLE = 400
_FRONT = re.compile(r"\A---\n(.*?\n)(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(['\"]?)(.+?)\1[ \t]*$", re.MULTILINE)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """(start, line) of each line; one that is too long for a title is given as a piece of text that is none."""
    start = 0
    for line in text.split("\n"):
        yield start, line if len(line) < _LONGEST_TITLE else "…"
        start += len(line) + 1


def markdown_headings(text: str) -> list[Heading]:
    """ATX (`# x`) and setext (underlined) headings outside fenced code and front matter."""
    headings: list[Heading] = []
    fence = ""
    front = _FRONT.match(text)
    body = front.end() if front else 0
    previous: tuple[int, str] = (0, "")
    for start, line in _lines(text):
        if start < body:
            continue
        mark = _FENCE.match(line)
        if mark and (not fence or (mark[1].startswith(fence) and not line.strip(" `~"))):
            fence = "" if fence else mark[1]
        elif not fence:
            if match := _ATX.match(line):
                if title := one_line(match[2] or ""):
                    headings.append(Heading(start, len(match[1]), title))
            elif (match := _SETEXT.match(line)) and _may_be_title(previous[1]):
                headings.append(Heading(previous[0], 1 if match[1][0] == "=" else 2, one_line(previous[1])))
        previous = (start, "" if fence else line)
    return headings


def _may_be_title(line: str) -> bool:
    return (
        bool(line.strip())
        and not line.lstrip().startswith(("#", ">", "- ", "* ", "|", "---", "==="))
        and len(line) < 200
    )


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


def asciidoc_headings(text: str) -> list[Heading]:
    """`= Title`, `== Section` and so on."""
    found = ((start, _ADOC.match(line)) for start, line in _lines(text))
    return [Heading(start, len(match[1]), one_line(match[2])) for start, match in found if match]


_FINDERS = {"markdown": markdown_headings, "rst": rst_headings, "asciidoc": asciidoc_headings}


def read_text(source: Source) -> Iterator[Document]:
    """A plain text: nothing is taken from it or added; a form feed starts a page."""
    text = decode(source.data)
    yield _document(source, text, [])


def read_markdown(source: Source) -> Iterator[Document]:
    """A Markdown text, titled by its front matter, else by its first heading of the highest level."""
    text = decode(source.data)
    front = _FRONT.match(text)
    named = _FRONT_TITLE.search(front[1]) if front else None
    yield _document(source, text, markdown_headings(text), named[2] if named else "")


def read_rst(source: Source) -> Iterator[Document]:
    """A reStructuredText document."""
    text = decode(source.data)
    yield _document(source, text, rst_headings(text))


def read_asciidoc(source: Source) -> Iterator[Document]:
    """An AsciiDoc document."""
    text = decode(source.data)
    yield _document(source, text, asciidoc_headings(text))


def _document(source: Source, text: str, headings: list[Heading], title: str = "") -> Document:
    top = next((heading.title for heading in headings if heading.level == 1), headings[0].title if headings else "")
    pages: tuple[int, ...] = ()
    if "\f" in text:
        pages = (0, *(match.end() for match in re.finditer("\f", text)))
    return Document(source.path, "", title or top or stem(source.path), text, tuple(headings), pages)
