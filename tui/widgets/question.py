"""The question: its input, the switches of its search, its language, and its translations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual import on
from textual.containers import Vertical
from textual.getters import query_one
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from ..state import Questions, Settings
from .ask_bar import AskBar
from .switches import Switches, Translations

TYPING_PAUSE = 0.25


class Question(Vertical):
    """The question and how to search. It asks when the user stops typing, and when a switch changes.

    Args:
        history: the questions asked before; new ones are added.
        settings: the app's.
    """

    DEFAULT_CSS = "Question { height: auto; }"
    bar = query_one(AskBar)
    switches = query_one(Switches)

    class Asked(Message):
        """Search for the question, or for nothing if it is empty."""

    def __init__(self, history: list[str], settings: Settings) -> None:
        super().__init__(AskBar(history), Switches(settings))
        self._settings = settings
        self._typing: Timer | None = None
        self.known = Questions([])
        self.text = ""
        self.language = ""
        """The language that was chosen for it; empty where it is told from the text."""

    def parameters(self) -> dict[str, Any]:
        """The question and all that its answers' ranks depend on, as parameters of the child's operations."""
        settings = self._settings
        return {
            "query": self.text,
            "languages": settings.languages,
            "neutral": settings.neutral,
            "query_language": self.language,
        }

    # -- asking

    @on(Input.Changed, "#query")
    def _typed(self) -> None:
        if self._typing is not None:
            self._typing.stop()
        self.language = ""
        self._typing = self.set_timer(TYPING_PAUSE, self.ask)

    @on(Input.Submitted, "#query")
    def _submitted(self, event: Input.Submitted) -> None:
        self.bar.input.remember(event.value)
        self.ask()

    @on(Switches.Changed)
    def ask(self) -> None:
        """Ask the text of the input."""
        if self._typing is not None:
            self._typing.stop()
        self.text = self.bar.input.value.strip()
        if not self.text:
            self.tell_language(None)
        self.post_message(self.Asked())

    def put(self, text: str, language: str = "") -> None:
        """Ask a text now, as if it had been typed; `language` is its language, if known."""
        box = self.bar.input
        with self.prevent(Input.Changed):
            box.value = text
        box.cursor_position = len(text)
        box.remember(text)
        box.focus()
        self.language = language
        self.ask()

    # -- languages

    def choose_language(self, code: str) -> None:
        """Take the question for a text in this language."""
        self.language = code
        self.ask()

    def tell_language(self, detected: Mapping[str, Any] | None) -> None:
        """Show the question's language, and those that it is known in."""
        code = self.language or (detected["code"] if detected else "")
        confidence = detected["confidence"] if detected else 0.0
        self.bar.language.show(code, confidence, chosen=bool(self.language))
        found = self.known.find(self.text)
        self.switches.translations.codes = sorted(found[0]) if found else ()
        self.switches.translations.current = found[1] if found else ""

    def translations(self) -> tuple[Mapping[str, str], str] | None:
        """The question's translations by language, with the language it is asked in; None if they are unknown."""
        return self.known.find(self.text)

    @on(Translations.Pressed)
    def _translation_pressed(self, event: Translations.Pressed) -> None:
        found = self.translations()
        if found is not None:
            self.put(found[0][event.code])

    def ask_in_next_language(self) -> None:
        """Ask the question in the next language that it is known in."""
        following = self.known.following(self.text, 1)
        if following is None:
            self.say_it_is_not_known()
        else:
            self.put(following)

    def say_it_is_not_known(self) -> None:
        """Say why the question cannot be asked in another language."""
        self.notify(
            "Only the demo's questions are known in other languages. ^g asks yours in all, by a translator you name.",
            title="Ask in another language",
            markup=False,
        )
