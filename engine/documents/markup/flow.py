"""Turns a tree into text: blocks become paragraphs; headings keep levels, rows cells, and code its lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice

from ..building import Builder, one_line
from .tree import Node, words

_DATA_URI = re.compile(r"data:[\w/+.-]*+(?:;[\w=-]++)*+,[A-Za-z0-9+/=%_.-]{20,}+")
_PERMALINKS = frozenset(("¶", "#", "§", "🔗"))
_LONGEST_MARK = 5
_MOST_IN_MARK = 8
_MARK_CLASSES = words(
    """
    headerlink hash-link viewcode-link mw-editsection mw-cite-backlink linenos linenodiv lineno rouge-gutter
    pagenum pageno copybtn copy-btn copy-button btn-copy btn-clipboard copy-code-button
    """
)
_NOTE = re.compile(r"\[\w{1,3}\]")
_NUMBER = re.compile(r"\d{1,4}|[a-z]|[ivxl]{1,6}")
_PAGE_BREAKS = words("pagebreak doc-pagebreak")
_NOTE_LINKS = words("noteref doc-noteref")
_LONGEST_HEADING = 300
_LONGEST_ROW = 600
_MOST_IN_ROW = 500
_MOST_IN_HEADING = 50
_BREAK, _CELL = "\x00", "\x01"


@dataclass(frozen=True)
class Names:
    """The elements of a vocabulary by name and role; all others are part of a line of text.

    The `cells` of a short row are in one line, separated by tabs; `spaces` only separate words.
    """

    blocks: frozenset[str]
    rows: frozenset[str] = frozenset(("tr", "row"))
    cells: frozenset[str] = frozenset(("td", "th", "entry"))
    code: frozenset[str] = frozenset(("pre",))
    breaks: frozenset[str] = frozenset(("br",))
    spaces: frozenset[str] = frozenset()


@dataclass
class _Flow:
    names: Names
    headings: dict[Node, int]
    left_out: Collection[Node]
    blocks: Collection[Node]
    builder: Builder = field(default_factory=Builder)
    buffer: list[str] = field(default_factory=list)
    level: int = 0
    code: int = 0
    line: Node | None = None

    def run(self, root: Node) -> Builder:
        # An explicit stack instead of recursion: a file may nest to any depth.
        path: list[tuple[Node, Iterator[Node | str]]] = [(root, iter(root.kids))]
        self._start(root)
        while path:
            node, kids = path[-1]
            kid = next(kids, None)
            if kid is None:
                path.pop()
                self._end(node)
            elif isinstance(kid, str):
                self._text(kid)
            elif kid not in self.left_out:
                self._start(kid)
                path.append((kid, iter(kid.kids)))
        self._flush()
        return self.builder

    def _start(self, node: Node) -> None:
        names = self.names
        if node.name in names.breaks:
            self.buffer.append(_BREAK)
        elif self.line is not None:
            self.buffer.append(_CELL if node.name in names.cells else " " if self._parts(node) else "")
        elif node in self.headings:
            self._flush()
            self.level = self.headings[node]
            if _is_title_in_parts(node):
                self.line = node
        elif node.name in names.cells:
            self._flush()
        elif node.name in names.rows and self._is_line(node):
            self._flush()
            self.line = node
        elif self._parts(node):
            self._flush()
            self.code += node.name in names.code
        elif node.name in names.spaces:
            self.buffer.append(" ")

    def _end(self, node: Node) -> None:
        names = self.names
        if node is self.line:
            self._flush()
            self.line, self.level = None, 0
        elif self.line is not None:
            if self._parts(node):
                self.buffer.append(" ")
        elif node in self.headings or node.name in names.cells or self._parts(node):
            self._flush()
            self.level = 0
            self.code -= node.name in names.code
        elif node.name in names.spaces:
            self.buffer.append(" ")

    def _parts(self, node: Node) -> bool:
        return node.name in self.names.blocks or node.name in self.names.code or node in self.blocks

    def _text(self, text: str) -> None:
        if "data:" in text:
            text = _DATA_URI.sub(" ", text)
        self.buffer.append(text)

    def _flush(self) -> None:
        if not self.buffer:
            return
        raw, self.buffer = "".join(self.buffer), []
        if self.code:
            self.builder.paragraph(
                "\n".join(line.rstrip() for line in raw.replace(_BREAK, "\n").split("\n")).strip("\n")
            )
            return
        if not raw.strip(" \t\n\f" + _BREAK + _CELL):
            return
        if self.level:
            level, self.level = self.level, 0
            title = one_line(raw.replace(_BREAK, " ").replace("¶", ""))
            if len(title) <= _LONGEST_HEADING:
                self.builder.heading(level, title)
                return
        self.builder.paragraph("\n".join(_line(line) for line in raw.split(_BREAK)))

    def _is_line(self, row: Node) -> bool:
        """Whether a row is data, written in one line, and not a part of a page's layout."""
        length = 0
        for count, each in enumerate(row.nodes()):
            length += sum(len(kid) for kid in each.kids if isinstance(kid, str))
            if count > _MOST_IN_ROW or length > _LONGEST_ROW or (count and each.name in self.names.rows):
                return False
            if each in self.headings or each.name in self.names.code:
                return False
        return True


