"""The app: its modes, its one library, its child processes, and the keys that work everywhere."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import PurePath
from time import monotonic
from typing import Any, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, InputEvent
from textual.filter import LineFilter
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from ...engine.encoders import BM25
from ...engine.places import shown
from ..display import counted, flat
from ..service import (
    COMMAND,
    STUDY,
    Answerer,
    Jobs,
    LibraryFailed,
    LibraryOpened,
    OnProgress,
    Service,
    ServiceError,
    StudyEvent,
    Training,
    TrainingEvent,
    Wanted,
)
from ..state import Memory, Settings
from ..widgets import MODES, State
from . import collector
from .library_files import LibraryFiles
from .own_themes import OwnThemes, themes_folder
from .printable import Printable
from .sheet import Sheet
from .theme import DAY, NIGHT, THEMES

# What is lost by quitting, by the running work.
LOST = {
    "training": "what came after its last checkpoint is lost",
    "the sweep": "the current run is lost, finished ones are kept",
    "the audit": "its report is not written",
    "evaluating": "its figures are lost, its vectors are kept",
}
# Replacements for keys that a browser reserves (new window, new tab).
BROWSER = {"ask.next_language": "alt+down", "ask.in": "alt+up"}
# Seconds between checks for settings and history to save, for changed themes, and for what removed widgets left.
KEEPING = 1.0


def _module(mode: str) -> Any:
    """The module of a mode's screen, imported when the mode is first entered."""
    from importlib import import_module

    return import_module(f"..screens.{mode}", __package__)


def _screen(mode: str) -> Callable[[], Screen[Any]]:
    """Makes the screen of a mode."""

    def make() -> Screen[Any]:
        screen: Screen[Any] = _module(mode).make()
        return screen

    return make


