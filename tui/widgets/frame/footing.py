"""The line at the bottom: what the keys do here, and at any width the keys for help, palette and quit."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from .keys import Keys


class Always(Widget):
    """A key that works everywhere; a click presses it.

    Args:
        key: its name in the app.
        shown: its name for people.
        words: what it does.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"always--key"}
    DEFAULT_CSS = """
    Always { width: auto; height: 1; padding: 0 1 0 0; color: $footer-description-foreground; }
    Always:hover { text-style: underline; }
    Always > .always--key { color: $footer-key-foreground; text-style: bold; }
    """

    def __init__(self, key: str, shown: str, words: str) -> None:
        super().__init__()
        self._key, self._shown, self._words = key, shown, words

    def render(self) -> Text:
        """The key, then the word."""
        style = self.get_component_rich_style("always--key", partial=True)
        return Text.assemble((self._shown, style), f" {self._words}", no_wrap=True, end="")

    def on_click(self, _: events.Click) -> None:
        """Press the key."""
        self.app.simulate_key(self._key)


class Footing(Horizontal):
    """The screen's keys at the left, as many as fit; help, palette and quit always at the right."""

    DEFAULT_CSS = """
    Footing { dock: bottom; height: 1; background: $footer-background; }
    Footing Keys { dock: none; width: 1fr; }
    """

    def compose(self) -> ComposeResult:
        """Left and right."""
        yield Keys()
        yield Always("f1", "?", "Help")
        yield Always("ctrl+p", "^p", "All")
        yield Always("ctrl+q", "^q", "Quit")
