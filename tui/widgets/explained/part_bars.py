"""A score as bars: the part that all texts share, the part of language, the part of meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

NAMES = {"shared": "all texts share", "language": "language", "meaning": "meaning"}
_LABEL, _NUMBER = 16, 8


def bar(share: float, width: int) -> str:
    """A bar of a share from -1 to 1 in at most `width` cells, in eighths of a cell; shaded below 0."""
    if share < 0:
        return "░" * round(min(1.0, -share) * width)
    eighths = round(min(1.0, share) * width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")


class PartBars(Widget):
    """Three bars on one scale, and their sum."""

    DEFAULT_CSS = "PartBars { height: 4; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"parts--shared", "parts--language", "parts--meaning", "parts--words"}
    parts: reactive[Mapping[str, float] | None] = reactive(None)
    words: reactive[str] = reactive("")

    def render(self) -> Text:
        """The bars, or the words shown instead."""
        quiet = self.get_component_rich_style("parts--words")
        if self.parts is None:
            return Text(self.words, quiet, end="")
        text = Text(no_wrap=True, overflow="crop", end="")
        room = max(4, self.content_size.width - _LABEL - _NUMBER)
        most = max(max(abs(value) for value in self.parts.values()), 1e-9)
        for name, label in NAMES.items():
            value = self.parts[name]
            text.append(f"{label:<{_LABEL}}", quiet)
            text.append(f"{value:+.3f} ", "bold")
            text.append(bar(value / most, room), self.get_component_rich_style(f"parts--{name}"))
            text.append("\n")
        text.append(f"{'score':<{_LABEL}}", quiet)
        text.append(f"{sum(self.parts.values()):+.3f}", "bold")
        return text
