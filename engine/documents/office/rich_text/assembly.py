"""Assembles an RTF document's paragraphs, notes, boxes and tables from its text in file order."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...building import Builder
from ..flow import LONGEST_ROW

# Notes nested more deeply than this are read as text of the note around them.
_MOST_STORIES = 100


@dataclass
class _Story:
    """The current paragraph of the text, a note or a box, and the texts that come after it."""

    pieces: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


class Assembly:
    """Puts the text into the builder in reading order as paragraphs, cells, rows and notes end."""

    def __init__(self) -> None:
        self.builder = Builder()
        self._stories = [_Story()]
        self._cells: list[str] = []
        self._cell: list[str] = []
        self._lines: list[str] = []

    def write(self, text: str) -> None:
        """Add text to the open paragraph."""
        self._stories[-1].pieces.append(text)

    def open_story(self) -> int:
        """Begin a note or box, and return how many are open now."""
        if len(self._stories) < _MOST_STORIES:
            self._stories.append(_Story())
        return len(self._stories) - 1

    def end_stories(self, still_open: int) -> None:
        """End all notes and boxes except `still_open`: they come after the paragraph that they are in."""
        while len(self._stories) - 1 > still_open:
            text = self._text()
            story = self._stories.pop()
            story.after.append(text)
            self._stories[-1].after += [each for each in story.after if each.strip()]

    def end_paragraph(self, level: int, *, in_table: bool) -> None:
        """End the paragraph; it is a heading if `level` is above 0, and left out if it is below."""
        text = self._text() if level >= 0 else self._text()[:0]
        if len(self._stories) > 1:
            self._stories[-1].after.append(text)
        elif in_table:
            self._cell.append(text)
        else:
            self._end_lines()
            if level:
                self.builder.heading(level, text)
            else:
                self.builder.paragraph(text)
            self._write_after()

    def end_cell(self) -> None:
        """End a cell of a table."""
        if len(self._stories) == 1:
            self._cell.append(self._text())
            self._cells.append("\n\n".join(each.strip() for each in self._cell if each.strip()))
            self._cell = []

    def end_row(self) -> None:
        """End a row: it is a line, unless it is so long that the table is layout."""
        if len(self._stories) > 1 or not (self._cells or self._cell):
            return
        if self._cell:
            self.end_cell()
        cells, self._cells = self._cells, []
        if sum(map(len, cells)) > LONGEST_ROW:
            self._end_lines()
            for cell in cells:
                for paragraph in cell.split("\n\n"):
                    self.builder.paragraph(paragraph)
        elif line := "\t".join(" ".join(cell.split()) for cell in cells).strip():
            self._lines.append(line)
        if self._stories[0].after:
            self._end_lines()
            self._write_after()

    def finish(self, level: int) -> None:
        """Close what is still open."""
        self.end_stories(0)
        self.end_row()
        self.end_paragraph(level, in_table=False)

    def _text(self) -> str:
        """The paragraph's text; pairs of surrogates are joined to characters."""
        story = self._stories[-1]
        text = "".join(story.pieces)
        story.pieces.clear()
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _write_after(self) -> None:
        after, self._stories[0].after = self._stories[0].after, []
        for each in after:
            self.builder.paragraph(each)

    def _end_lines(self) -> None:
        """Make the rows so far one paragraph of lines."""
        if self._cells:
            self.end_row()
        if self._lines:
            lines, self._lines = self._lines, []
            self.builder.paragraph("\n".join(lines))
