"""Shows a passage on the whole screen, for reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from ...widgets import Keys, PassageView
from ..dialogs import Dialog
from .outside import open_outside


class Reader(Dialog[None]):
    """Shows one passage."""

    CSS_PATH = "reader.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss(None)", "Back", id="reader.back", tooltip="Back to the results"),
        Binding("e", "outside('editor')", "Editor", id="reader.editor", tooltip="The document in your editor"),
        Binding("v", "outside('pager')", "Pager", id="reader.pager", tooltip="The document in your pager"),
        Binding("y", "copy", "Copy", id="reader.copy", tooltip="Copy the passage to the clipboard"),
    ]

    def __init__(self, passage: Mapping[str, Any], span: tuple[int, int] | None, folders: Sequence[str] = ()) -> None:
        super().__init__()
        self._folders = folders
        self._passage = passage
        self._span = span

    def compose(self) -> ComposeResult:
        """The passage in a frame."""
        with Vertical(id="sheet") as frame:
            frame.border_title = Content("Passage")
            yield PassageView()
        yield Keys()

    def on_mount(self) -> None:
        """Show the passage."""
        self.query_one(PassageView).show(self._passage, self._span, self._folders)
        self.query_one(PassageView).focus()

    def action_outside(self, program: Literal["editor", "pager"]) -> None:
        """Open the document in the user's editor or pager."""
        open_outside(self, program, self._passage["passage"], self._span)

    def action_copy(self) -> None:
        """Copy the text."""
        self.app.copy_to_clipboard(self._passage["passage"]["text"])
        self.notify("Passage copied.", markup=False)
