"""Map: passages as points coloured by language, for each encoder; a biased one makes an island of each language."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.getters import query_one
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from ...engine.encoders import is_encoder
from ...engine.languages import name as language_name
from ..display import counted, cut, flat
from ..service import LibraryOpened, ServiceError
from ..widgets.charts import Mark, Panel, Scatter, between, tag, turned
from .mode import ModeScreen, Offer

MOST_PANELS = 3
# Seconds and pictures of the animation from one map to another.
WAY, PICTURES = 1.6, 24


def make() -> Screen[Any]:
    """The screen of the mode."""
    return MapScreen()


class MapScreen(ModeScreen):
    """The maps of the columns' encoders, side by side if there is room."""

    MODE = "map"
    CSS_PATH = "map.tcss"
    HELP = """\
Each point is a passage, written as its language's code. Passages lie near each other when the encoder finds them alike
(t-SNE). A biased encoder sorts them into islands of languages; an unbiased one by what they say. The results of the
question on Compare stand out; **?** is where the question falls.

Arrows go from passage to passage; its nearest neighbours, by the encoder of the map under the cursor, are underlined
there and named below, and it is marked on every map. **v** opens a box, arrows stretch it, **v** takes it; the mouse
draws one. **p** begins a lasso and sets its corners, **⏎** takes it; the mouse draws one with ctrl or the right button.
What was taken can fill the map (**z**), become the filter of Compare (**f**), or a question there (**c**).
**g** brings the language of the cursor to the front. **a** shows how the first map turns into the last one.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "turn(1)", "Encoder", id="map.next", tooltip="The next encoder"),
        Binding("E", "turn(-1)", "Encoder before", show=False, id="map.before", tooltip="The encoder before"),
        Binding("a", "animate", "Before→after", id="map.animate", tooltip="The first map turns into the last one"),
        Binding("g", "front", "Language", id="map.front", tooltip="The cursor's language to the front, and back"),
        Binding("z", "zoom", "Zoom", id="map.zoom", tooltip="Show only the selection, or everything"),
        Binding("f", "filter", "Filter", show=False, id="map.filter", tooltip="Compare in its languages only"),
        Binding("c", "compare", "Compare", id="map.compare", tooltip="Ask on Compare about the selection"),
        Binding(
            "escape",
            "forget",
            "Forget",
            show=False,
            id="map.forget",
            tooltip="Close the box or lasso, drop the selection",
        ),
        Binding("ctrl+r", "redraw", "Redraw", id="map.redraw", tooltip="Draw the maps again"),
    ]
    panels = query_one("#panels", Horizontal)
    note = query_one("#map-note", Static)
    side = query_one("#map-side", Static)

    def __init__(self) -> None:
        super().__init__()
        self._turn = 0
        self._query = ""
        self._drawn: tuple[object, ...] = ()
        self.near: list[dict[str, Any]] = []
        self.chosen: frozenset[int] = frozenset()
        self._way: Timer | None = None

    def body(self) -> list[Widget]:
        """A note, the panels, and words on the passage under the cursor."""
        return [
            Static("", id="map-note", markup=False),
            Horizontal(id="panels"),
            Static("", id="map-side", markup=False),
        ]

    def on_mount(self) -> None:
        """Draw."""
        self.action_redraw()

    def on_screen_resume(self) -> None:
        """Draw again if question, encoders or library have changed."""
        if self._drawn and self._drawn != self._wanted():
            self.action_redraw()

    def on_resize(self) -> None:
        """Show as many panels as there is room for."""
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
        self._stop()
        self.chosen, self.near = frozenset(), []
        self.side.update("")
        await self.panels.remove_children()
        await self.panels.mount_all(Panel(name) for name in self._encoders())
        self._arrange()
        question = f"? {self._query}" if self._query else "Ask on Compare, and the question appears here."
        if not self._encoders():
            question = "No column of Compare has an encoder, and only encoders have a map: c there adds one."
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
                if self.focused is None and panel.display:
                    panel.focus()

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
        if isinstance(self.focused, Panel) and not self.focused.display:
            next(panel for panel in panels if panel.display).focus()

    def action_turn(self, by: int) -> None:
        """Show other encoders."""
        panels = list(self.query(Panel))
        if panels:
            self._turn = (self._turn + by) % len(panels)
            self._arrange()

    # -- the cursor and its neighbours

    @property
    def current(self) -> Panel | None:
        """The focused map, or the first visible one."""
        if isinstance(self.focused, Panel):
            return self.focused
        return next((panel for panel in self.query(Panel) if panel.display), None)

    @on(Scatter.Pointed)
    def _pointed(self, event: Scatter.Pointed) -> None:
        for panel in self.query(Panel):
            panel.cursor = event.mark.id
            panel.near = frozenset()
        self.side.update(_titled(event.mark))
        if isinstance(event.scatter, Panel):
            self._find_alike(event.scatter, event.mark)

    @work(exclusive=True, group="alike", exit_on_error=False)
    async def _find_alike(self, panel: Panel, mark: Mark) -> None:
        try:
            data = await self.hybrid.ask("alike", wake=False, id=mark.id, encoder=panel.encoder)
        except ServiceError as error:
            self.side.update(_titled(mark).append(f"\n{error.message}", "dim"))
            return
        self.near = data["near"]
        panel.near = frozenset(each["id"] for each in self.near)
        text = _titled(mark).append(f"\nnearest by {flat(panel.encoder)}: ", "dim")
        for each in self.near:
            text.append(*tag(each["language"])).append(f" {cut(flat(each['title']) or flat(each['text']), 24)} ")
            text.append(f"{each['likeness']:.2f}  ", "dim")
        self.side.update(text)

    # -- the passages taken with a box or lasso

    @on(Scatter.Chosen)
    def _chosen(self, event: Scatter.Chosen) -> None:
        self.chosen = event.ids
        for panel in self.query(Panel):
            panel.chosen = event.ids
        counts = Counter(mark.language for mark in self._taken())
        text = Text(f"{counted(len(event.ids), 'passage')} taken: " if event.ids else "There is nothing in it.")
        for code, number in counts.most_common():
            text.append(*tag(code)).append(f" {number}  ")
        if event.ids:
            text.append("\nz shows only these · f compares in these languages only · c asks about them", "dim")
            text.append(" · esc forgets them", "dim")
        self.side.update(text)

    def _taken(self) -> list[Mark]:
        panel = self.current
        return [mark for mark in panel.whole if mark.id in self.chosen] if panel is not None else []

    def action_zoom(self) -> None:
        """Show only the passages taken; if they are shown, show all again."""
        panel = self.current
        if panel is None:
            return
        if panel.kept is None and not self.chosen:
            self.notify("Select something first: v opens a box, p begins a lasso.", markup=False)
            return
        kept = self.chosen if panel.kept is None else None
        for each in self.query(Panel):
            each.filter(kept)

    def action_filter(self) -> None:
        """Let Compare search only the languages of the passages taken."""
        codes = sorted({mark.language for mark in self._taken()})
        if not codes:
            self.notify("Select something first: v opens a box, p begins a lasso.", markup=False)
            return
        self.hybrid.settings.languages = codes
        names = ", ".join(language_name(code) for code in codes)
        self.notify(f"Compare searches {names} only; f there changes it.", markup=False)
        if self.hybrid.question:
            self.app.call_later(self.hybrid.ask_on_compare, self.hybrid.question)

    def action_compare(self) -> None:
        """Ask on Compare about the passage in the middle of those taken, or about the one under the cursor."""
        panel, taken = self.current, self._taken()
        if panel is None:
            return
        if taken:
            x, y = (sum(getattr(mark, axis) for mark in taken) / len(taken) for axis in "xy")
            mark = min(taken, key=lambda each: (each.x - x) ** 2 + (each.y - y) ** 2)
        else:
            found = next((each for each in panel.whole if each.id == panel.cursor), None)
            if found is None:
                self.notify("Go to a passage first (arrows), or select some with a box (v) or lasso (p).", markup=False)
                return
            mark = found
        self.app.call_later(self.hybrid.ask_on_compare, flat(mark.title) or mark.language, mark.language)

    def action_front(self) -> None:
        """Bring the language of the cursor to the front of every map; a second time, no language."""
        panel = self.current
        mark = next((each for each in panel.whole if each.id == panel.cursor), None) if panel is not None else None
        if panel is None or mark is None:
            self.notify("Go to a passage first (arrows); g then brings its language to the front.", markup=False)
            return
        wanted = "" if panel.front == mark.language else mark.language
        for each in self.query(Panel):
            each.front = wanted

    def action_forget(self) -> None:
        """Close the open box or lasso; if there is none, forget the passages taken."""
        panel = self.current
        if panel is not None and panel.drop_box():
            return
        self.chosen = frozenset()
        for each in self.query(Panel):
            each.chosen, each.front = frozenset(), ""
            each.filter(None)
        self.side.update("")

    # -- before and after

    def action_animate(self) -> None:
        """Animate the last visible map from the first encoder's map to its own."""
        panels = [panel for panel in self.query(Panel) if panel.whole]
        if len(panels) < 2:
            self.notify("Two maps are needed: c on Compare adds an encoder.", markup=False)
            return
        self._stop()
        seen = [panel for panel in panels if panel.display]
        after = seen[-1] if seen and seen[-1] is not panels[0] else panels[-1]
        before = panels[0]
        if not after.display:
            self._turn = list(self.query(Panel)).index(after)
            self._arrange()
        start, pictures = turned(before.whole, after.whole), iter(range(PICTURES + 1))
        if self.app.animation_level == "none":
            pictures = iter([PICTURES])

        def picture() -> None:
            number = next(pictures, PICTURES)
            after.marks = between(start, after.whole, number / PICTURES)
            if number == PICTURES:
                self._stop()
                self.note.update(f"{flat(before.encoder)} → {flat(after.encoder)}: done")

        self.note.update(f"{flat(before.encoder)} → {flat(after.encoder)}")
        self._way = self.set_interval(WAY / PICTURES, picture)

    def _stop(self) -> None:
        way, self._way = self._way, None
        if way is not None:
            way.stop()
            for panel in self.query(Panel):
                panel.filter(panel.kept)

    @on(Scatter.Picked)
    def _picked(self, event: Scatter.Picked) -> None:
        self._read(event.passage)

    @work(exclusive=True, group="read", exit_on_error=False)
    async def _read(self, passage: int) -> None:
        from .answers import Reader

        try:
            data = await self.hybrid.ask("passage", id=passage)
        except ServiceError as error:
            self.notify(error.message, severity="error", markup=False)
        else:
            self.app.push_screen(Reader(data, None, self.hybrid.folders))

    def commands(self) -> list[Offer]:
        """The commands of the palette here."""
        return [
            ("map: redraw", "With the question of Compare", self.action_redraw),
            ("map: before → after", "The first map turns into the last one", self.action_animate),
            ("map: ask about this", "The selection, or the cursor, on Compare", self.action_compare),
        ]


def _titled(mark: Mark) -> Text:
    return Text.assemble(tag(mark.language), (f" {flat(mark.title) or language_name(mark.language)}", "bold"))
