"""Reads TeX sources: sections and text; commands, comments and the preamble are left out, formulas unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..building import Builder
from ..decoding import decode
from ..model import Document, Heading, Source
from .tex_scanning import ITEM, XSPACE, Scanner

_TITLE = re.compile(r"\\title[ \t]{0,20}(?=[\[{])")
# A command of the author's own, without arguments.
_OWN = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|def)\*?\s{0,5}\{?\s{0,5}\\([A-Za-z@]{1,60})\s{0,5}\}?\s{0,5}(?=\{)"
)
_LONGEST_OWN = 500
_LONGEST_WORDS = 100
_DOCUMENT = re.compile(r"\\begin\s{0,5}\{document\}")


def read_tex(source: Source) -> Iterator[Document]:
    r"""A TeX or LaTeX source, titled by its `\title`."""
    text = decode(source.data)
    start = _DOCUMENT.search(text)
    preamble = text[: start.start()] if start else text[:20_000]
    own = _own(preamble) if start else {}
    title = ""
    if named := _TITLE.search(preamble) or _TITLE.search(text):
        title = _words(Scanner(named.string[named.end() : named.end() + 4000]).argument(0)[0], own)
    builder = Builder()
    _build(builder, text[start.end() :] if start else text, own)
    # The highest heading in the document gets level 1: a section if there are no chapters.
    lowest = min((heading.level for heading in builder.headings), default=1)
    builder.headings = [Heading(each.start, each.level - lowest + 1, each.title) for each in builder.headings]
    yield builder.document(source.path, title)


def _own(preamble: str) -> dict[str, str]:
    """The words that the author's own commands stand for."""
    own: dict[str, str] = {}
    for named in _OWN.finditer(preamble):
        meant = Scanner(preamble[named.end() : named.end() + _LONGEST_OWN]).argument(0)[0]
        # With \xspace, a space follows where a word does.
        words = " ".join(_words(meant, own).split())
        # Commands that stand for others, several times each, could grow without end.
        if len(words) <= _LONGEST_WORDS:
            own[named[1]] = words + (XSPACE if "\\xspace" in meant else "")
    return own


def _words(tex: str, own: Mapping[str, str]) -> str:
    return "".join(words for _, words in Scanner(tex, own).pieces())


def _build(builder: Builder, text: str, own: Mapping[str, str]) -> None:
    held: list[str] = []
    for level, piece in Scanner(text, own).pieces():
        if not level:
            held.append(piece)
            continue
        _paragraphs(builder, "".join(held))
        held = []
        builder.heading(level, _words(piece, own))
    _paragraphs(builder, "".join(held))


def _paragraphs(builder: Builder, text: str) -> None:
    for paragraph in re.split(r"\n[ \t]*\n\s*", _with_items(text)):
        builder.paragraph("\n".join(" ".join(line.split()) for line in paragraph.split("\n") if line.strip()))


def _with_items(text: str) -> str:
    """The text with each item on a line of its own.

    It uses no pattern that starts with white space, which would scan a long run again from each of its characters.
    """
    first, *others = text.split(ITEM)
    if not others:
        return text
    *between, last = others
    return "\n".join((first.rstrip(), *(each.strip() for each in between), last.lstrip()))
