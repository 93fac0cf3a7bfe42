"""The help of a screen: what it shows, and every key as it is bound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Static

from ...state import settings_file
from ...widgets import Keys
from ..keymap import area_of
from .dialog import Dialog

# What the focused widget is for.
HERE = {
    "QueryInput": "a question in any language; answers come as you type. ↑ recalls questions, ↓ goes to the results.",
    "Results": "one encoder's answers. ⏎ reads the passage, ← → go to the other encoders, y copies it.",
    "PassageView": "the passage under the cursor, with what stands before and after it.",
    "Starters": "questions to begin with: ⏎ asks one.",
    "Table": "a table: ↑ ↓ choose a row; the keys of this screen work on it.",
    "Marks": "a list of things to mark: space marks one.",
    "Input": "a line of the form: ⏎ or tab goes on.",
    "Select": "a choice: ⏎ opens it.",
    "Scatter": "passages as points, near where they mean the same to the encoder.",
}

_MARKED = re.compile(r"(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)")


class HelpScreen(Dialog[None]):
    """Text and keys for the screen below.

    Args:
        about: the screen whose help this is.
    """

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1,question_mark", "dismiss(None)", "Back", id="help.back", tooltip="Back to where you were")
    ]

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__()
        self._about = about
        self._focused = about.focused

    def compose(self) -> ComposeResult:
        """The screen's own words, then the keys."""
        with Vertical(id="help") as frame:
            frame.border_title = Content("Help")
            with VerticalScroll():
                here = HERE.get(type(self._focused).__name__, "")
                if here:
                    yield Static(prose(f"**Here**: {here}"), classes="prose")
                words = getattr(self._about, "HELP", None)
                if words:
                    yield Static(prose(words), classes="prose")
                yield Static(self._keys())
                places = f"Every key can be changed: “app: keys…” in the palette (^p), kept in {settings_file()}."
                yield Static(f"\n{places}", markup=False)
        yield Keys()

    def _keys(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, expand=True)
        table.add_column(no_wrap=True, style="bold")
        table.add_column(ratio=1)
        table.add_column(no_wrap=True, style="dim", justify="right")
        for area, entries in bindings(self._about):
            table.add_row(Text(""), Text(""), Text(""))
            table.add_row(Text(area, style="underline"), Text(""), Text("id in the keymap"))
            for keys, words, identity in entries:
                table.add_row(Text(keys), Text(words), Text(identity))
        return table


def prose(words: str) -> Text:
    """The paragraphs of a help, wrapped by the window, with **bold** and *slanted* as in Markdown.

    A Markdown widget for each paragraph would take longer to appear than anything else in the app.
    """
    text = Text()
    for part in _MARKED.split(re.sub(r"(?<!\n)\n(?!\n)", " ", words.strip())):
        bare = part.strip("*`")
        text.append(bare, {"**": "bold", "*": "italic"}.get(part[: (len(part) - len(bare)) // 2], ""))
    return text


def bindings(screen: Screen[Any]) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """(area, [(keys, words, id)]) of the app, the screen, and each of its widgets that has keys of the program."""
    from itertools import chain

    seen: set[str] = set()
    focused = [screen.focused] if screen.focused is not None else []
    nodes: list[DOMNode] = [*focused, *screen.query("*"), screen, screen.app]
    for node in nodes:
        entries: dict[str, tuple[list[str], str]] = {}
        for binding in chain.from_iterable(node._bindings.key_to_bindings.values()):
            if binding.id and binding.tooltip and binding.id not in seen:
                keys, _ = entries.setdefault(binding.id, ([], binding.tooltip))
                keys.append(screen.app.get_key_display(binding))
        seen.update(entries)
        if entries:
            yield (
                area_of(type(node)),
                [(" ".join(keys), words, identity) for identity, (keys, words) in entries.items()],
            )
