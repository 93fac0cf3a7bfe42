"""A ranked list: rank, movement, score, language, title, and a line around the best-matching sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..display import around, fit, flat
from .charts import tag

_FULL = 34
# Marks of judged passages, by grade, with their styles; each takes two cells.
MARKS = {2: ("★ ", "results--right"), 1: ("☆ ", "results--partly"), 0: ("✗ ", "results--wrong")}


@dataclass(frozen=True)
class Hit:
    """One result as the app shows it; `span` is that of the best-matching sentence in the text."""

    rank: int
    score: float
    id: int
    language: str
    title: str
    heading: str
    path: str
    text: str
    span: tuple[int, int] | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Hit:
        """From the child's plain data."""
        names = ("rank", "score", "id", "language", "title", "heading", "path", "text")
        return cls(**{name: data[name] for name in names})

    @classmethod
    def unseen(cls, number: int) -> Hit:
        """A passage of which only the id is known yet."""
        return cls(0, 0.0, number, "", "", "", "", "")

    @property
    def label(self) -> str:
        """The title, and the passage's heading if it differs."""
        title = flat(self.title) or flat(self.path)
        heading = flat(self.heading)
        return f"{title} › {heading}" if heading and heading.casefold() != title.casefold() else title


def movement(rank: int, reference: Mapping[int, int], passage: int) -> str:
    """A rank against the reference ranking: "▲3" is 3 places higher, "▼1" lower, "new" not there, "" the same."""
    if passage not in reference:
        return "new"
    moved = reference[passage] - rank
    return f"▲{moved}" if moved > 0 else f"▼{-moved}" if moved < 0 else ""


