"""The map of one encoder in a frame that says how mixed its languages are."""

from __future__ import annotations

from typing import Any

from textual.content import Content

from .marks import Mark, marks_of, only
from .scatter import Scatter


class Panel(Scatter):
    """A map that knows all its passages, and shows the ones kept by `filter`.

    Args:
        encoder: its name.
    """

    def __init__(self, encoder: str) -> None:
        super().__init__(classes="frame")
        self.encoder = encoder
        self.whole: list[Mark] = []
        self.kept: frozenset[int] | None = None
        self.border_title = Content(encoder)

    def show(self, data: dict[str, Any]) -> None:
        """Draw points, finished or still moving."""
        self.whole = marks_of(data)
        self.filter(self.kept)
        if "hits" in data:
            self.hits = data["hits"]
        same, chance = data["same"], data["chance"]
        self.border_subtitle = Content(f"same-language neighbours {same:.0%} (chance {chance:.0%})")

    def filter(self, kept: frozenset[int] | None) -> None:
        """Show only some passages, spread over the whole map; None for all."""
        self.kept = kept
        self.marks = self.whole if kept is None else only(self.whole, kept)

    def say(self, words: str) -> None:
        """Show words instead of points."""
        self.whole, self.marks = [], []
        self.words = words
