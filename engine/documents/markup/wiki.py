"""Reads dumps and exports of MediaWiki (Wikipedia): a document a page, its wikitext without templates and marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from ..building import Builder
from ..decoding import clean
from ..model import Document
from .tree import Node

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_NOTE = re.compile(r"<(/?)(ref|gallery|timeline|imagemap|templatestyles|score|graph)(?=[\s/>])[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_BRACES = re.compile(r"\{\{|\}\}")
_LINK = re.compile(r"\[\[([^\[\]|]*+)(?:\|([^\[\]]*+))?\]\]")
_ADDRESS = re.compile(r"\[(?:https?:)?//[^\s\[\]]++ ?([^\[\]\n]*+)\]")
_EMPHASIS = re.compile(r"'{2,5}")
_HEADING = re.compile(r"(={1,6})([^\n]+?)\1\s*$")
_MAGIC = re.compile(r"__[A-Z]{3,30}__")
_ITEM = re.compile(r"^[*#:;]+\s*")
_CELLS = re.compile(r"\|\||!!")
# The numbers of the namespaces whose links show nothing where they stand, and their names in English.
_SHOWN_ELSEWHERE = {"6": "file image", "14": "category"}
# Links to the same page in another language.
_OTHER_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]+)?")
# Pictures within captions within pictures.
_DEEPEST_LINK = 6


def pages(wiki: Node, path: Path) -> Iterator[Document]:
    """The pages of a dump, each in its last version; those that only lead to another are left out."""
    elsewhere = _elsewhere(wiki)
    number = 0
    for page in (kid for kid in wiki.kids if isinstance(kid, Node) and kid.name == "page"):
        number += 1
        title = page.first("title")
        texts = [node for node in page.nodes() if node.name == "text"]
        if page.first("redirect") or not texts:
            continue
        builder = Builder()
        _read(builder, clean(texts[-1].text()), elsewhere)
        if builder.parts:
            yield builder.document(path, title.text() if title else "", f"page {number}")


def _elsewhere(wiki: Node) -> frozenset[str]:
    names = {name for number in _SHOWN_ELSEWHERE.values() for name in number.split()}
    for node in wiki.nodes():
        if node.name == "page":
            break
        if node.name == "namespace" and node.fact("key") in _SHOWN_ELSEWHERE:
            names.add(node.text().strip().casefold())
    return frozenset(names)


def _read(builder: Builder, text: str, elsewhere: frozenset[str]) -> None:
    text = _without_templates(_without_notes(_COMMENT.sub("", text)))
    for _ in range(_DEEPEST_LINK):
        text, links = _LINK.subn(lambda link: _shown(link, elsewhere), text)
        if not links:
            break
    text = _TAG.sub("", _BREAK.sub("\n", _ADDRESS.sub(lambda link: link[1], text)))
    text = unescape(_MAGIC.sub("", _EMPHASIS.sub("", text)))
    lines: list[str] = []

    def end() -> None:
        builder.paragraph("\n".join(lines))
        lines.clear()

    for line in map(str.strip, text.split("\n")):
        if heading := _HEADING.match(line):
            end()
            builder.heading(len(heading[1]), heading[2])
        elif not line or line.startswith(("{|", "|}", "|-", "----")):
            end()
        elif words := _row(line) if line[0] in "|!" else _ITEM.sub("", line):
            lines.append(words)
    end()


def _shown(link: re.Match[str], elsewhere: frozenset[str]) -> str:
    """The words that a link shows."""
    target, words = link.groups()
    space, colon, _ = target.partition(":")
    if colon and (space.strip().casefold() in elsewhere or _OTHER_LANGUAGE.fullmatch(space)):
        return ""
    return words.rpartition("|")[2] if words else target.lstrip(":").partition("#")[0] or target


def _row(line: str) -> str:
    """The cells in a line of a table, without their layout."""
    cells = (cell.strip() for cell in _CELLS.split(line.lstrip("|!+")))
    return "\t".join(filter(None, (cell.rpartition("|")[2].strip() if "=" in cell else cell for cell in cells)))


def _without_templates(text: str) -> str:
    """The text outside {{…}}, however nested; braces that are never closed stay."""
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    for match in _BRACES.finditer(text):
        if match[0] == "{{":
            opened.append(match.start())
        elif opened:
            _take(spans, opened.pop(), match.end())
    return _outside(text, spans)


def _without_notes(text: str) -> str:
    """The text without notes and what draws pictures; a tag that is never closed takes no text with it."""
    spans: list[tuple[int, int]] = []
    name, start = "", 0
    for match in _NOTE.finditer(text):
        if match[0].endswith("/>"):
            spans.append(match.span())
        elif not match[1]:
            name, start = match[2].lower(), match.start()
        elif match[2].lower() == name:
            _take(spans, start, match.end())
            name = ""
    return _outside(text, spans)


def _take(spans: list[tuple[int, int]], start: int, end: int) -> None:
    """Add a span, which holds those that begin within it."""
    while spans and spans[-1][0] > start:
        spans.pop()
    spans.append((start, end))


def _outside(text: str, spans: list[tuple[int, int]]) -> str:
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True))
