"""Shows where a passage and its translations rank, one line per encoder: the rank distance of one question."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from ...display import block, fit, stroke

# Cells that ranks need.
LEAST = 24
UNRANKED = "Ranks come with an answer."


@dataclass(frozen=True)
class Strips:
    """Ranks by language for each encoder, among `searched` passages; `language` is the shown passage's.

    `right` are the languages of known right answers.
    """

    ranks: Mapping[str, Mapping[str, int]]
    searched: int
    language: str
    right: frozenset[str] = frozenset()


def cell_of(rank: int, last: int, width: int) -> int:
    """The cell of a rank on a logarithmic axis from 1 to `last` in `width` cells."""
    return round(math.log(rank) / math.log(max(2, last)) * (width - 1)) if rank > 1 else 0


def places(ranks: Mapping[str, int], last: int, width: int, cells: int = 2) -> list[tuple[int, str]]:
    """(cell, code) of each mark in rank order; marks that would overlap are moved apart in order.

    If not all fit, those before the worst are left out.
    """
    ordered = sorted(ranks.items(), key=lambda item: (item[1], item[0]))
    room = max(1, width // cells)
    if len(ordered) > room:
        ordered = [*ordered[: room - 1], ordered[-1]]
    columns: list[int] = []
    for _, rank in ordered:
        wanted = min(cell_of(rank, last, width), width - cells)
        columns.append(max(wanted, columns[-1] + cells) if columns else wanted)
    limit = width - cells
    for index in range(len(columns) - 1, -1, -1):
        columns[index] = min(columns[index], limit)
        limit = columns[index] - cells
    return [(column, code) for column, (code, _) in zip(columns, ordered, strict=True)]


class RankStrip(Widget):
    """The axis and a line for each encoder."""

    DEFAULT_CSS = "RankStrip { height: auto; min-height: 1; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "strip--name",
        "strip--axis",
        "strip--number",
        "strip--words",
        "strip--right",
    }
    strips: reactive[Strips | None] = reactive(None, layout=True)
    words: reactive[str] = reactive(UNRANKED, layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One or two lines an encoder, and the axis; what the words need where there are no ranks."""
        if self.strips is None or not self._fits(width):
            return super().get_content_height(container, viewport, width)
        return (1 if self._low else 2) * len(self.strips.ranks) + 1

    def _fits(self, width: int) -> bool:
        return self.strips is not None and bool(self.strips.ranks) and width >= LEAST

    @property
    def _low(self) -> bool:
        """Whether the terminal has so few lines that name, marks and distance share one."""
        return self.screen.has_class("-short")

    def render(self) -> Text:
        """All lines."""
        width = self.content_size.width
        if self.strips is None or not self._fits(width):
            words = "Ranks need more room." if self.strips and self.strips.ranks else self.words
            return Text(words, self.get_component_rich_style("strip--words"), end="")
        text = Text(no_wrap=True, overflow="crop", end="")
        if self._low:
            return self._lines(width)
        for name, ranks in self.strips.ranks.items():
            text.append_text(self._heading(name, ranks, width))
            text.append("\n")
            text.append_text(self._line(ranks, width))
            text.append("\n")
        text.append_text(self._axis(width))
        return text

    def _lines(self, width: int) -> Text:
        """Name, marks and distance of each encoder on one line."""
        assert self.strips is not None
        text = Text(no_wrap=True, overflow="crop", end="")
        ranks = self.strips.ranks
        lead = min(7, max(cell_len(name) for name in ranks) + 1)
        numbers = {name: f" {max(each.values()) - min(each.values()):,}" for name, each in ranks.items()}
        tail = max(len(number) for number in numbers.values())
        room = width - lead - tail
        for name, each in ranks.items():
            text.append(fit(name, lead - 1) + " ", self.get_component_rich_style("strip--name"))
            text.append_text(self._line(each, room))
            text.append(f"{numbers[name]:>{tail}}\n", self.get_component_rich_style("strip--number"))
        text.append(" " * lead)
        text.append_text(self._axis(room))
        return text

    def _heading(self, name: str, ranks: Mapping[str, int], width: int) -> Text:
        """The encoder's name, the passage's rank, and the rank distance."""
        assert self.strips is not None
        line = Text(no_wrap=True, end="")
        words, number = self.get_component_rich_style("strip--words"), self.get_component_rich_style("strip--number")
        own = ranks.get(self.strips.language)
        best, worst = min(ranks.values()), max(ranks.values())
        tail = [
            (f"{worst:,}", words),
            (" − ", words),
            (f"{best:,}", words),
            (" = ", words),
            (f"{worst - best:,}", number),
        ]
        if len(ranks) < 2:
            tail = []
        here = f"rank {own:,}" if own else ""
        used = sum(len(part) for part, _ in tail) + len(here) + 2
        line.append(fit(name, max(4, width - used)), self.get_component_rich_style("strip--name"))
        line.append(f"{here}{'  ' if tail else ''}", words)
        for part, style in tail:
            line.append(part, style)
        return line

    def _line(self, ranks: Mapping[str, int], width: int) -> Text:
        """The marks on their axis, joined from the best to the worst."""
        assert self.strips is not None
        cells = 3 if len(ranks) * 3 <= width else 2
        marks = dict(places(ranks, self.strips.searched, width, cells))
        line = Text(no_wrap=True, end="")
        axis = self.get_component_rich_style("strip--axis")
        joined = stroke(self.strips.language, dark=self.app.current_theme.dark)
        position, first, last = 0, min(marks), max(marks)
        while position < width:
            code = marks.get(position)
            if code is None:
                line.append("━" if first < position < last else "╌", joined if first < position < last else axis)
                position += 1
                continue
            style = block(code)
            if code == self.strips.language:
                style += Style(underline=True)
            line.append(fit(code, 2), style)
            position += 2
            if code in self.strips.right and cells > 2 and position < width:
                line.append("★", self.get_component_rich_style("strip--right"))
                position += 1
        return line

    def _axis(self, width: int) -> Text:
        """The ranks 1, 10, 100 … and the last at their places."""
        assert self.strips is not None
        last, style = self.strips.searched, self.get_component_rich_style("strip--axis")
        ticks = [10**power for power in range(len(str(last))) if 10**power < last]
        drawn = " " * width
        end = f"{last:,}"
        for tick in ticks:
            label, cell = f"{tick:,}", cell_of(tick, last, width)
            if cell + len(label) < width - len(end):
                drawn = drawn[:cell] + label + drawn[cell + len(label) :]
        return Text(drawn[: width - len(end)] + end, style=style, no_wrap=True, end="")
