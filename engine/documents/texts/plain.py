"""Reads plain text, and Markdown and reStructuredText as plain text with headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..building import one_line, stem
from ..decoding import decode, without_embedded
from ..model import Document, Heading, Source
from .front import front_matter

_MARKS = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_RULE = re.compile(r"^([!-/:-@\[-`{-~])\1+[ \t]*$")
_LONGEST_TITLE = 400
_NO_TITLE = "…"


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """(start, line) of each line; one that is too long for a title is replaced by a text that is not a title."""
    start = 0
    for line in text.split("\n"):
        yield start, line if len(line) < _LONGEST_TITLE else _NO_TITLE
        start += len(line) + 1


def markdown_headings(text: str) -> list[Heading]:
    """ATX (`# x`) and setext (underlined) headings outside fenced code and front matter."""
    headings: list[Heading] = []
    fence = ""
    body = front_matter(text)[1]
    previous: tuple[int, str] = (0, "")
    for start, line in _lines(text):
        if start < body:
            continue
        mark = _FENCE.match(line)
        if mark and (not fence or (mark[1].startswith(fence) and not line.strip(" `~"))):
            fence = "" if fence else mark[1]
        elif not fence:
            if match := _MARKS.match(line):
                if title := _atx_title(line[match.end() :]):
                    headings.append(Heading(start, len(match[1]), title))
            elif (match := _SETEXT.match(line)) and _may_be_title(previous[1]):
                headings.append(Heading(previous[0], 1 if match[1][0] == "=" else 2, one_line(previous[1])))
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
    return one_line(rest)


def _may_be_title(line: str) -> bool:
    return (
        bool(line.strip())
        and line != _NO_TITLE
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


def read_text(source: Source) -> Iterator[Document]:
    """A plain text, unchanged except that embedded data is removed; a form feed starts a page."""
    yield _document(source, _text(source), [])


def read_markdown(source: Source) -> Iterator[Document]:
    """A Markdown text, titled by its front matter, else by its first heading of the highest level."""
    text = _text(source)
    yield _document(source, text, markdown_headings(text), front_matter(text)[0])


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
