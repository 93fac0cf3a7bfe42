"""Passages by language, a bar for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from ....engine.languages import name as language_name
from ...display import fit, stroke
from .language_bar import tag


def bar(share: float, width: int) -> str:
    """A bar of `share` (0 to 1) of `width` cells, in steps of half a cell; never empty."""
    halves = max(1, round(share * width * 2))
    return "━" * (halves // 2) + "╸" * (halves % 2)


class LanguageBars(Widget):
    """A line for each language, in the order of `counts`."""

    DEFAULT_CSS = "LanguageBars { height: auto; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"bars--name", "bars--number"}
    counts: reactive[Mapping[str, int]] = reactive(dict, layout=True)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """One line a language."""
        return max(1, len(self.counts))

    def render(self) -> Text:
        """Tag, name, bar, count."""
        text = Text(no_wrap=True, overflow="crop", end="")
        if not self.counts:
            return text
        most = max(self.counts.values())
        names = min(14, max(cell_len(language_name(code)) for code in self.counts))
        digits = len(f"{most:,}")
        room = max(4, self.content_size.width - names - digits - 7)
        for code, number in self.counts.items():
            text.append(*tag(code))
            text.append(f" {fit(language_name(code), names)} ", self.get_component_rich_style("bars--name"))
            text.append(fit(bar(number / most, room), room), stroke(code, dark=self.app.current_theme.dark))
            text.append(f" {number:>{digits},}\n", self.get_component_rich_style("bars--number"))
        text.right_crop(1)
        return text
