"""Shows running long work, its progress, and the key that cancels it."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import ProgressBar, Static

from ..display import flat


class JobPanel(Vertical):
    """Shown while work runs; its outcome stays until the next work begins."""

    bar = query_one(ProgressBar)
    words = query_one("#job-words", Static)
    path = query_one("#job-path", Static)

    def compose(self) -> ComposeResult:
        """A sentence, a bar, a file."""
        yield Static("", id="job-words", markup=False)
        yield ProgressBar(show_eta=False, show_percentage=True)
        yield Static("", id="job-path", markup=False)

    def begin(self, title: str) -> None:
        """Show that work starts."""
        self.border_title = Content(title)
        self.border_subtitle = Content("^x cancels")
        self.set_classes("-running")
        self.bar.update(total=None, progress=0)
        self.words.update("starting…")
        self.path.update("")

    def follow(self, words: str, data: dict[str, Any]) -> None:
        """Show progress."""
        self.words.update(words)
        if data.get("total"):
            self.bar.update(total=data["total"], progress=data["done"])
        self.path.update(flat(str(data.get("path", ""))))

    def finish(self, words: str, *, failed: bool = False) -> None:
        """Show the outcome."""
        self.border_subtitle = Content("")
        self.set_classes("-failed" if failed else "-done")
        self.words.update(words)
        self.path.update("")