def _line(line: str) -> str:
    return "\t".join(cell for each in line.split(_CELL) if (cell := one_line(each)))


def _is_title_in_parts(heading: Node) -> bool:
    """Whether a heading consists of paragraphs; one with its own text before them was left unclosed."""
    whole = all(isinstance(kid, Node) or kid.isspace() for kid in heading.kids)
    length = 0
    for count, each in enumerate(heading.nodes()):
        length += sum(len(kid) for kid in each.kids if isinstance(kid, str))
        if count > _MOST_IN_HEADING or length > _LONGEST_HEADING:
            return False
    return whole


def is_mark(node: Node) -> bool:
    """Whether an element within text holds none of its words: a link beside a heading, "[1]" for a note, a page number.

    So do the links by which a heading is edited, and the numbers beside lines of code.
    """
    if node.name == "sup":
        inside = [kid for kid in node.kids if isinstance(kid, Node) or not kid.isspace()]
        return len(inside) == 1 and isinstance(inside[0], Node) and _leads_to_note(inside[0], raised=True)
    if not node.facts:
        return False
    if not _MARK_CLASSES.isdisjoint(node.fact("class").split()):
        return True
    kinds = {node.fact("type"), node.fact("epub:type"), node.fact("role")}
    if kinds & _PAGE_BREAKS:
        return True
    raised = bool(kinds & _NOTE_LINKS) or any(isinstance(kid, Node) and kid.name == "sup" for kid in node.kids)
    return _leads_to_note(node, raised=raised)


def _leads_to_note(node: Node, *, raised: bool) -> bool:
    """Whether an element is a link with only a mark; `raised`: a number or letter without brackets is one, too."""
    if node.name != "a" or "href" not in node.facts:
        return False
    if len(list(islice(node.nodes(), _MOST_IN_MARK + 1))) > _MOST_IN_MARK:
        return False
    text = node.text().strip().strip("\u200b\ufeff")
    if "#" not in node.facts["href"]:
        return text in _PERMALINKS
    if raised and _NUMBER.fullmatch(text):
        return True
    return len(text) <= _LONGEST_MARK and (not any(map(str.isalnum, text)) or bool(_NOTE.fullmatch(text)))


def flow(
    root: Node,
    names: Names,
    headings: dict[Node, int],
    left_out: Collection[Node] = (),
    blocks: Collection[Node] = (),
) -> Builder:
    """The text of a tree, with its headings.

    Args:
        root: the tree.
        names: what its elements are.
        headings: the elements that are headings, with their levels.
        left_out: the elements to skip, with everything below them.
        blocks: elements that are paragraphs whatever their names.

    """
    return _Flow(names, headings, left_out, blocks).run(root)
