"""Jump: every pane of the screen below gets a letter; pressing it goes there."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from ...widgets import Keys
from .dialog import Dialog

# The home row comes first.
LETTERS = "asdfghjklqwertyuiopzxcvbnm"


class Jump(Dialog[Widget | None]):
    """Returns the chosen pane, or None.

    Args:
        about: the screen whose panes are marked.
    """

    CSS_PATH = "jump.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+o", "dismiss(None)", "Stay", id="jump.stay", tooltip="Stay where you were"),
    ]

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        panes = [each for each in about.focus_chain if each.region and each.region.overlaps(about.region)]
        panes.sort(key=lambda each: (each.region.y, each.region.x))
        self._drawn_for = about.size
        self._panes = dict(zip(LETTERS, panes, strict=False))

    def compose(self) -> ComposeResult:
        """A letter at the corner of each pane."""
        for letter, pane in self._panes.items():
            mark = Static(f" {letter} ", classes="letter", markup=False)
            mark.absolute_offset = Offset(pane.region.x, pane.region.y)
            yield mark
        yield Keys()

    def on_resize(self, event: events.Resize) -> None:
        """Close if the terminal's size has changed, since the panes have moved."""
        if self.is_current and event.size != self._drawn_for:
            self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """Go to the pane of that letter."""
        pane = self._panes.get(event.key)
        if pane is not None:
            event.stop()
            self.dismiss(pane)
