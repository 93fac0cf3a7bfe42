"""The input for questions, with the detected language beside it and earlier questions under ↑."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input, Static

from ...engine.languages import name as language_name
from ...engine.languages import native_name
from .charts import tag


class QueryInput(Input):
    """An input with a history: up and down go through the questions asked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(-1)", "Earlier question", show=False, id="ask.earlier", tooltip="The question before"),
        Binding("down", "recall(1)", "Results", id="ask.later", tooltip="The next question, or the results"),
    ]

    class Left(Message):
        """Down was pressed after the newest question, which means: go to the results."""

    def __init__(self, history: list[str]) -> None:
        super().__init__(placeholder="Ask in any language…", id="query", select_on_focus=False, compact=True)
        self.history = history
        self._place: int | None = None
        self._draft = ""

    def remember(self, query: str) -> None:
        """Put a question at the end of the history."""
        query = query.strip()
        if query:
            if query in self.history:
                self.history.remove(query)
            self.history.append(query)
        self._place = None

    def action_recall(self, by: int) -> None:
        """Go through the history; after its end come the draft and then the results."""
        if self._place is None:
            if by > 0:
                self.post_message(self.Left())
                return
            self._draft, self._place = self.value, len(self.history)
        place = self._place + by
        if place < 0 or not self.history:
            return
        if place >= len(self.history):
            self._place, value = None, self._draft
        else:
            self._place, value = place, self.history[place]
        self.value = value
        self.cursor_position = len(value)

    def on_paste(self, event: events.Paste) -> None:
        """Paste all lines, joined to one; Textual's input would take only the first."""
        event.prevent_default()
        event.stop()
        self._insert(event.text)

    def action_paste(self) -> None:
        """Paste from the app's clipboard."""
        self._insert(self.app.clipboard)

    def _insert(self, text: str) -> None:
        self.replace(_one_line(text), *self.selection)


def _one_line(text: str) -> str:
    """Text with its lines joined by spaces."""
    lines = text.splitlines()
    return lines[0] if len(lines) == 1 else " ".join(filter(None, (line.strip() for line in lines)))


class QueryLanguage(Static, can_focus=False):
    """The language of the question; a click changes it."""

    class Pressed(Message):
        """The user wants to choose another language."""

    _shown = Text()

    def show(self, code: str, confidence: float, *, chosen: bool) -> None:
        """Show the code, the names and the confidence; nothing if the language is unknown."""
        text = Text(no_wrap=True, overflow="ellipsis", end="")
        if code and code != "und":
            own, name = native_name(code), language_name(code)
            text.append(*tag(code))
            text.append(f" {name}" if own.casefold() == name.casefold() else f" {name} · {own}")
            text.append("  chosen" if chosen else f"  {confidence:.0%}", "dim")
        # Every column reports the language; comparing is faster than a new layout of the screen.
        if text != self._shown:
            self._shown = text
            self.update(text)

    def on_click(self, _: events.Click) -> None:
        """Ask for the choice of a language."""
        self.post_message(self.Pressed())


class AskBar(Horizontal):
    """The input and the language, in one frame."""

    language = query_one(QueryLanguage)
    input = query_one(QueryInput)

    def __init__(self, history: list[str]) -> None:
        super().__init__(id="ask")
        self._history = history

    def compose(self) -> ComposeResult:
        """A prompt, the input, the language."""
        yield Static("❯", id="prompt", markup=False)
        yield QueryInput(self._history)
        yield QueryLanguage(id="query-language")
