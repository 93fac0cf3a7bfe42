"""Puts paragraphs, boxes, notes and tables, however nested, into reading order without recursion.

A paragraph's own text comes first, then the boxes and notes in it. A row of a table is a line, its cells separated by
tabs; a row with longer text is layout and becomes paragraphs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ..tables import by_language

# A row with more characters than this is not a line of a table: the table lays out a page.
LONGEST_ROW = 1000

PARAGRAPH, BOX, CELL, ROW, TABLE = "paragraph", "box", "cell", "row", "table"


@dataclass(slots=True)
class Block:
    """A piece of the text: a heading of `level`, or a paragraph if that is 0."""

    level: int
    text: str


@dataclass(slots=True)
class Frame:
    """An open element: its inline pieces (for a table its last lines), and the blocks that it will give."""

    kind: str
    pieces: list[str] = field(default_factory=list)
    blocks: deque[Block] = field(default_factory=deque)
    cells: list[deque[Block]] = field(default_factory=list)
    level: int = 0
    style: str = ""
    gap: bool = False


class Flow:
    """Follows the elements of a document as they open and close, and calls `put` with the blocks in reading order."""

    def __init__(self, put: Callable[[Block], None]) -> None:
        self._put = put
        self._frames: list[Frame] = []
        self.taken = 0

    @property
    def paragraph(self) -> Frame | None:
        """The innermost open element if it is a paragraph, else None."""
        return self._frames[-1] if self._frames and self._frames[-1].kind == PARAGRAPH else None

    def write(self, text: str) -> None:
        """Add text to the open paragraph; text outside one is white space between elements and dropped."""
        if text and self._frames and self._frames[-1].kind == PARAGRAPH:
            frame = self._frames[-1]
            if frame.gap:
                frame.gap = False
                if frame.pieces and _would_glue(frame.pieces[-1][-1], text[0]):
                    frame.pieces.append(" ")
            frame.pieces.append(text)
            self.taken += 1

    def add(self, blocks: deque[Block]) -> None:
        """Add blocks from elsewhere: after the open paragraph if there is one, else here."""
        self.taken += len(blocks)
        self._give(blocks)

    def open(self, kind: str) -> None:
        """Begin a paragraph, box, cell, row or table."""
        self._frames.append(Frame(kind))

    def part(self) -> None:
        """Mark that the text before and after this place belongs to different words."""
        if frame := self.paragraph:
            frame.gap = True

    def close(self) -> None:
        """End the innermost open element."""
        if self._frames:
            self._finish(self._frames.pop())

    def drop_row(self) -> None:
        """Discard the content of the open row."""
        if self._frames and self._frames[-1].kind == ROW:
            self._frames[-1].cells.clear()
            self._frames[-1].blocks.clear()

    def finish(self) -> None:
        """Close all open elements."""
        while self._frames:
            self._finish(self._frames.pop())

    def _finish(self, frame: Frame) -> None:
        match frame.kind:
            case "paragraph":
                text = "".join(frame.pieces)
                if text.strip():
                    frame.blocks.appendleft(Block(frame.level, text))
                self._give(frame.blocks)
            case "cell" if self._frames and self._frames[-1].kind == ROW:
                self._frames[-1].cells.append(frame.blocks)
            case "row":
                self._finish_row(frame)
            case "table":
                self._end_lines(frame)
                self._give(frame.blocks)
            case _:
                self._give(frame.blocks)

    def _finish_row(self, row: Frame) -> None:
        length = 0
        for block in (block for cell in row.cells for block in cell):
            length += len(block.text)
            if length > LONGEST_ROW or block.level > 0:
                for blocks in row.cells:
                    self._give(blocks)
                self._give(row.blocks)
                return
        cells = [" ".join(" ".join(block.text.split()) for block in blocks) for blocks in row.cells]
        line = "\t".join(cells).strip()
        if line and self._frames and self._frames[-1].kind == TABLE:
            self._frames[-1].pieces.append(line)
        elif line:
            row.blocks.appendleft(Block(0, line))
        self._give(row.blocks)

    def _give(self, blocks: deque[Block]) -> None:
        """Add blocks to the open element around them; the shorter list moves, so that no depth takes quadratic time."""
        if not blocks:
            return
        if not self._frames:
            for block in blocks:
                self._put(block)
            return
        outer = self._frames[-1]
        if outer.kind == TABLE:
            self._end_lines(outer)
        if len(blocks) > len(outer.blocks):
            blocks.extendleft(reversed(outer.blocks))
            outer.blocks = blocks
        else:
            outer.blocks.extend(blocks)

    def _end_lines(self, table: Frame) -> None:
        """Make the rows so far one paragraph of lines, or one for each language."""
        if table.pieces:
            table.blocks.extend(Block(0, text) for text in by_language(table.pieces))
            table.pieces = []


def _would_glue(before: str, after: str) -> bool:
    """Whether two letters of different words would join into one word; Chinese and Japanese need no space."""
    return before.isalnum() and after.isalnum() and max(before, after) < "\u2e80"
