"""Draws passages as points (language codes in colour) with a cursor, its neighbours, and a box or lasso."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from ...display import block, cut, flat, stroke
from .lasso import Lasso
from .marks import Mark, centre, in_turns

_DIM = Style(dim=True)
# The height of a cell in widths, about.
_TALL = 2.0
_RIGHT = 3


class Scatter(Widget, can_focus=True):
    """The map; arrows go from point to point, a click opens a passage.

    v opens a box, which arrows stretch; p begins a lasso and sets its corners; the mouse draws a box, or with ctrl or
    the right button a lasso.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(0, -1)", "Up", show=False, id="point.up", tooltip="The next point above"),
        Binding("down,j", "step(0, 1)", "Down", show=False, id="point.down", tooltip="The next point below"),
        Binding("left,h", "step(-1, 0)", "Left", show=False, id="point.left", tooltip="The next point to the left"),
        Binding("right,l", "step(1, 0)", "Right", show=False, id="point.right", tooltip="The next point to the right"),
        Binding("enter", "open", "Read", id="point.read", tooltip="Read the passage; select what a box or lasso holds"),
        Binding("v,space", "box", "Box", id="point.box", tooltip="Open a box, and select what is in it"),
        Binding("p", "lasso", "Lasso", id="point.lasso", tooltip="Draw a lasso: p sets a corner, ⏎ selects"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"scatter--query", "scatter--words", "scatter--cursor", "scatter--box"}
    marks: reactive[list[Mark]] = reactive(list)
    hits: reactive[list[int]] = reactive(list)
    words: reactive[str] = reactive("")
    cursor: reactive[int | None] = reactive(None)
    near: reactive[frozenset[int]] = reactive(frozenset)
    chosen: reactive[frozenset[int]] = reactive(frozenset)
    front: reactive[str] = reactive("")
    box: reactive[Region | Lasso | None] = reactive(None)

    class Picked(Message):
        """The user wants to read a passage."""

        def __init__(self, passage: int) -> None:
            super().__init__()
            self.passage = passage

    class Pointed(Message):
        """The cursor moved to another passage."""

        def __init__(self, scatter: Scatter, mark: Mark) -> None:
            super().__init__()
            self.scatter, self.mark = scatter, mark

    class Chosen(Message):
        """The passages in a box or lasso were taken."""

        def __init__(self, ids: frozenset[int]) -> None:
            super().__init__()
            self.ids = ids

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self._cells: dict[tuple[int, int], tuple[str, Style, Mark | None]] = {}
        self._corner: tuple[int, int] | None = None
        self._reach: tuple[int, int] | None = None
        self._path: list[tuple[int, int]] = []

    # -- the places of passages

    def place(self, mark: Mark, size: Size | None = None) -> tuple[int, int]:
        """The column and row of a passage; `size` saves looking up the content's size for many."""
        wide, tall = size or self.content_size
        column = min(wide - 2, int(mark.x * (wide - 2) + 0.5))
        return column, min(tall - 1, int((1 - mark.y) * (tall - 1) + 0.5))

    def _layout(self, size: Size) -> dict[tuple[int, int], tuple[str, Style, Mark | None]]:
        """The content of cells: (character, style, passage); of marks in one cell the most important is drawn."""
        cells: dict[tuple[int, int], tuple[str, Style, Mark | None]] = {}
        dark = self.app.current_theme.dark
        rank = {number: place for place, number in enumerate(self.hits)}
        pointed = self.get_component_rich_style("scatter--cursor")

        def weight(mark: Mark) -> tuple[bool, bool, bool, int]:
            lit = mark.id in self.near or mark.id in self.chosen
            return mark.id != self.cursor, not lit, mark.language != self.front, rank.get(mark.id, len(rank))

        content = self.content_size
        for mark in sorted(in_turns(self.marks), key=weight):
            column, row = self.place(mark, content)
            lit = mark.id in rank or mark.id in self.near or mark.id in self.chosen
            style = block(mark.language) if lit else stroke(mark.language, dark=dark)
            if mark.id in self.near or mark.id in self.chosen:
                style += Style(bold=True, underline=True)
            if mark.id == self.cursor:
                style = pointed
            elif self.front and mark.language != self.front and not lit:
                style += _DIM
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
                held = cells.get((row, column + offset))
                if held is None or held[2] is None or held[2].id != self.cursor:
                    cells[row, column + offset] = (character, style, None)
        return cells

    def render_lines(self, crop: Any) -> list[Strip]:
        """Compute the layout once for all lines."""
        self._cells = self._layout(self.size) if self.marks and self.size.width > 4 else {}
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the map, or of the words shown instead."""
        width, base = self.size.width, self.rich_style
        if not self.marks:
            style = base + self.get_component_rich_style("scatter--words", partial=True)
            lines = Text(flat(self.words), justify="center").wrap(self.app.console, width)
            at = y - (self.size.height - len(lines)) // 2
            words = lines[at].plain if 0 <= at < len(lines) else ""
            return Strip([Segment(words, style)]).adjust_cell_length(width, base)
        blank = (" ", Style.null(), None)
        inside = self.get_component_rich_style("scatter--box", partial=True)
        segments, empty = [], Segment(" ", base)
        for x in range(width):
            character, style, _ = self._cells.get((y, x), blank)
            if self.box is not None and self.box.contains(x, y):
                style, character = inside + style, "·" if character == " " else character
            segments.append(empty if style is blank[1] else Segment(character, base + style))
        return Strip(segments, width).simplify()

    # -- the cursor and the box

    def action_step(self, right: int, down: int) -> None:
        """Go to the nearest point in a direction; with a box or lasso open, move its open corner."""
        if self._reach is not None:
            x, y = self._reach
            self._stretch(x + 2 * right, y + down)
            return
        here = self._mark(self.cursor)
        if here is None:
            if self.marks:
                self._point(self._first())
            return
        content = self.content_size
        x, y = self.place(here, content)

        def cost(mark: Mark) -> float:
            to_x, to_y = self.place(mark, content)
            along = (to_x - x) * right + _TALL * (to_y - y) * down
            aside = abs((to_x - x) * down + _TALL * (to_y - y) * right)
            return along + 2 * aside if along > 0 and aside <= 3 * along else float("inf")

        # Of marks in one cell only one is visible.
        seen = {held[2].id: held[2] for held in self._layout(self.size).values() if held[2] is not None}
        best = min(seen.values(), key=cost, default=None)
        if best is not None and cost(best) < float("inf"):
            self._point(best)

    def _first(self) -> Mark:
        """Where the cursor begins: at the first result, or the mark nearest to the middle."""
        found = next((self._mark(number) for number in self.hits if self._mark(number)), None)
        return found or min(self.marks, key=lambda mark: (mark.x - 0.5) ** 2 + (mark.y - 0.5) ** 2)

    def _mark(self, number: int | None) -> Mark | None:
        return next((mark for mark in self.marks if mark.id == number), None)

    def _point(self, mark: Mark) -> None:
        self.cursor = mark.id
        self.post_message(self.Pointed(self, mark))

    def action_open(self) -> None:
        """Read the passage under the cursor; with a box or lasso open, take the passages in it."""
        if self._corner is not None:
            self._take_box()
        elif self.cursor is not None:
            self.post_message(self.Picked(self.cursor))

    def action_box(self) -> None:
        """Open a box at the cursor, or take the passages in the open box or lasso."""
        if self._corner is not None:
            self._take_box()
        elif self.marks:
            self._corner = self.place(self._mark(self.cursor) or self._first())
            self._stretch(self._corner[0] + 1, self._corner[1])

    def action_lasso(self) -> None:
        """Begin a lasso at the cursor, or set a corner of the open one."""
        if self._path and self._reach is not None:
            self._path.append(self._reach)
        elif self._corner is None and self.marks:
            self._corner = self.place(self._mark(self.cursor) or self._first())
            self._path = [self._corner]
            self._stretch(*self._corner)

    def drop_box(self) -> bool:
        """Drop the open box or lasso; returns whether there was one."""
        was = self._corner is not None
        self._corner = self._reach = self.box = None
        self._path = []
        return was

    def _stretch(self, x: int, y: int) -> None:
        assert self._corner is not None
        wide, tall = self.content_size
        x, y = max(0, min(wide - 1, x)), max(0, min(tall - 1, y))
        self._reach = x, y
        if self._path:
            self.box = Lasso([*self._path, self._reach])
            return
        left, top = min(x, self._corner[0]), min(y, self._corner[1])
        self.box = Region(left, top, abs(x - self._corner[0]) + 1, abs(y - self._corner[1]) + 1)

    def _take_box(self) -> None:
        box = self.box
        self.drop_box()
        if box is not None:
            content = self.content_size
            found = [mark.id for mark in self.marks if box.contains(*self.place(mark, content))]
            self.post_message(self.Chosen(frozenset(found)))

    # -- the mouse

    def _under(self, x: int, y: int) -> Mark | None:
        found = self._cells.get((y, x))
        return found[2] if found else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a box or a lasso."""
        place = event.get_content_offset(self)
        if place is not None and self.marks:
            self.drop_box()
            self._corner = place.x, place.y
            self._path = [self._corner] if event.ctrl or event.button == _RIGHT else []
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show the title of the passage under the pointer, or go on drawing."""
        place = event.get_content_offset_capture(self)
        if event.button and self._corner is not None and (place.x, place.y) != self._corner:
            self._stretch(place.x, place.y)
            if self._path and self._reach is not None:
                self._path.append(self._reach)
            return
        mark = self._under(place.x, place.y)
        self.tooltip = f"{mark.language}  {flat(mark.title)}".replace("[", r"\[") if mark else None

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Take the passages in the box or lasso; without one, point at a passage and open it."""
        self.release_mouse()
        if self.box is not None:
            self._take_box()
            return
        self.drop_box()
        place = event.get_content_offset_capture(self)
        mark = self._under(place.x, place.y)
        if mark is not None:
            self._point(mark)
            self.post_message(self.Picked(mark.id))
