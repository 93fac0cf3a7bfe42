"""The line of active keys, drawn as one widget, since it changes whenever the focus moves."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from rich.text import Text
from textual import events
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget


class _Key(NamedTuple):
    """A key and what it does; `start` and `end` are its cells in the line."""

    key: str
    shown: str
    words: str
    tooltip: str
    enabled: bool
    start: int
    end: int


class Keys(Widget):
    """The keys of the screen and the focused widget; a click presses one, pointing at one explains it."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--words", "keys--pointed"}
    DEFAULT_CSS = """
    Keys { dock: bottom; height: 1; background: $footer-background; text-wrap: nowrap; }
    Keys > .keys--key { color: $footer-key-foreground; background: $footer-key-background; text-style: bold; }
    Keys > .keys--words { color: $footer-description-foreground; background: $footer-description-background; }
    Keys > .keys--pointed { color: $footer-key-foreground; background: $block-hover-background; }
    """

    keys: reactive[tuple[_Key, ...]] = reactive(())
    pointed: reactive[int] = reactive(-1)

    def on_mount(self) -> None:
        """Follow changes of the screen's keys."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def on_unmount(self) -> None:
        """Stop following."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def _changed(self, screen: Screen[Any]) -> None:
        if self.is_attached and screen is self.screen and screen.app.app_focus:
            self.pointed, self.keys = -1, self._active()

    def _active(self) -> tuple[_Key, ...]:
        """One key for each action, left to right."""
        found: dict[str, _Key] = {}
        end = 0
        for _, binding, enabled, tooltip in self.screen.active_bindings.values():
            if not binding.show or binding.action in found:
                continue
            shown, start = self.app.get_key_display(binding), end
            end = start + Text(f" {shown} {binding.description} ").cell_len
            found[binding.action] = _Key(binding.key, shown, binding.description, tooltip, enabled, start, end)
        return tuple(found.values())

    def render(self) -> Text:
        """The line: as many keys as fit, none of them cut."""
        key, words = (self.get_component_rich_style(f"keys--{part}") for part in ("key", "words"))
        pointed = self.get_component_rich_style("keys--pointed")
        text = Text(no_wrap=True, overflow="crop", end="")
        for number, each in enumerate(self.keys):
            if each.end > self.size.width:
                break
            over = pointed if number == self.pointed else ""
            dim = "" if each.enabled else "dim"
            part = Text.assemble((f" {each.shown} ", key), (f"{each.words} ", words))
            part.stylize(over)
            part.stylize(dim)
            text.append_text(part)
        return text

    def _at(self, x: int) -> int:
        """The number of the key at a cell; -1 for none."""
        return next((number for number, each in enumerate(self.keys) if each.start <= x < each.end), -1)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the key under the pointer."""
        self.pointed = self._at(event.x)
        self.tooltip = self.keys[self.pointed].tooltip or None if self.pointed >= 0 else None

    def on_leave(self, _: events.Leave) -> None:
        """Forget the pointer."""
        self.pointed = -1

    def on_click(self, event: events.Click) -> None:
        """Press the key under the pointer."""
        number = self._at(event.x)
        if number < 0:
            return
        if self.keys[number].enabled:
            self.app.simulate_key(self.keys[number].key)
        else:
            self.app.bell()
