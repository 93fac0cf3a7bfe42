"""The question in every language: a matrix of question and answer languages, and how consistent the answers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Static

from ...engine.encoders import EVERY
from ...engine.languages import UNDETERMINED
from ..display import block, flat
from ..service import ServiceError
from ..translating import FORMS, problem
from ..widgets import Keys
from ..widgets.charts import tag
from .dialogs import AskText, Dialog
from .host import Host

ALL = "Until then, nothing is sent anywhere."


class EverywhereScreen(Dialog[str | None]):
    """Asks in every language and shows the matrix of each encoder; returns the name of a column to add, or None.

    Args:
        host: the app.
        parameters: those of the question, as the child's `ask` takes them.
        encoders: names of the columns' encoders.
        known: the question in other languages, by their codes.
    """

    CSS_PATH = "everywhere.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Back", id="everywhere.back", tooltip="Back to the results"),
        Binding("left,h", "turn(-1)", "Encoder", show=False, id="everywhere.before", tooltip="The encoder before"),
        Binding("right,l", "turn(1)", "Next encoder", id="everywhere.next", tooltip="The matrix of the next encoder"),
        Binding("c", "column", "As a column", id="everywhere.column", tooltip="All languages' answers as a column"),
        Binding("t", "translator", "Translator", id="everywhere.translator", tooltip="Name what translates questions"),
    ]
    state = query_one("#everywhere-state", Static)
    matrix = query_one("#everywhere-matrix", Static)
    texts = query_one("#everywhere-texts", Static)

    def __init__(
        self, host: Host, parameters: Mapping[str, Any], encoders: Sequence[str], known: Mapping[str, str]
    ) -> None:
        super().__init__()
        self._host, self._parameters, self._encoders, self._known = host, dict(parameters), list(encoders), dict(known)
        self._texts: dict[str, str] = {}
        self.answers: dict[str, Any] = {}
        self._shown = 0

    def compose(self) -> ComposeResult:
        """State, matrix, and the question's translations."""
        with Vertical(id="everywhere") as frame:
            frame.border_title = Content("The question in every language")
            yield Static("", id="everywhere-state", markup=False)
            with VerticalScroll():
                yield Static("", id="everywhere-matrix", markup=False)
                yield Static("", id="everywhere-texts", markup=False)
        yield Keys()

    def on_mount(self) -> None:
        """Ask at once."""
        self.ask()

    @work(exclusive=True, group="everywhere", exit_on_error=False)
    async def ask(self) -> None:
        """Ask in every language."""
        self.answers, self._texts = {}, {}
        self.state.update("Asking…")
        how = {**self._parameters, "known": self._known, "translator": self._host.settings.translator}
        try:
            found = await self._host.ask("everywhere", self._told, encoders=self._encoders, **how)
        except ServiceError as error:
            nobody = error.kind == "Untranslated"
            words = "Only the demo's questions are known in other languages." if nobody else error.message
            hint = f"t names a translator: {FORMS}. {ALL}" if nobody else error.hint
            self.state.update(f"{words}\n{hint}".strip())
            return
        self._texts, self.answers = found["texts"], found["encoders"]
        if not self.answers:
            self.state.update("No column is of an encoder: c on Compare adds one.")
            return
        self._show()

    def _told(self, data: dict[str, Any]) -> None:
        if "translating" in data:
            self.state.update(f"Translating into {data['translating']}: {data['done']} of {data['total']}…")
        elif "language" in data:
            self._texts[data["language"]] = data["text"]
            self.texts.update(spoken(self._texts))
        elif "encoder" in data:
            self.state.update(f"{flat(data['encoder'])} answers: {data['done']} of {data['total']} languages…")

    def _show(self) -> None:
        names = list(self.answers)
        name = names[self._shown % len(names)]
        answer = self.answers[name]
        self.state.update(verdict(name, answer, names))
        self.matrix.update(matrix(answer))
        self.texts.update(spoken(self._texts))

    def action_turn(self, by: int) -> None:
        """Show the matrix of another encoder."""
        if self.answers:
            self._shown = (self._shown + by) % len(self.answers)
            self._show()

    def action_column(self) -> None:
        """Add a column of the joined answers in all languages."""
        if self.answers:
            self.dismiss(f"{EVERY}{list(self.answers)[self._shown]}")

    def action_translator(self) -> None:
        """Ask for the translator's name, then ask the question again."""
        hint = f"{FORMS}; empty for none. What you ask in every language is sent to it."
        dialog = AskText("What translates questions", self._host.settings.translator, hint, problem)
        self.app.push_screen(dialog, self._named)

    def _named(self, name: str | None) -> None:
        if name is not None:
            self._host.settings.translator = name
            self.ask()


def verdict(name: str, answer: Mapping[str, Any], names: Sequence[str]) -> Text:
    """The encoders' names, and what the matrix of the shown one means."""
    text = Text(end="")
    for each in names:
        text.append("▸ " if each == name and len(names) > 1 else "  " if len(names) > 1 else "", "bold")
        text.append(flat(each), "bold" if each == name else "dim")
        text.append("  ")
    text.append("\n")
    text.append(f"Consistency {answer['consistency']:.2f}", "bold")
    text.append(": how alike the answers are whatever the question's language (1: the same). ")
    text.append(f"Own language {answer['own']:.0%}", "bold")
    text.append(" of the answers.")
    return text


def matrix(answer: Mapping[str, Any]) -> Text:
    """The number of answers by language of the question (rows) and of the answer (columns)."""
    counts: Mapping[str, Mapping[str, int]] = answer["counts"]
    rows = list(counts)
    there = {code for found in counts.values() for code in found}
    columns = [code for code in rows if code in there] + sorted(there - set(rows))
    text = Text(no_wrap=True, end="")
    text.append("\nasked in  agrees  ", "dim")
    for code in columns:
        text.append(f"{code:>4}", "bold")
    text.append("\n")
    for asked in rows:
        text.append("    ")
        text.append(*tag(asked))
        agreement = answer["agreement"].get(asked)
        text.append("        " if agreement is None else f"    {agreement:.2f}")
        text.append("   ")
        for code in columns:
            number = counts[asked].get(code, 0)
            style = block(code) if number and code == asked else "bold" if number else "dim"
            text.append(" ")
            text.append(f"{number:>3}" if number else "  ·", style)
        text.append("\n")
    return text


def spoken(texts: Mapping[str, str]) -> Text:
    """The question in each language."""
    text = Text("\n" if texts else "", end="")
    for code, told in texts.items():
        if code != UNDETERMINED:
            text.append(*tag(code))
            text.append(f" {flat(told)}\n")
    return text
