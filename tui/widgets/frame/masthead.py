"""The line at the top: the modes as tabs, and the open library."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.widgets import Static

MODES = {mode: mode.capitalize() for mode in ("compare", "library", "evaluate", "train", "map", "runs", "audit")}
KEYS = {mode: f"F{number}" for number, mode in enumerate(MODES, start=2)}


class Tab(Static):
    """The name of a mode; a click goes there."""

    def __init__(self, mode: str, *, active: bool) -> None:
        super().__init__(markup=False, classes="-active" if active else "")
        self.mode = mode

    def render(self) -> Text:
        """The name after its key."""
        name = MODES[self.mode]
        # On the smallest screens only the active mode has its whole name; the keys are always shown.
        shown = name if self.has_class("-active") or not self.screen.has_class("-tiny") else name[:3]
        return Text.assemble((f"{KEYS[self.mode]} ", "dim"), shown, no_wrap=True, end="")

    async def on_click(self, _: events.Click) -> None:
        """Go to the mode."""
        await self.app.action_switch_mode(self.mode)


class State(Static):
    """Words at the right: the open library, or what the app is doing."""

    words: reactive[str] = reactive("")

    def render(self) -> Text:
        """The words, without the last parts if there is no room for all."""
        parts, room = self.words.split(" · "), self.content_size.width
        while len(parts) > 1 and cell_len(" · ".join(parts)) > room:
            parts.pop()
        return Text(" · ".join(parts), no_wrap=True, overflow="ellipsis", justify="right", end="")


class Masthead(Horizontal):
    """The app's name, the tabs, the state."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode

    def compose(self) -> ComposeResult:
        """Left to right."""
        yield Static("hybrid·search", id="brand", markup=False)
        for mode in MODES:
            yield Tab(mode, active=mode == self._mode)
        yield State(id="state")

    def on_resize(self, _: events.Resize) -> None:
        """Lay out the tabs again once the screen's size classes are set."""
        self.call_after_refresh(self._fit_tabs)

    def _fit_tabs(self) -> None:
        for tab in self.query(Tab):
            tab.refresh(layout=True)
