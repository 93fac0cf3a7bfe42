"""Choose the columns: search the known encoders, or name one by folder, Hugging Face id or endpoint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, SelectionList, Static
from textual.widgets.selection_list import Selection

from ....engine.encoders import BM25, FUSED
from ...display import cut, flat
from ...service import ServiceError
from ...widgets import Marks
from .choose import CANCEL
from .dialog import Dialog

Resolve = Callable[[str], Awaitable[Mapping[str, Any]]]

WORDS = {BM25: "search by words", FUSED: "what all other columns say together"}
HINT = "space toggle · enter apply · esc cancel · / search, or a folder, a Hugging Face id, an endpoint"
FORMS = "folder · OWNER/NAME of Hugging Face · openai:MODEL@URL and other endpoints; enter adds it"
_NAME = 14


class PickColumns(Dialog[list[str] | None]):
    """Choose any of the known encoders and those that the user names; returns their names, or None.

    Args:
        shown: the current columns, marked at first.
        available: encoders by name, each with its description.
        resolve: says what a name refers to; raises ServiceError if it refers to nothing.
    """

    CSS_PATH = "choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        CANCEL,
        Binding("enter", "accept", "Apply", id="columns.accept", priority=True, tooltip="Show the marked columns"),
        Binding("slash", "search", "Search", id="columns.search", tooltip="Search, or name another encoder"),
        Binding("down", "to_list", "List", show=False, id="columns.list", tooltip="Down to the list"),
    ]

    def __init__(self, shown: Sequence[str], available: Sequence[Mapping[str, str]], resolve: Resolve) -> None:
        super().__init__()
        self._known = dict.fromkeys(shown, "") | {each["name"]: each["description"] for each in available} | WORDS
        self._chosen = dict.fromkeys(shown)
        self._resolve = resolve

    def compose(self) -> ComposeResult:
        """The input, the list, a hint."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content("Columns")
            yield Input(placeholder="search, or name another encoder", id="name", compact=True)
            yield Marks[str]()
            yield Static(HINT, classes="hint", markup=False)

    def on_mount(self) -> None:
        """Fill and focus the list."""
        self._fill("")
        self.query_one(SelectionList).focus()

    def _fill(self, wanted: str) -> None:
        """List the encoders whose name or description contains all typed words."""
        box, words = self.query_one(SelectionList), wanted.casefold().split()
        box.clear_options()
        for name, description in self._known.items():
            if all(word in f"{name} {description}".casefold() for word in words):
                line = Text(no_wrap=True, overflow="ellipsis")
                line.append(f"{cut(flat(name), max(_NAME, 58 - len(description))):<{_NAME}} ", "bold")
                line.append(flat(description), "dim")
                box.add_option(Selection(Content.from_rich_text(line), name, name in self._chosen))
        self._say(HINT if not wanted or box.option_count else FORMS)

    def _say(self, words: str, *, wrong: bool = False) -> None:
        hint = self.query_one(".hint", Static)
        hint.set_class(wrong, "-wrong")
        hint.update(words)

    @on(SelectionList.SelectionToggled)
    def _toggled(self, event: SelectionList.SelectionToggled[str]) -> None:
        name = event.selection.value
        if name in event.selection_list.selected:
            self._chosen[name] = None
        else:
            self._chosen.pop(name, None)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._fill(event.value.strip())

    def action_search(self) -> None:
        """Focus the input."""
        self.query_one(Input).focus()

    def action_to_list(self) -> None:
        """Focus the list."""
        self.query_one(SelectionList).focus()

    def action_accept(self) -> None:
        """In the input, add the encoder that it names; else return the choice."""
        typed = self.query_one(Input).value.strip()
        if not (self.query_one(Input).has_focus and typed):
            self.dismiss(list(self._chosen))
            return
        box = self.query_one(SelectionList)
        found = (
            typed if typed in self._known else str(box.get_option_at_index(0).value) if box.option_count == 1 else ""
        )
        if found:
            self._add(found)
        else:
            self._look_up(typed)

    @work(exclusive=True, group="name", exit_on_error=False)
    async def _look_up(self, typed: str) -> None:
        self._say(f"Looking for {flat(typed)}…")
        try:
            found = await self._resolve(typed)
        except ServiceError as error:
            self._say(f"{error.message} {error.hint}".strip(), wrong=True)
            return
        self._known[str(found["name"])] = str(found["description"])
        self._add(str(found["name"]))

    def _add(self, name: str) -> None:
        self._chosen[name] = None
        with self.prevent(Input.Changed):
            self.query_one(Input).value = ""
        self._fill("")
        self._say(f"{flat(name)} becomes a column. enter applies, or name another.")
        self.action_to_list()
