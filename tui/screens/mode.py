"""The base of the screens of all modes: the line at the top, the footer, and messages from the app."""

from __future__ import annotations

from typing import Any, cast

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from ..widgets import Footing, Masthead, State
from .host import Host

Offer = tuple[str, str, Any]


class ModeScreen(Screen[None]):
    """A screen of a mode; `MODE` is its name."""

    MODE = ""

    def __init__(self, classes: str = "") -> None:
        """Set the classes of the terminal's size before the first styling: later, everything would be styled twice."""
        super().__init__(classes=classes)
        size = self.app.size
        for dimension, breakpoints in (
            (size.width, self.app.HORIZONTAL_BREAKPOINTS),
            (size.height, self.app.VERTICAL_BREAKPOINTS),
        ):
            self.add_class(
                *[name for least, name in sorted(breakpoints or ()) if dimension >= least][-1:], update=False
            )

    @property
    def hybrid(self) -> Host:
        """The app."""
        return cast("Host", self.app)

    def compose(self) -> ComposeResult:
        """The frame around the mode's own widgets."""
        yield Masthead(self.MODE)
        yield from self.body()
        yield Footing()

    def body(self) -> list[Widget]:
        """The mode's own widgets."""
        return []

    def on_mount(self) -> None:
        """Listen to the app's messages."""
        self.hybrid.listeners.append(self)
        self.query_one(State).words = self.hybrid.state_words
        self.call_after_refresh(self.hybrid.settle)

    def on_unmount(self) -> None:
        """Stop listening."""
        if self in self.hybrid.listeners:
            self.hybrid.listeners.remove(self)

    def on_screen_resume(self) -> None:
        """Show the state that changed while another mode was in front."""
        self.query_one(State).words = self.hybrid.state_words

    @on(Worker.StateChanged)
    def _worker_failed(self, event: Worker.StateChanged) -> None:
        """Show an error in background work as a notification; it does not end the app."""
        if event.state is WorkerState.ERROR:
            error = event.worker.error
            self.notify(f"{type(error).__name__}: {error}", title="That did not work", severity="error", markup=False)

    def commands(self) -> list[Offer]:
        """The commands of the palette on this screen: (title, help, callback)."""
        return []
