"""The questions to pick from before the first question is asked, in different languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ..display import counted, flat
from ..state import Questions
from .charts import tag

MOST = 12
TITLE = "Pick a question, or ask your own"


class Starters(OptionList):
    """A list of questions."""

    class Picked(Message):
        """The user picked a question to ask."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query = query

    def __init__(self) -> None:
        super().__init__(id="starters", markup=False)
        self._texts: list[str] = []
        self.border_title = Content(TITLE)

    def suit(self, status: Mapping[str, Any] | None, known: Questions, history: Sequence[str]) -> None:
        """Offer questions that suit the library: the demo's for the demo, else those asked before.

        Args:
            status: what the library holds; None before it is open.
            known: the demo's questions.
            history: the questions asked, oldest first.
        """
        if status is None or status["demo"]:
            self.offer(known.starters(MOST))
            return
        numbers = f"{counted(status['passages'], 'passage')}, {counted(len(status['languages']), 'language')}"
        title = f"Ask {flat(status['name'])}: {numbers}"
        self.offer([("", text) for text in reversed(history) if known.find(text) is None][:MOST], title)

    def offer(self, questions: Sequence[tuple[str, str]], title: str = TITLE) -> None:
        """Show these (code or "", text) questions, or words if there are none."""
        self.border_title = Content(title)
        self._texts = [text for _, text in questions]
        self.clear_options()
        for code, text in questions:
            line = Text(no_wrap=True, overflow="ellipsis")
            if code:
                line.append(*tag(code))
                line.append("  ")
            line.append(flat(text))
            self.add_option(Option(Content.from_rich_text(line)))
        if not questions:
            self.add_option(Option(Content("Type a question in any language; results come in all."), disabled=True))

    def on_focus(self) -> None:
        """Set the cursor when the list gets the focus."""
        if self.highlighted is None and self._texts:
            self.highlighted = 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask the question."""
        event.stop()
        self.post_message(self.Picked(self._texts[event.option_index]))
