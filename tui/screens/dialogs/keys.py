"""Shows the keys with what they do, changes them, and names the file that keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ...state import settings_file
from .choose import CANCEL
from .dialog import Dialog
from .help import bindings


class KeysScreen(Dialog[Mapping[str, str] | None]):
    """Returns the keymap with the changes made, or None without changes.

    Args:
        about: the screen whose keys, and those that work everywhere, are listed.
        keymap: keys by the id of their action, only those that differ from the program's.
    """

    CSS_PATH = "choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "done", "Done", id="keys.done", tooltip="Keep the keys as they are now"),
        Binding("delete,backspace", "reset", "Reset", id="keys.reset", tooltip="Restore the default key"),
    ]

    def __init__(self, about: Screen[Any], keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._entries = [entry for _, entries in bindings(about) for entry in entries]
        self._keymap = dict(keymap)
        self._before = dict(keymap)

    def compose(self) -> ComposeResult:
        """The list, and the path of the settings file."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content("Keys")
            yield OptionList(*self._options(), markup=False)
            yield Static(self._hint(), classes="hint", markup=False)

    def _options(self) -> list[Option]:
        found = []
        for keys, words, identity in self._entries:
            line = Text(no_wrap=True, overflow="ellipsis")
            changed = identity in self._keymap
            line.append(f"{self._keymap.get(identity, keys):<14}", "bold reverse" if changed else "bold")
            line.append(f" {words}")
            line.append(f"  {identity}", "dim")
            found.append(Option(Content.from_rich_text(line)))
        return found

    def _fill(self) -> None:
        box = self.query_one(OptionList)
        at = box.highlighted
        box.clear_options()
        box.add_options(self._options())
        box.highlighted = at

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ask for the new key."""
        _, words, identity = self._entries[event.option_index]
        self.app.push_screen(PressKey(words), lambda key: self._have(identity, key))

    def _have(self, identity: str, key: str | None) -> None:
        if key:
            others = [words for keys, words, each in self._entries if each != identity and self._is(key, keys, each)]
            self._keymap[identity] = key
            self._fill()
            self.query_one(".hint", Static).update(self._hint(others))

    def _is(self, key: str, keys: str, identity: str) -> bool:
        """Whether an action has this key: the user's own, or one of the program's as they are shown."""
        own = self._keymap.get(identity)
        return own == key if own else self.app.get_key_display(Binding(key, "", "")) in keys.split()

    def _hint(self, others: Sequence[str] = ()) -> str:
        """What can be done here; before it, what else the key just given does."""
        lead = f"That key is also used for: {', '.join(others)}.\n" if others else ""
        what = "enter another key · delete restores the default · esc done"
        return f"{lead}{what}\nKept as keymap in {settings_file()}"

    def action_reset(self) -> None:
        """Restore the program's own key."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self._keymap.pop(self._entries[at][2], None)
            self._fill()

    def action_done(self) -> None:
        """Return the keymap if it has changed."""
        self.dismiss(self._keymap if self._keymap != self._before else None)


class PressKey(Dialog[str | None]):
    """Returns the name of the next key pressed, or None for escape."""

    CSS_PATH = "choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [CANCEL]

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        """What the key will do."""
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content("Press the key")
            yield Static(f"{self._words}\n\nesc cancels", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Return the key."""
        event.stop()
        event.prevent_default()
        self.dismiss(None if event.key == "escape" else event.key)
