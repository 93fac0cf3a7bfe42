"""Draws a few series of numbers over steps as curves of braille dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

Point = tuple[float, float]
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_MARGIN = 7


class Canvas:
    """`width` by `height` cells of two by four dots; a cell has the style of the dot drawn last."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._cells = [[0] * width for _ in range(height)]
        self._styles: dict[tuple[int, int], Style] = {}

    def dot(self, x: float, y: float, style: Style) -> None:
        """Draw a dot at (x, y), both 0 to 1, from the lower left."""
        column = min(self.width * 2 - 1, max(0, int(x * (self.width * 2 - 1) + 0.5)))
        row = min(self.height * 4 - 1, max(0, int((1 - y) * (self.height * 4 - 1) + 0.5)))
        self._cells[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
        self._styles[row // 4, column // 2] = style

    def line(self, first: Point, second: Point, style: Style) -> None:
        """Draw dots from one point to another."""
        across = abs(first[0] - second[0]) * self.width * 2
        upward = abs(first[1] - second[1]) * self.height * 4
        steps = max(1, int(max(across, upward)))
        for step in range(steps + 1):
            share = step / steps
            self.dot(first[0] + (second[0] - first[0]) * share, first[1] + (second[1] - first[1]) * share, style)

    def row(self, row: int) -> Text:
        """One line of cells."""
        text = Text(no_wrap=True, end="")
        for column, dots in enumerate(self._cells[row]):
            text.append(chr(0x2800 + dots) if dots else " ", self._styles.get((row, column), Style.null()))
        return text


def smoothed(points: Sequence[Point], weight: float = 0.8) -> list[Point]:
    """An exponential moving average, corrected for the bias of its first values."""
    result, running, total = [], 0.0, 0.0
    for x, y in points:
        running, total = running * weight + y * (1 - weight), total * weight + (1 - weight)
        result.append((x, running / total))
    return result


class Chart(Widget):
    """Moving averages of values as lines, with names above and the range at the left."""

    DEFAULT_CSS = "Chart { height: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"chart--first", "chart--second", "chart--words"}
    series: reactive[Mapping[str, Sequence[Point]]] = reactive(dict)
    last: reactive[float] = reactive(1.0)
    empty: reactive[str] = reactive("")

    def render(self) -> Text:
        """The legend and the canvas."""
        words = self.get_component_rich_style("chart--words")
        series = {name: points for name, points in self.series.items() if points}
        width, height = self.content_size.width - _MARGIN, self.content_size.height - 1
        if not series or width < 8 or height < 1:
            return Text(self.empty, words, end="")
        text = Text(no_wrap=True, overflow="crop", end="")
        styles = [self.get_component_rich_style(f"chart--{each}") for each in ("first", "second")]
        values = [y for points in series.values() for _, y in points]
        low, high = min(values), max(values)
        room = (high - low) or 1.0
        canvas = Canvas(width, height)
        text.append(" " * _MARGIN)
        for (name, points), style in zip(series.items(), styles, strict=False):
            placed = [(x / max(1.0, self.last), (y - low) / room) for x, y in smoothed(points)]
            for first, second in zip(placed, placed[1:] or placed, strict=False):
                canvas.line(first, second, style)
            text.append(f"━ {name} ", style)
            text.append(f"{smoothed(points)[-1][1]:.3f}   ", words)
        for row in range(height):
            label = f"{high:.2f}" if row == 0 else f"{low:.2f}" if row == height - 1 else ""
            text.append(f"\n{label:>{_MARGIN - 1}} ", words)
            text.append_text(canvas.row(row))
        return text
