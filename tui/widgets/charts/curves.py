"""Draws several curves in one frame, told apart by colour and by a number at their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from ...display import cut, flat
from .chart import Canvas, Point, smoothed

MOST = 6
_MARGIN = 8
_NAME = 24

Named = tuple[str, Sequence[Point]]


class Curves(Widget):
    """A legend, then the curves on common axes; each curve ends in its number in the legend."""

    DEFAULT_CSS = "Curves { height: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"curves--{number}" for number in range(1, MOST + 1)),
        "curves--words",
    }
    series: reactive[Sequence[Named]] = reactive(())
    smooth: reactive[bool] = reactive(False)
    """Whether a moving average is drawn instead of the values."""
    axis: reactive[str] = reactive("")
    """What the curves are drawn over."""
    empty: reactive[str] = reactive("")

    def render(self) -> Text:
        """The legend, the canvas, and the ends of the axis."""
        words = self.get_component_rich_style("curves--words")
        drawn = [(name, self._drawn(points)) for name, points in self.series if points][:MOST]
        legend = self._legend(drawn)
        width, height = self.content_size.width - _MARGIN, self.content_size.height - len(legend) - 1
        if not drawn or width < 8 or height < 2:
            return Text(self.empty, words, end="")
        text = Text(no_wrap=True, overflow="crop", end="")
        left, right = _reach([x for _, points in drawn for x, _ in points])
        low, high = _reach([y for _, points in drawn for _, y in points])
        canvas = Canvas(width, height)
        ends: dict[tuple[int, int], str] = {}
        for number, (_, points) in enumerate(drawn, start=1):
            style = self.get_component_rich_style(f"curves--{number}")
            placed = [((x - left) / (right - left), (y - low) / (high - low)) for x, y in points]
            for first, second in zip(placed, placed[1:] or placed, strict=False):
                canvas.line(first, second, style)
            x, y = placed[-1]
            place = min(height - 1, round((1 - y) * (height - 1))), min(width - 1, round(x * (width - 1)))
            while place in ends and place[1] > 0:
                place = place[0], place[1] - 1
            ends[place] = str(number)
        for line in legend:
            text.append_text(line)
            text.append("\n")
        for row in range(height):
            label = f"{high:.4g}" if row == 0 else f"{low:.4g}" if row == height - 1 else ""
            text.append(f"{label:>{_MARGIN - 1}} ", words)
            text.append_text(self._row(canvas, row, ends))
            text.append("\n")
        text.append(f"{'':{_MARGIN}}{_ends(left, right, self.axis, width)}", words)
        return text

    def _drawn(self, points: Sequence[Point]) -> list[Point]:
        return smoothed(points) if self.smooth else list(points)

    def _legend(self, drawn: Sequence[tuple[str, Sequence[Point]]]) -> list[Text]:
        """Numbers, names and last values, as many on a line as fit."""
        lines: list[Text] = [Text(no_wrap=True, end="")]
        for number, (name, points) in enumerate(drawn, start=1):
            style = self.get_component_rich_style(f"curves--{number}")
            part = Text.assemble((f"{number}━ {cut(flat(name), _NAME)} ", style), f"{points[-1][1]:.4g}   ")
            if lines[-1].cell_len and lines[-1].cell_len + part.cell_len > self.content_size.width:
                lines.append(Text(no_wrap=True, end=""))
            lines[-1].append_text(part)
        return lines

    def _row(self, canvas: Canvas, row: int, ends: dict[tuple[int, int], str]) -> Text:
        """A row of the canvas, with the numbers of curves that end in it."""
        line = canvas.row(row)
        for (at, column), number in ends.items():
            if at == row:
                style = self.get_component_rich_style(f"curves--{number}")
                before, after = line[:column], line[column + 1 :]
                line = Text.assemble(before, (number, style + type(style)(bold=True)), after, no_wrap=True, end="")
        return line


def _reach(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest value, moved apart if they are equal."""
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _ends(left: float, right: float, axis: str, width: int) -> str:
    """The line below the canvas: the ends of the axis, with its name in the middle."""
    first, last = f"{left:g}", f"{right:g}"
    room = width - len(first) - len(last)
    return f"{first}{axis:^{room}}{last}" if room > len(axis) else ""
