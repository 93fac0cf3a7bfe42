"""Map: passages as points coloured by language, for each encoder: islands where it is biased, one land where not."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from ...engine.encoders import is_encoder
from ..service import LibraryOpened, ServiceError
from ..widgets.charts import Scatter, marks_of
from .mode import ModeScreen, Offer

MOST_PANELS = 3


def make() -> Screen[Any]:
    """The screen of the mode."""
    return MapScreen()


class Panel(Scatter):
    """The map of one encoder, in a frame that says how mixed it is."""

    def __init__(self, encoder: str) -> None:
        super().__init__(classes="frame")
        self.encoder = encoder
        self.border_title = Content(encoder)

    def show(self, data: dict[str, Any]) -> None:
        """Draw points, finished or still moving."""
        self.marks = marks_of(data)
        if "hits" in data:
            self.hits = data["hits"]
        same, chance = data["same"], data["chance"]
        self.border_subtitle = Content(f"same-language neighbours {same:.0%} (chance {chance:.0%})")

    def say(self, words: str) -> None:
        """Words instead of points."""
        self.marks = []
        self.words = words


class MapScreen(ModeScreen):
    """The maps of the columns' encoders, side by side where there is room."""

    MODE = "map"
    CSS_PATH = "map.tcss"
    HELP = """\
Each point is a passage, written as its language's code. Passages lie near each other when the encoder finds them alike
(t-SNE). A biased encoder sorts them into islands of languages; an unbiased one by what they say. The results of the
question on Compare stand out; **?** is where the question falls. Hover for titles, click to read.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "turn(-1)", "Encoder before", show=False, id="map.before", tooltip="The encoder before"),
        Binding("right,l", "turn(1)", "Next encoder", id="map.next", tooltip="The next encoder"),
        Binding("ctrl+r", "redraw", "Redraw", id="map.redraw", tooltip="Draw the maps again"),
    ]
    panels = query_one("#panels", Horizontal)
    note = query_one("#map-note", Static)

    def __init__(self) -> None:
        super().__init__()
        self._turn = 0
        self._query = ""
        self._drawn: tuple[object, ...] = ()

    def body(self) -> list[Widget]:
        """A note and the panels."""
        return [Static("", id="map-note", markup=False), Horizontal(id="panels")]

    def on_mount(self) -> None:
        """Draw."""
        self.action_redraw()

    def on_screen_resume(self) -> None:
        """Draw again where question, encoders or library changed meanwhile."""
        if self._drawn and self._drawn != self._wanted():
            self.action_redraw()

    def on_resize(self) -> None:
        """One panel at a time where there is no room for more."""
        self._arrange()

    @on(LibraryOpened)
    def _opened(self) -> None:
        if self.is_current:
            self.action_redraw()

    def _encoders(self) -> list[str]:
        return [name for name in self.hybrid.settings.columns if is_encoder(name)]

    def _wanted(self) -> tuple[object, ...]:
        status = self.hybrid.status or {}
        return (tuple(self._encoders()), self.hybrid.question, status.get("path"), status.get("passages"))

    def action_redraw(self) -> None:
        """Draw the maps again."""
        self._drawn, self._query = self._wanted(), self.hybrid.question
        self._redraw()

    @work(exclusive=True, group="map", exit_on_error=False)
    async def _redraw(self) -> None:
        await self.panels.remove_children()
        await self.panels.mount_all(Panel(name) for name in self._encoders())
        self._arrange()
        question = f"? {self._query}" if self._query else "Ask on Compare, and the question appears here."
        self.note.update(question)
        for panel in self.query(Panel):
            panel.say(self.hybrid.trouble.split("\n")[0] or "Waiting…")
        for panel in self.query(Panel):
            panel.say(f"Drawing the map of {panel.encoder}…")
            try:
                data = await self.hybrid.ask(
                    "map", partial(self._step, panel), encoder=panel.encoder, query=self._query
                )
            except ServiceError as error:
                panel.say(f"{error.message} {error.hint}".strip())
            else:
                panel.show(data)

    def _step(self, panel: Panel, data: dict[str, Any]) -> None:
        if "points" in data:
            panel.show(data)
        elif data.get("state") == "loading":
            panel.say(f"Loading the encoder {panel.encoder}…")

    def _arrange(self) -> None:
        panels = list(self.query(Panel))
        room = max(1, min(MOST_PANELS, self.size.width // 56))
        for index, panel in enumerate(panels):
            place = (index - self._turn) % len(panels)
            panel.display = place < room

    def action_turn(self, by: int) -> None:
        """Show other encoders."""
        panels = list(self.query(Panel))
        if panels:
            self._turn = (self._turn + by) % len(panels)
            self._arrange()

    @on(Scatter.Picked)
    def _picked(self, event: Scatter.Picked) -> None:
        self._read(event.passage)

    @work(exclusive=True, group="read", exit_on_error=False)
    async def _read(self, passage: int) -> None:
        from .reader import Reader

        try:
            data = await self.hybrid.ask("passage", id=passage)
        except ServiceError as error:
            self.notify(error.message, severity="error", markup=False)
        else:
            self.app.push_screen(Reader(data, None, self.hybrid.folders))

    def commands(self) -> list[Offer]:
        """What the palette offers here."""
        return [("map: redraw", "With the question of Compare", self.action_redraw)]
