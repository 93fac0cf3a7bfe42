"""The help of a screen: what it shows, and every key as it is really bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Markdown, Static

AREAS = {
    "CompareScreen": "Compare",
    "HybridSearchApp": "Everywhere",
    "QueryInput": "Question",
    "PassageView": "Passage",
}


class HelpScreen(ModalScreen[None]):
    """Text and keys for the screen below.

    Args:
        about: the screen whose help this is.
    """

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1", "dismiss(None)", "Back", id="help.back", tooltip="Back to where you were")
    ]

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        """The screen's own words, then the keys."""
        with Vertical(id="help") as frame:
            frame.border_title = Content("Help")
            with VerticalScroll():
                words = getattr(self._about, "HELP", None)
                if words:
                    yield Markdown(words)
                yield Static(self._keys())
        yield Footer(show_command_palette=False)

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


def bindings(screen: Screen[Any]) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """(area, [(keys, words, id)]) for every widget of a screen that has keys of ours, the screen and the app."""
    from itertools import chain

    seen: set[str] = set()
    nodes: list[DOMNode] = [*screen.query("*"), screen, screen.app]
    for node in nodes:
        entries: dict[str, tuple[list[str], str]] = {}
        for binding in chain.from_iterable(node._bindings.key_to_bindings.values()):
            if binding.id and binding.tooltip and binding.id not in seen:
                keys, _ = entries.setdefault(binding.id, ([], binding.tooltip))
                keys.append(screen.app.get_key_display(binding))
        seen.update(entries)
        if entries:
            name = type(node).__name__
            area = AREAS.get(name, name.removesuffix("Screen"))
            yield area, [(" ".join(keys), words, identity) for identity, (keys, words) in entries.items()]
