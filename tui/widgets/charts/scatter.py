"""Passages as points: each its language's code in its language's colour; results stand out, the question is marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from ...display import block, cut, flat, stroke


@dataclass(frozen=True)
class Mark:
    """One passage on the map, x and y from 0 to 1."""

    x: float
    y: float
    language: str
    id: int
    title: str


def marks_of(data: Mapping[str, Any]) -> list[Mark]:
    """The passages of a map as the child gives it."""
    rows = zip(data["points"], data["languages"], data["ids"], data["titles"], strict=True)
    return [Mark(x, y, language, number, title) for (x, y), language, number, title in rows]


def centre(marks: list[Mark], hits: list[int]) -> tuple[float, float] | None:
    """Where the question is drawn: the middle of its three nearest passages; None where none of them is drawn."""
    by_id = {mark.id: mark for mark in marks}
    near = [by_id[number] for number in hits if number in by_id][:3]
    if not near:
        return None
    return sum(mark.x for mark in near) / len(near), sum(mark.y for mark in near) / len(near)


class Scatter(Widget, can_focus=True):
    """The map; a point tells its title when the pointer is over it, and is read with a click."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"scatter--query", "scatter--words"}
    marks: reactive[list[Mark]] = reactive(list)
    hits: reactive[list[int]] = reactive(list)
    words: reactive[str] = reactive("")

    class Picked(Message):
        """A passage is to be read."""

        def __init__(self, passage: int) -> None:
            super().__init__()
            self.passage = passage

    def _layout(self, size: Size) -> dict[tuple[int, int], tuple[str, Style, Mark | None]]:
        """What stands in which cell: (character, style, passage)."""
        cells: dict[tuple[int, int], tuple[str, Style, Mark | None]] = {}
        dark = self.app.current_theme.dark
        rank = {number: place for place, number in enumerate(self.hits)}
        ordered = sorted(self.marks, key=lambda mark: rank.get(mark.id, len(rank)))
        for mark in ordered:
            column = min(size.width - 2, int(mark.x * (size.width - 2) + 0.5))
            row = min(size.height - 1, int((1 - mark.y) * (size.height - 1) + 0.5))
            hit = mark.id in rank
            style = block(mark.language) if hit else stroke(mark.language, dark=dark)
            code = f"{cut(mark.language, 2):<2}"
            here, there = (row, column), (row, column + 1)
            if here not in cells and there not in cells:
                cells[here], cells[there] = (code[0], style, mark), (code[1], style, mark)
            elif here not in cells:
                cells[here] = ("•", style, mark)
        at = centre(self.marks, self.hits)
        if at is not None:
            column, row = int(at[0] * (size.width - 3) + 0.5), int((1 - at[1]) * (size.height - 1) + 0.5)
            style = self.get_component_rich_style("scatter--query")
            for offset, character in enumerate(" ? "):
                cells[row, column + offset] = (character, style, None)
        return cells

    def render_lines(self, crop: Any) -> list[Strip]:
        """Lay out once for all lines."""
        self._cells = self._layout(self.size) if self.marks and self.size.width > 4 else {}
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the map, or the words that stand in for it."""
        width, base = self.size.width, self.rich_style
        if not self.marks:
            words = cut(self.words, width) if y == self.size.height // 2 else ""
            style = base + self.get_component_rich_style("scatter--words", partial=True)
            return Strip([Segment(f"{words:^{width}}"[:width], style)]).adjust_cell_length(width, base)
        blank = (" ", Style.null(), None)
        row = [self._cells.get((y, x), blank) for x in range(width)]
        return Strip([Segment(character, base + style) for character, style, _ in row]).simplify()

    def _under(self, x: int, y: int) -> Mark | None:
        found = getattr(self, "_cells", {}).get((y, x))
        return found[2] if found else None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell what is under the pointer."""
        mark = self._under(event.x, event.y)
        self.tooltip = f"{mark.language}  {flat(mark.title)}".replace("[", r"\[") if mark else None

    def on_click(self, event: events.Click) -> None:
        """Read what is under the pointer."""
        mark = self._under(event.x, event.y)
        if mark is not None:
            self.post_message(self.Picked(mark.id))
