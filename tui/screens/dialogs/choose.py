"""Small dialogs: choose one thing, choose several, type a name, say yes or no."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, OptionList, SelectionList, Static
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from ....engine.languages import name as language_name
from ....engine.languages import native_name
from ...widgets import Marks
from ...widgets.charts import tag
from .dialog import Dialog

CANCEL = Binding("escape", "dismiss(None)", "Back", id="dialog.cancel", tooltip="Change nothing")


class Choose(Dialog[str | None]):
    """Choose one of several; returns its id, or None.

    Args:
        title: what to choose.
        options: (id, text) of each.
        current: the id that the cursor begins at.
    """

    CSS_PATH = "choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [CANCEL]

    def __init__(self, title: str, options: Sequence[tuple[str, Text]], current: str = "") -> None:
        super().__init__()
        self._title = title
        self._options = options
        self._current = current

    def compose(self) -> ComposeResult:
        """A list in a frame."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content(self._title)
            yield OptionList(*(Option(Content.from_rich_text(text)) for _, text in self._options), markup=False)
            yield Static("enter choose · esc cancel", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Put the cursor on the current choice."""
        ids = [each for each, _ in self._options]
        self.query_one(OptionList).highlighted = ids.index(self._current) if self._current in ids else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the choice."""
        self.dismiss(self._options[event.option_index][0])


class ChooseSeveral(Dialog[list[str] | None]):
    """Choose any of several; returns their ids, or None."""

    CSS_PATH = "choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        CANCEL,
        Binding("enter", "accept", "Apply", id="dialog.accept", priority=True, tooltip="Apply the marks"),
        Binding("a", "none", "Clear", id="dialog.none", tooltip="Clear the marks"),
    ]

    def __init__(self, title: str, options: Sequence[tuple[str, Text]], chosen: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._options = options
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        """A list with marks, in a frame."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content(self._title)
            yield Marks[str](
                *(Selection(Content.from_rich_text(text), each, each in self._chosen) for each, text in self._options)
            )
            yield Static("space toggle · a clear · enter apply · esc cancel", classes="hint", markup=False)

    def action_none(self) -> None:
        """Remove all marks."""
        self.query_one(SelectionList).deselect_all()

    def action_accept(self) -> None:
        """Return the choice."""
        self.dismiss(list(self.query_one(SelectionList).selected))


class AskText(Dialog[str | None]):
    """Ask for a line of text; returns it, or None.

    Args:
        title: what to type.
        value: the text at first.
        hint: words below the line.
        check: says in a sentence why a text is not accepted, which keeps the dialog open, or "".
    """

    CSS_PATH = "choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [CANCEL]

    def __init__(
        self, title: str, value: str = "", hint: str = "", check: Callable[[str], str] = lambda text: ""
    ) -> None:
        super().__init__()
        self._title, self._value, self._hint, self._check = title, value, hint, check

    def compose(self) -> ComposeResult:
        """An input in a frame."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content(self._title)
            yield Input(self._value, id="text", compact=True)
            yield Static(self._hint or "enter apply · esc cancel", classes="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the text if it is accepted."""
        text = event.value.strip()
        wrong = self._check(text)
        hint = self.query_one(".hint", Static)
        hint.set_class(bool(wrong), "-wrong")
        if wrong:
            hint.update(wrong)
        else:
            self.dismiss(text)


class Confirm(Dialog[bool]):
    """Ask before something is lost; at first Enter means no.

    Args:
        title: what is about to happen.
        words: what it costs.
        yes: the label of yes.
        no: the label of no.
    """

    CSS_PATH = "choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "dismiss(False)", "No", id="dialog.no", tooltip="Leave it"),
        Binding("y", "dismiss(True)", "Yes", id="dialog.yes", tooltip="Do it"),
        Binding("left,right", "app.focus_next", "Other", show=False, id="dialog.other", tooltip="The other button"),
    ]

    def __init__(self, title: str, words: str, yes: str, no: str = "Cancel") -> None:
        super().__init__()
        self._title, self._words, self._yes, self._no = title, words, yes, no

    def compose(self) -> ComposeResult:
        """The words, and two buttons in a frame."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content(self._title)
            yield Static(self._words, markup=False)
            with Horizontal(classes="answers"):
                yield Button(Content(self._no), id="no", compact=True)
                yield Button(Content(self._yes), variant="error", id="yes", compact=True)
            yield Static("y yes · n no", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Focus the button no."""
        self.query_one("#no", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Return the choice."""
        self.dismiss(event.button.id == "yes")


def language_options(
    codes: Sequence[str], counts: Mapping[str, int] | None = None, below: Mapping[str, str] | None = None
) -> list[tuple[str, Text]]:
    """Languages as options: tag, names, number of passages, and a line of text below."""
    options = []
    for code in codes:
        text = Text(no_wrap=True)
        text.append(*tag(code))
        own, name = native_name(code), language_name(code)
        text.append(f" {name}" if own.casefold() == name.casefold() else f" {name} · {own}")
        if counts is not None:
            text.append(f"  {counts.get(code, 0):,}", "dim")
        if below is not None:
            text.append(f"\n     {below[code]}", "dim")
        options.append((code, text))
    return options
