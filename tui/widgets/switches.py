"""The settings of a search as words to click, and the other languages of the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.getters import query_one
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from ..display import block, stroke
from ..state import Settings

MOST_RESULTS = 100
STEP = 5


class Switch(Static):
    """A word that changes a setting when it is clicked."""

    class Pressed(Message):
        """The switch was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__("", markup=False, name=name, id=f"switch-{name}")
        self.tooltip = tooltip

    def on_click(self, _: events.Click) -> None:
        """Post `Pressed`."""
        self.post_message(self.Pressed(str(self.name)))


class Translations(Widget):
    """The languages in which the question is known; a click asks in one."""

    DEFAULT_CSS = "Translations { height: 1; width: 1fr; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"translations--words"}
    codes: reactive[Sequence[str]] = reactive(())
    current: reactive[str] = reactive("")

    class Pressed(Message):
        """The user wants to ask the question in this language."""

        def __init__(self, code: str) -> None:
            super().__init__()
            self.code = code

    def _lead(self) -> str:
        room = self.content_size.width - 3 * len(self.codes)
        return "ask in " if room >= 10 else ""

    def render(self) -> Text:
        """The codes at the right end."""
        text = Text(no_wrap=True, overflow="crop", end="", justify="right")
        if not self.codes:
            return text
        text.append(self._lead(), self.get_component_rich_style("translations--words"))
        for code in self.codes:
            dark = self.app.current_theme.dark
            text.append(code, block(code) if code == self.current else stroke(code, dark=dark))
            text.append(" ")
        return text

    def on_click(self, event: events.Click) -> None:
        """Ask in the language under the pointer."""
        start = self.content_size.width - 3 * len(self.codes)
        index = (event.get_content_offset_capture(self).x - start) // 3
        if 0 <= index < len(self.codes):
            self.post_message(self.Pressed(self.codes[index]))


class Switches(Horizontal):
    """The line under the question: switches that are kept in the settings, and languages.

    Args:
        settings: the app's; `k`, `languages`, `exact` and `neutral` are read and written here.
    """

    translations = query_one(Translations)

    class Changed(Message):
        """A setting of the search has changed."""

    class FilterWanted(Message):
        """The user wants to choose languages."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(id="switches")
        self._settings = settings

    def compose(self) -> ComposeResult:
        """The words, then the languages."""
        yield Switch("k", "How many results; + and - change it")
        yield Switch("filter", "Languages that results may be in")
        yield Switch("exact", "Compare every vector, or the index's candidates")
        yield Switch("neutral", "Take each language's mean out of the vectors before ranking")
        yield Translations()

    def on_mount(self) -> None:
        """Show the settings."""
        self._show()

    @on(Switch.Pressed)
    def _pressed(self, event: Switch.Pressed) -> None:
        event.stop()
        if event.name == "filter":
            self.post_message(self.FilterWanted())
        elif event.name == "k":
            self.more(STEP)
        else:
            self.toggle(event.name)

    def more(self, by: int) -> None:
        """Show more or fewer results."""
        self._settings.k = max(STEP, min(MOST_RESULTS, (self._settings.k + by) // STEP * STEP))
        self._changed()

    def toggle(self, name: str) -> None:
        """Turn `exact` or `neutral` on or off."""
        setattr(self._settings, name, not getattr(self._settings, name))
        self._changed()

    def only(self, codes: Sequence[str]) -> None:
        """Limit results to these languages; none means all."""
        self._settings.languages = list(codes)
        self._changed()

    def _changed(self) -> None:
        self._show()
        self.post_message(self.Changed())

    def _show(self) -> None:
        settings = self._settings
        chosen = settings.languages
        filtered = (
            "all languages" if not chosen else " ".join(chosen) if len(chosen) < 5 else f"{len(chosen)} languages"
        )
        words = {
            "k": (f"top {settings.k}", False),
            "filter": (filtered, bool(chosen)),
            "exact": ("exact" if settings.exact else "index", settings.exact),
            "neutral": ("neutral" if settings.neutral else "raw", settings.neutral),
        }
        for name, (word, is_on) in words.items():
            switch = self.query_one(f"#switch-{name}", Switch)
            switch.update(word)
            switch.set_class(is_on, "-on")