class HybridSearchApp(App[None]):
    """See language bias, and search without it.

    Args:
        library: the library to open; "" for the one opened last, the default one, or the demo.
        query: a question to ask at once.
        answers: the service that answers questions.
        worker: makes a service for long work; each piece of work has a separate process so that it can be ended.
        train_command: the command that trains, without its arguments.
        study_command: the command that sweeps alpha, without its arguments.
    """

    TITLE = "hybrid-search"
    # Includes the first screen's stylesheet: loaded with the screen, it would have everything parsed twice.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "../screens/compare.tcss"]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {mode: _screen(mode) for mode in MODES}
    DEFAULT_MODE = "compare"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (72, "-narrow"), (114, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "help", "Help", show=False, id="app.help", tooltip="What is shown, and keys"),
        Binding("f2", "switch_mode('compare')", "Compare", show=False, id="mode.compare", tooltip="Go to Compare"),
        Binding("f3", "switch_mode('library')", "Library", show=False, id="mode.library", tooltip="Go to Library"),
        Binding("f4", "switch_mode('evaluate')", "Evaluate", show=False, id="mode.evaluate", tooltip="Go to Evaluate"),
        Binding("f5", "switch_mode('train')", "Train", show=False, id="mode.train", tooltip="Go to Train"),
        Binding("f6", "switch_mode('map')", "Map", show=False, id="mode.map", tooltip="Go to Map"),
        Binding("f7", "switch_mode('runs')", "Runs", show=False, id="mode.runs", tooltip="Go to Runs"),
        Binding("f8", "switch_mode('audit')", "Audit", show=False, id="mode.audit", tooltip="Audit the open library"),
        Binding("f9", "light", "Light/dark", show=False, id="app.light", tooltip="Change between light and dark"),
        Binding("ctrl+o", "jump", "Jump", show=False, id="app.jump", tooltip="Go to any pane by its letter"),
        Binding("ctrl+l", "redraw", "Redraw", show=False, id="app.redraw", tooltip="Draw the whole screen anew"),
        Binding("ctrl+q", "quit", "Quit", show=False, id="app.quit", tooltip="Quit", priority=True),
    ]

    status: reactive[dict[str, Any] | None] = reactive(None)
    trouble: reactive[str] = reactive("")

    def __init__(
        self,
        library: str = "",
        query: str = "",
        *,
        answers: Answerer | None = None,
        worker: Callable[[], Answerer] | None = None,
        train_command: Sequence[str] | None = None,
        study_command: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self.stylesheet = Sheet(self.stylesheet._variables)
        self.memory = Memory()
        self.settings, self.history = self.memory.settings, self.memory.history
        self.listeners: list[Screen[Any]] = []
        self._asked_to_quit = False
        self._printable = Printable()
        # When somebody last pressed a key.
        self._touched = 0.0
        self._stand_ins: list[str] = []
        # The library that is open or was last: its path, its file ("" elsewhere), and the error if that is gone.
        self._library_path, self._library_file = "", ""
        self._gone: ServiceError | None = None
        self._library_files = LibraryFiles()
        # Whether its files have changed since the screens were told what it holds.
        self._changed = False
        # Whether a refresh tells the screens what it holds even if that is the same; the next refresh may replace it.
        self._to_tell = False
        self.first_query = query
        self.question = ""
        self.answers: Answerer = answers or Service()
        self.jobs = Jobs(self.tell, worker or (lambda: Service(nice=True)))
        self.training = Training(self._trained, train_command or COMMAND)
        self.study = Training(lambda event: self.tell(lambda: StudyEvent(event)), study_command or STUDY, many=True)
        self._wanted_library = library or self.settings.library
        for theme in THEMES:
            self.register_theme(theme)
        self._own_themes = OwnThemes(themes_folder())
        self._theme_problems = self._own_themes.register(self)
        chosen = self.settings.theme
        self.theme = chosen if chosen in self.available_themes else NIGHT.name
        # A theme whose file cannot be read now stays chosen, and is applied once it can be read.
        self.settings.theme = chosen
        self._theme_to_come = "" if chosen in self.available_themes else chosen

    def on_mount(self) -> None:
        """Set the user's keymap; open the library after the first paint."""
        self.set_keymap(self.keymap())
        if self.keymap():
            # The footer may have been drawn with the default keys.
            self.call_after_refresh(lambda: self.screen.refresh_bindings())
        self.set_interval(KEEPING, self.keep)
        self.set_interval(KEEPING, lambda: collector.let_go(monotonic() - self._touched > KEEPING))
        self.set_interval(KEEPING, self._look_at_library)
        if hasattr(signal, "SIGHUP"):
            # Sent when the terminal is closed; a handler can be set only in the main thread.
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._hang_up)
        self.call_after_refresh(self.open_library, self._wanted_library)
        for trouble in (self.memory.trouble, *self._theme_problems):
            if trouble:
                self.notify(trouble, severity="warning", markup=False)
        self.set_interval(KEEPING, self._look_at_themes)

    def watch_theme(self, theme: str) -> None:
        """Store the theme in the settings."""
        if self.is_running:
            self.settings.theme, self._theme_to_come = theme, ""

    def _look_at_themes(self) -> None:
        """Apply changed theme files, and the chosen theme once its file can be read."""
        problems = self._own_themes.register(self)
        if self._theme_to_come in self.available_themes:
            self.theme = self._theme_to_come
        for problem in problems:
            self.notify(problem, severity="warning", markup=False)

    # -- the library

    @work(exclusive=True, group="open", exit_on_error=False)
    async def open_library(self, library: str = "") -> None:
        """Open a library in the child process; what it holds becomes `status`."""
        self.trouble, self._wanted_library = "", library
        self.say("opening the library…")
        try:
            status = await self.answers.ask("open", self._opening, library=library)
        except ServiceError as error:
            self._failed(error, "no library")
            return
        # A demo opened by default is not remembered, so that the user's first library replaces it; a chosen one is.
        chosen = not status.get("demo") or self.settings.library == shown(library)
        self.settings.library = shown(library) if chosen else ""
        if not status.get("demo"):
            self.settings.remember(str(status["path"]))
        self._opened(status)

    async def ask(
        self, op: str, progress: OnProgress | None = None, *, wake: bool = True, **parameters: Any
    ) -> dict[str, Any]:
        """Ask the child process; if it has ended, start it and open the library again first.

        Args:
            op: the operation.
            progress: gets what is known before the result.
            wake: whether to start a child that has ended; False for requests that only follow an answer.
            parameters: those of the operation.

        Raises:
            ServiceError: the operation failed; the message says why.
        """
        if self._gone is not None:
            raise self._gone
        if not self.answers.running:
            if not wake:
                raise ServiceError("The search process has ended.", hint="The next question starts it again.")
            self.status = await self.answers.ask("open", self._opening, library=self.library_to_open())
            self.say()
        try:
            return await self.answers.ask(op, progress, **parameters)
        except ServiceError as error:
            if error.kind == "LibraryGone":
                self._failed(error, "the library is gone")
            raise

    async def _look_at_library(self) -> None:
        """Say so when the open library goes; open it when it is back; tell what other programs changed in it."""
        there = True
        if self._library_file:
            there, changed = await asyncio.to_thread(self._library_files.look, self._library_file)
            self._changed |= changed
        if self._gone is not None and there:
            self.open_library(self.library_to_open())
        elif self.status is not None and self.answers.running:
            if not there:
                self.refresh_library()
            elif self._changed and not self.jobs.running:
                self._changed = False
                self.refresh_library(only_news=True)

    def library_to_open(self) -> str:
        """The library to open again, as the child takes it: an address includes its password, which is never shown."""
        return self._wanted_library or self._library_path

    def refresh_library(self, *, only_news: bool = False) -> None:
        """Ask again what the library holds.

        Args:
            only_news: tell the screens only if it holds something else than before.
        """
        self._to_tell |= not only_news
        self._refresh()

    @work(exclusive=True, group="status", exit_on_error=False)
    async def _refresh(self) -> None:
        before = self.status
        try:
            status = await self.ask("status")
        except ServiceError as error:
            self.notify(error.message, severity="error", markup=False)
            return
        # Its size on disk changes by what this app writes to it, too.
        if self._to_tell or before is None or {**before, "size": 0} != {**status, "size": 0}:
            self._opened(status)

    def _failed(self, error: ServiceError, words: str) -> None:
        """No library is open: say why on every screen, and forget what the last one held."""
        self._gone = error if error.kind == "LibraryGone" else None
        self.status = None
        self.trouble = f"{error.message}\n\n{error.hint}".strip()
        self.say(words)
        message, hint = error.message, error.hint
        self.tell(lambda: LibraryFailed(message, hint))

    def _opened(self, status: dict[str, Any]) -> None:
        self.status, self.trouble, self._gone, self._to_tell = status, "", None, False
        self._library_path, self._library_file = str(status["path"]), str(status["file"])
        self._stand_in(status)
        self.say()
        self.tell(lambda: LibraryOpened(status))

    def _stand_in(self, status: dict[str, Any]) -> None:
        """If some default columns are unavailable, show the others and `bm25`; columns that the user chose stay."""
        usual = Settings().columns
        if self.settings.columns not in (usual, self._stand_ins):
            return
        known = [*status["encoders"], *(each["name"] for each in status["available"])]
        there = [name for name in usual if name in known]
        if len(there) == len(usual):
            self.settings.columns, self._stand_ins = usual, []
        else:
            self._stand_ins = list(dict.fromkeys([*(there or known[:1]), BM25]))
            self.settings.columns = list(self._stand_ins)

    def _opening(self, progress: dict[str, Any]) -> None:
        self.say(str(progress.get("words", "")))

    def say(self, words: str = "") -> None:
        """Put words at the top right of every screen; without words, what the library holds."""
        if not words and self.status is not None:
            status = self.status
            numbers = f"{counted(status['passages'], 'passage')} · {counted(len(status['languages']), 'language')}"
            words = f"{flat(status['name'])} · {numbers}"
        self._state_words = words
        for screen in self.listeners:
            for state in screen.query(State):
                state.words = words

    @property
    def folders(self) -> list[str]:
        """The folders that the library was made from."""
        return list(self.status["folders"]) if self.status else []

    def at_training(self) -> str:
        """The training or sweep that is running, as a sentence, or "": two at once would each take twice as long."""
        if self.training.running:
            return f"Training{f' of {self.training.name}' if self.training.name else ''} is running; ^x stops it."
        return f"The sweep {self.study.name} is running; ^x on Runs stops it." if self.study.running else ""

    def where(self) -> dict[str, Any]:
        """The library that is open, as a parameter of long work."""
        return {"library": self.status["path"]} if self.status else {"library": ""}

    def settle(self) -> None:
        """Keep collections of garbage short: what a newly drawn screen of a mode holds stays to the end."""
        collector.settle()

    def tell(self, make: Callable[[], Message]) -> None:
        """Post a message, made anew for each, to the screens of all modes entered so far."""
        for screen in self.listeners:
            screen.post_message(make())

    @property
    def state_words(self) -> str:
        """The words at the top right."""
        return getattr(self, "_state_words", "")

    # -- actions

    async def action_switch_mode(self, mode: str) -> None:
        """Go to a mode; a thread imports its module, with which the screen in front would stand still."""
        await asyncio.to_thread(_module, mode)
        self.switch_mode(mode)

    def action_light(self) -> None:
        """Change between the light and the dark theme."""
        self.theme = NIGHT.name if not self.current_theme.dark else DAY.name

    def keymap(self) -> dict[str, str]:
        """Keys by the id of their action: the user's own, and in a browser replacements for reserved ones."""
        served = os.environ.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver:")
        return {**(BROWSER if served else {}), **self.settings.keymap}

    def action_keys(self) -> None:
        """See and change the keys."""
        from ..screens import KeysScreen

        def changed(keymap: Mapping[str, str] | None) -> None:
            if keymap is not None:
                self.settings.keymap = dict(keymap)
                self.set_keymap(self.keymap())
                self.screen.refresh_bindings()

        if not isinstance(self.screen, KeysScreen):
            self.push_screen(KeysScreen(self.screen, self.settings.keymap), changed)

    def action_help(self) -> None:
        """Show the screen's help, made from its actual bindings."""
        from ..screens import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_jump(self) -> None:
        """Go to a pane of the screen by its letter."""
        from ..screens import Jump

        def go(pane: Widget | None) -> None:
            if pane is not None and pane.is_attached:
                pane.focus()

        if not isinstance(self.screen, ModalScreen):
            self.push_screen(Jump(self.screen), go)

    async def action_quit(self) -> None:
        """Quit; ask first if long work is running. A second request quits without asking."""
        running = ["training"] * self.training.running + ["the sweep"] * self.study.running
        running += [self.jobs.running] * bool(self.jobs.running)
        if not running or self._asked_to_quit:
            await self._leave()
            return
        from ..screens import Confirm

        self._asked_to_quit = True
        words = [
            f"{each[:1].upper()}{each[1:]} is running: {LOST.get(each, 'what is done is kept')}." for each in running
        ]
        self.push_screen(Confirm("Quit?", "\n".join(words), "Quit", "Stay"), self._quit_or_stay)

    async def _quit_or_stay(self, sure: bool | None) -> None:
        self._asked_to_quit = False
        if sure:
            await self._leave()

    async def _leave(self) -> None:
        """Save settings and history, end the child processes, and exit."""
        await self.keep()
        self._end_children()
        self.exit()

    def _hang_up(self) -> None:
        self._hanging_up = asyncio.create_task(self._hung_up())

    async def _hung_up(self) -> None:
        """Do what `_leave` does, then let the signal end the process: drawing to a closed terminal would block."""
        await self.keep()
        self._end_children()
        asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and one for text that a terminal would obey."""
        return [*super().get_line_filters(), self._printable]

    async def on_event(self, event: Event) -> None:
        """Note when somebody last pressed a key or moved the mouse."""
        if isinstance(event, InputEvent):
            self._touched = monotonic()
        await super().on_event(event)

    async def keep(self) -> None:
        """Save changed settings and history; columns that only stand in for the default ones are not saved."""
        stand_in = self.settings.columns == self._stand_ins
        trouble = await self.memory.keep(Settings().columns if stand_in else self.settings.columns)
        if trouble and self.is_running:
            self.notify(trouble, severity="warning", markup=False)

    def action_redraw(self) -> None:
        """Clear and redraw the screen: a terminal that counts a script's cells differently leaves remains."""
        if self._driver is not None:
            self._driver.write("\x1b[2J")
        self.screen.refresh(layout=True)

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """The screen as SVG."""
        from ..display import in_cells

        return in_cells(super().export_screenshot(title=title, simplify=simplify))

    async def ask_on_compare(self, query: str, language: str = "") -> None:
        """Go to Compare and ask there; `language` is the question's, if known."""
        await self.switch_mode("compare")
        self.screen.post_message(Wanted(query, language))

    async def on_unmount(self) -> None:
        """Save settings and history and end the child processes, however the app ends."""
        await self.keep()
        self._end_children()
        for each in (self.answers, self.jobs, self.training, self.study):
            await each.ended()

    def _end_children(self) -> None:
        self.training.close()
        self.study.close()
        self.jobs.close()
        self.answers.close()

    def _trained(self, event: dict[str, Any]) -> None:
        """Pass on a training run's events; a finished encoder becomes a column."""
        if event["event"] == "done" and event.get("name"):
            if event["name"] not in self.settings.columns:
                self.settings.columns = [*self.settings.columns, str(event["name"])]
            self.refresh_library()
        self.tell(lambda: TrainingEvent(event))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The commands of the palette: the app's, then the screen's."""
        for mode, name in MODES.items():
            yield SystemCommand(f"go: {name}", f"Open the {name} screen", partial(self.action_switch_mode, mode))
        yield SystemCommand("view: light or dark", "Change between the two themes", self.action_light)
        yield SystemCommand("view: theme…", "Choose among all themes", self.search_themes)
        yield SystemCommand("app: help", "Keys and what the screen shows", self.action_help)
        yield SystemCommand("view: jump to a pane", "Every pane gets a letter", self.action_jump)
        yield SystemCommand("app: keys…", "List them and change them", self.action_keys)
        yield SystemCommand("view: redraw", "Clears what the terminal left behind", self.action_redraw)
        yield SystemCommand("app: quit", "Settings and history are kept", self.action_quit)
        offers = getattr(screen, "commands", None)
        if callable(offers):
            for title, words, callback in offers():
                yield SystemCommand(title, words, callback)
