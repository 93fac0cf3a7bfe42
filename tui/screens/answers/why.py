"""Why this rank? The parts of a passage's score, by sentence and token, and a slider from raw to neutral."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.message import Message

from ....engine.encoders import is_encoder
from ....engine.languages import name as language_name
from ...display import cut, flat
from ...service import ServiceError
from ...widgets import Hit, Keys, Results
from ...widgets.explained import PartBars, SentenceShares, Slider
from ..dialogs import Dialog
from ..host import Host

FEW = "Fewer than eight passages in each of two languages: language cannot be told from meaning here."
# The same below a dialog in 80 cells.
FEW_BRIEFLY = "Under 8 passages in each of two languages: language is not told apart."


@dataclass
class Explained(Message):
    """The child explained a passage by an encoder."""

    encoder: str
    data: dict[str, Any]


@dataclass
class Slid(Message):
    """The child ranked passages at a strength of the slider."""

    encoder: str
    data: dict[str, Any]


class Why(Dialog[None]):
    """Explains the rank of one passage for one question, by one encoder at a time.

    Args:
        passage: its id.
        how: the question and what its ranks depend on, as parameters of the child.
        encoders: those that have a column.
        encoder: the first one to explain.
        grades: the judgements of the question.
    """

    CSS_PATH = "why.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Back", id="why.back", tooltip="Back to the results"),
        Binding("e", "turn(1)", "Next encoder", id="why.encoder", tooltip="Explain by the next encoder"),
    ]
    bars = query_one(PartBars)
    sentences = query_one(SentenceShares)
    slider = query_one(Slider)
    results = query_one(Results)

    def __init__(
        self, passage: int, how: Mapping[str, Any], encoders: Sequence[str], encoder: str, grades: Mapping[int, int]
    ) -> None:
        super().__init__()
        self._passage, self._how, self._grades = passage, dict(how), grades
        self._encoders = [name for name in encoders if is_encoder(name)]
        self._encoder = encoder if encoder in self._encoders else (self._encoders or [encoder])[0]
        self.explained: dict[str, Any] | None = None
        self._raw: dict[int, int] = {}

    def compose(self) -> ComposeResult:
        """Parts and sentences at the left, the slider and its ranking at the right."""
        with Vertical(id="why") as frame:
            frame.border_title = Content("Why this rank?")
            with Horizontal(id="why-panes"):
                with Vertical(id="why-parts"):
                    yield PartBars()
                    yield SentenceShares()
                with Vertical(id="why-slide"):
                    yield Slider()
                    yield Results()
        yield Keys()

    def on_mount(self) -> None:
        """Explain by the first encoder."""
        self.results.same = self._passage
        self.results.grades = dict(self._grades)
        self.slider.focus()
        self._begin()

    @property
    def _hybrid(self) -> Host:
        return cast("Host", self.app)

    def _parameters(self) -> dict[str, Any]:
        return {name: self._how[name] for name in ("query", "languages", "query_language")}

    def action_turn(self, by: int) -> None:
        """Explain by another encoder."""
        if len(self._encoders) > 1:
            here = self._encoders.index(self._encoder)
            self._encoder = self._encoders[(here + by) % len(self._encoders)]
            self._begin()

    def _begin(self) -> None:
        self.query_one("#why").border_title = Content(f"Why this rank? · {flat(self._encoder)}")
        self.explained, self.slider.ranks, self._raw = None, (), {}
        self.bars.parts, self.bars.words = None, f"Asking {flat(self._encoder)}…"
        self.sentences.say("Explaining its sentences…")
        self._explain(self._encoder)

    @work(exclusive=True, group="explain", exit_on_error=False)
    async def _explain(self, encoder: str) -> None:
        try:
            data = await self._hybrid.ask("explain", id=self._passage, encoder=encoder, **self._parameters())
        except ServiceError as error:
            self.bars.words = error.message
            self.sentences.say(f"{error.message}\n\n{error.hint}".strip())
            return
        self.post_message(Explained(encoder, data))
        self._slide(encoder, 0.0)
        if self.slider.strength:
            self._slide_later(encoder, self.slider.strength)

    @on(Explained)
    def _show(self, event: Explained) -> None:
        if event.encoder != self._encoder:
            return
        data = self.explained = event.data
        self.bars.parts = data["parts"]
        self.sentences.show(data)
        self.slider.ranks = data["ranks"]
        title = flat(data["passage"]["title"]) or flat(data["passage"]["path"])
        asked = language_name(data["query_language"])
        words = f"asked in {asked} · {data['ranks'][0] or '–'} of {data['searched']:,}"
        frame = self.query_one("#why")
        few = FEW if frame.size.width > len(FEW) + 4 else FEW_BRIEFLY
        frame.border_subtitle = Content(f"{cut(title, 40)} · {words}" if data["known"] else few)

    @on(Slider.Moved)
    def _slider_moved(self, event: Slider.Moved) -> None:
        self._slide_later(self._encoder, event.strength)

    @work(exclusive=True, group="slide-first", exit_on_error=False)
    async def _slide(self, encoder: str, strength: float) -> None:
        await self._ask_to_slide(encoder, strength)

    @work(exclusive=True, group="slide", exit_on_error=False)
    async def _slide_later(self, encoder: str, strength: float) -> None:
        await self._ask_to_slide(encoder, strength)

    async def _ask_to_slide(self, encoder: str, strength: float) -> None:
        try:
            data = await self._hybrid.ask("slide", encoder=encoder, strength=strength, k=20, **self._parameters())
        except ServiceError:
            # The left side shows the error already.
            return
        self.post_message(Slid(encoder, data))

    @on(Slid)
    def _ranked(self, event: Slid) -> None:
        if event.encoder != self._encoder:
            return
        hits = [Hit.of(each) for each in event.data["hits"]]
        if event.data["strength"] == 0:
            self._raw = {hit.id: hit.rank for hit in hits}
        if event.data["strength"] == self.slider.strength:
            self.results.reference = self._raw if event.data["strength"] else None
            self.results.show(hits)
