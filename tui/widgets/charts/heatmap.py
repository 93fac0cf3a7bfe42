"""A matrix of query language by passage language: numbers on colours that differ in lightness, not only in hue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from ...display import cut, fit, ink, tag_style

# Cividis, sampled: dark blue to yellow, ordered by lightness for every kind of colour vision.
LEVELS = ("#00224e", "#1d3664", "#434e6c", "#61656f", "#7d7c78", "#9b9476", "#bbae6c", "#dcc95c", "#fee838")
WORSE, EVEN, BETTER = "#c8511b", "#8d8f96", "#1f78c8"


@dataclass(frozen=True)
class Matrix:
    """Values by (query language, passage language); with `difference` 0 is the middle; `scale` is (low, high)."""

    languages: Sequence[str]
    values: Mapping[tuple[str, str], float | None]
    difference: bool = False
    scale: tuple[float, float] | None = None


def matrix_of(result: Mapping[str, object]) -> Matrix:
    """The mAP of a result in the child's form: `mono` by language, `cross` by "xx-yy"."""
    values: dict[tuple[str, str], float | None] = {}
    mono, cross = result["mono"], result["cross"]
    assert isinstance(mono, dict) and isinstance(cross, dict)
    for code, value in mono.items():
        values[code, code] = value
    languages = list(mono)
    for asked in languages:
        for read in languages:
            if asked != read:
                values[asked, read] = cross.get(f"{asked}-{read}")
    return Matrix(languages, values)


def on_one_scale(matrices: Sequence[Matrix]) -> list[Matrix]:
    """The matrices with a common scale, so that equal colours mean equal values."""
    known = [value for matrix in matrices for value in matrix.values.values() if value is not None]
    scale = (min(known), max(known)) if known else None
    return [replace(matrix, scale=scale) for matrix in matrices]


def difference(first: Matrix, second: Matrix) -> Matrix:
    """First − second where both have a value, else None."""
    values: dict[tuple[str, str], float | None] = {}
    for pair, value in first.values.items():
        other = second.values.get(pair)
        values[pair] = value - other if value is not None and other is not None else None
    return Matrix(first.languages, values, difference=True)


def shade(value: float, low: float, high: float, *, is_difference: bool) -> str:
    """The background of a value: a level of cividis, or for a difference a mixture with the colour of its sign."""
    if not is_difference:
        place = (value - low) / (high - low) if high > low else 1.0
        return LEVELS[max(0, min(len(LEVELS) - 1, int(place * len(LEVELS))))]
    most = max(abs(low), abs(high), 1e-9)
    return _mixed(EVEN, BETTER if value > 0 else WORSE, min(1.0, abs(value) / most))


def _mixed(first: str, second: str, share: float) -> str:
    parts = [(int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in parts)


class Heatmap(Widget, can_focus=True):
    """Rows are languages of questions, columns those of passages; values are hundredths.

    Args:
        encoder: whose values they are.
        against: the encoder subtracted, if they are differences; else "".
    """

    DEFAULT_CSS = "Heatmap { width: auto; height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Questions", id="heatmap.open", tooltip="The cell's questions, worst first"),
        Binding("up,k", "move(-1, 0)", "Up", show=False, id="heatmap.up", tooltip="The language above"),
        Binding("down,j", "move(1, 0)", "Down", show=False, id="heatmap.down", tooltip="The language below"),
        Binding("left,h", "move(0, -1)", "Left", show=False, id="heatmap.left", tooltip="The language to the left"),
        Binding("right,l", "move(0, 1)", "Right", show=False, id="heatmap.right", tooltip="The language to the right"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"heatmap--words"}
    matrix: reactive[Matrix | None] = reactive(None, layout=True)
    cursor: reactive[tuple[int, int]] = reactive((0, 0))

    class Opened(Message):
        """The user wants to see the questions of a cell."""

        def __init__(self, heatmap: Heatmap, asked: str, read: str) -> None:
            super().__init__()
            self.encoder, self.against, self.asked, self.read = heatmap.encoder, heatmap.against, asked, read

    def __init__(self, encoder: str = "", against: str = "") -> None:
        super().__init__()
        self.encoder, self.against = encoder, against

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor, within the matrix."""
        if self.matrix is not None:
            last = len(self.matrix.languages) - 1
            row, column = self.cursor
            self.cursor = max(0, min(last, row + down)), max(0, min(last, column + right))

    def action_open(self) -> None:
        """Open the cell under the cursor if it has a value."""
        if self.matrix is None or not self.matrix.languages:
            return
        asked, read = (self.matrix.languages[place] for place in self.cursor)
        if self.matrix.values.get((asked, read)) is None:
            self.notify("Nothing was measured here.", markup=False)
        else:
            self.post_message(self.Opened(self, asked, read))

    def on_click(self, event: events.Click) -> None:
        """Open the cell under the pointer."""
        place = event.get_content_offset_capture(self)
        row, column = place.y - 1, (place.x - 4) // self._cell
        known = len(self.matrix.languages) if self.matrix is not None else 0
        if 0 <= row < known and 0 <= column < known:
            self.cursor = row, column
            self.action_open()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    @property
    def _cell(self) -> int:
        return 4 if self.matrix is not None and self.matrix.difference else 3

    def get_content_width(self, container: object, viewport: object) -> int:
        """A tag and a cell for each language."""
        return 4 + self._cell * len(self.matrix.languages) if self.matrix else 1

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """A head and a line for each language."""
        return 1 + len(self.matrix.languages) if self.matrix else 1

    def render(self) -> Text:
        """Head and rows."""
        text = Text(no_wrap=True, overflow="crop", end="")
        if self.matrix is None:
            return text
        cell, codes = self._cell, self.matrix.languages
        known = [value for value in self.matrix.values.values() if value is not None]
        low, high = self.matrix.scale or ((min(known), max(known)) if known else (0.0, 1.0))
        text.append(fit("q╲p", 4), self.get_component_rich_style("heatmap--words"))
        for code in codes:
            text.append(f"{cut(code, cell - 1):>{cell - 1}} ", tag_style(code, dark=self.app.current_theme.dark))
        for asked in codes:
            text.append("\n")
            text.append(fit(f" {asked}", 4), tag_style(asked, dark=self.app.current_theme.dark))
            for read in codes:
                value = self.matrix.values.get((asked, read))
                pointed = self.has_focus and (codes[self.cursor[0]], codes[self.cursor[1]]) == (asked, read)
                if value is None:
                    quiet = self.get_component_rich_style("heatmap--words")
                    text.append(fit(" ·", cell), quiet + Style(reverse=pointed))
                    continue
                background = shade(value, low, high, is_difference=self.matrix.difference)
                style = Style(
                    color=ink(background), bgcolor=background, underline=asked == read, reverse=pointed, bold=pointed
                )
                text.append(number(value, cell, signed=self.matrix.difference), style)
        return text


def number(value: float, width: int, *, signed: bool) -> str:
    """Hundredths in a cell: " 80", "+12"; 1.00 is "100"."""
    shown = f"{value * 100:+.0f}" if signed else f"{value * 100:.0f}"
    return f"{shown:>{width - 1}} "[:width] if len(shown) < width else shown[:width]