class Results(ScrollView, can_focus=True):
    """The list; keyboard and mouse move its cursor, which posts `Moved`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="results.up", tooltip="The result above"),
        Binding("down,j", "move(1)", "Down", show=False, id="results.down", tooltip="The result below"),
        Binding("home,g", "move(-100000)", "First", show=False, id="results.first", tooltip="The first result"),
        Binding("end,G", "move(100000)", "Last", show=False, id="results.last", tooltip="The last result"),
        Binding("enter", "open", "Read", id="results.open", tooltip="Read the passage in full"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "results--rank",
        "results--up",
        "results--down",
        "results--title",
        "results--score",
        "results--line",
        "results--sentence",
        "results--cursor",
        "results--same",
        "results--gutter",
        "results--right",
        "results--partly",
        "results--wrong",
    }
    hits: reactive[tuple[Hit, ...]] = reactive(())
    cursor: reactive[int] = reactive(-1)
    same: reactive[int | None] = reactive(None)
    reference: reactive[Mapping[int, int] | None] = reactive(None)
    grades: reactive[Mapping[int, int]] = reactive(dict)
    """What is judged: 0 wrong, 1 partly, 2 right, by passage."""

    class Moved(Message):
        """The cursor moved to another passage."""

        def __init__(self, results: Results, hit: Hit) -> None:
            super().__init__()
            self.results, self.hit = results, hit

    class Opened(Message):
        """The user wants to read a passage in full."""

        def __init__(self, hit: Hit) -> None:
            super().__init__()
            self.hit = hit

    def __init__(self) -> None:
        super().__init__()
        self._styles: dict[str, Style] = {}
        self._base = Style.null()

    @property
    def current(self) -> Hit | None:
        """The hit under the cursor."""
        return self.hits[self.cursor] if 0 <= self.cursor < len(self.hits) else None

    @property
    def _lines(self) -> int:
        return 2 if self.scrollable_content_region.width >= _FULL else 1

    def show(self, hits: Sequence[Hit]) -> None:
        """Show another ranking, from its top."""
        self.cursor = -1
        self.hits = tuple(hits)
        self.scroll_to(0, 0, animate=False)

    def put_span(self, passage: int, span: tuple[int, int]) -> None:
        """Show a passage's line around its best-matching sentence."""
        if any(hit.id == passage and hit.span != span for hit in self.hits):
            changed = tuple(replace(hit, span=span) if hit.id == passage else hit for hit in self.hits)
            self.set_reactive(Results.hits, changed)
            self.refresh()

    def watch_hits(self) -> None:
        """Update the scrollable size to the list's length."""
        self._measure()

    def on_resize(self, _: events.Resize) -> None:
        """Update the scrollable size: a narrow list has one line for each result instead of two."""
        self._measure()

    def _measure(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, len(self.hits) * self._lines)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor, within the list."""
        if self.hits:
            wanted = self.cursor + by if self.cursor >= 0 else 0
            self.point_at(max(0, min(len(self.hits) - 1, wanted)))

    def action_open(self) -> None:
        """Read the passage under the cursor."""
        if self.current is not None:
            self.post_message(self.Opened(self.current))

    def point_at(self, index: int) -> None:
        """Put the cursor on a result and bring it into view."""
        self.cursor = index
        lines = self._lines
        self.scroll_to_region(Region(0, index * lines, 1, lines), animate=False)
        if self.current is not None:
            self.post_message(self.Moved(self, self.current))

    def on_focus(self) -> None:
        """Set the cursor when the list gets the focus."""
        if self.hits and self.cursor < 0:
            known = next((index for index, hit in enumerate(self.hits) if hit.id == self.same), 0)
            self.point_at(known)

    def on_click(self, event: events.Click) -> None:
        """Point with a click, read with a double click."""
        index = (event.get_content_offset_capture(self).y + self.scroll_offset.y) // self._lines
        if 0 <= index < len(self.hits):
            self.point_at(index)
            if event.chain == 2:
                self.action_open()

    # -- drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """Look the styles up once for all lines."""
        self._base = self.rich_style
        self._styles = {name: self.get_component_rich_style(name, partial=True) for name in self.COMPONENT_CLASSES}
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the list."""
        width, base = self.scrollable_content_region.width, self._base
        row, line = divmod(y + self.scroll_offset.y, self._lines)
        if not 0 <= row < len(self.hits):
            return Strip.blank(width, base)
        hit = self.hits[row]
        pointed = row == self.cursor and self.has_focus
        same = hit.id == self.same
        if pointed or same:
            base += self._style("results--cursor" if pointed else "results--same")
        parts = self._second(hit, width - 1) if line else self._first(hit, width - 1)
        gutter = ("▌" if pointed or same else " ", self._style("results--gutter"))
        segments = [Segment(text, base + style) for text, style in [gutter, *parts]]
        return Strip(segments).adjust_cell_length(width, base).crop(0, width)

    def _style(self, name: str) -> Style:
        return self._styles[name]

    def _first(self, hit: Hit, width: int) -> list[tuple[str, Style]]:
        moved = movement(hit.rank, self.reference, hit.id) if self.reference is not None else ""
        moved_style = self._style("results--up" if moved.startswith(("▲", "new")) else "results--down")
        parts = [(f"{hit.rank:>2} ", self._style("results--rank"))]
        if self.grades:
            mark, style = MARKS.get(self.grades.get(hit.id, -1), ("  ", "results--rank"))
            parts.append((mark, self._style(style)))
        # Numbers come before text: terminals disagree on the width of some scripts, which shifts what follows.
        if self.reference is not None:
            parts.append((f"{moved:>3} ", moved_style))
        if self._lines == 2:
            parts += [(f"{hit.score:5.3f} ", self._style("results--score")), tag(hit.language), (" ", Style())]
        else:
            parts += [(fit(hit.language, 2), tag(hit.language)[1]), (" ", Style())]
        used = sum(len(text) for text, _ in parts)
        return [*parts, (fit(hit.label, width - used), self._style("results--title"))]

    def _second(self, hit: Hit, width: int) -> list[tuple[str, Style]]:
        indent = 3
        start, end = hit.span or (0, 0)
        line, left, right = around(hit.text, start, end, width - indent - 1)
        sentence = self._style("results--sentence" if hit.span else "results--line")
        quiet = self._style("results--line")
        return [(" " * indent, quiet), (line[:left], quiet), (line[left:right], sentence), (line[right:], quiet)]
