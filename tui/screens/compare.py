"""Compare: one question, a column for each encoder, and the passage under the cursor with its translations."""

from __future__ import annotations

from typing import Any

from textual import on, work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from ...engine.encoders import BM25, TRIO
from ..service import (
    JobEnded,
    JobProgress,
    LibraryFailed,
    LibraryOpened,
    RankingArrived,
    SentenceFound,
    ServiceError,
    TrainingEvent,
)
from ..state import Questions
from ..widgets import AskBar, Column, Hit, PassageView, QueryInput, Results, Starters, Switches
from ..widgets.charts import RankStrip, Strips
from .compare_actions import CompareActions

TYPING_PAUSE = 0.25
CURSOR_PAUSE = 0.06
ENCODE_AT_ONCE = 5_000
ENCODING = "encoding for "


def make() -> Screen[Any]:
    """The screen of the mode."""
    return CompareScreen()


class CompareScreen(CompareActions):
    """The default mode."""

    MODE = "compare"
    CSS_PATH = "compare.tcss"
    HELP = """\
A column for each encoder. The **bar** shows the languages of its results. The line below it runs from ◇, the share of
the question's language in the library, to ●, its share here: the longer the line, the stronger the language bias.

▲3 means three places higher than in the reference column, *new* that it is not there. Below stand the passage and
where its translations rank: the distance from the best to the worst is the rank distance.
"""

    strip = query_one(RankStrip)
    reader = query_one(PassageView)
    ask_bar = query_one(AskBar)
    starters = query_one(Starters)
    switches = query_one(Switches)

    def __init__(self) -> None:
        super().__init__()
        self.questions = Questions([])
        self.query_text = ""
        self.asked: dict[str, Any] = {}
        self.chosen_language = ""
        self.rankings: dict[str, dict[str, Any]] = {}
        self.pending: dict[str, int] = {}
        self.spans: dict[int, tuple[int, int]] = {}
        self.passage: dict[str, Any] | None = None
        self.pointed: Hit | None = None
        self._typing: Timer | None = None
        self._moving: Timer | None = None

    def body(self) -> list[Widget]:
        """The question, its switches, the columns, the passage."""
        columns = Horizontal(*(Column(name) for name in self.hybrid.settings.columns), id="columns")
        strips = Vertical(RankStrip(), id="strips")
        strips.border_title = Content("Its translations by rank")
        reader = PassageView(id="reader")
        reader.border_title = Content("Passage")
        detail = Horizontal(reader, strips, id="detail")
        return [AskBar(self.hybrid.history), Switches(), Starters(), columns, detail]

    def on_mount(self) -> None:
        """Everything that needs no library."""
        self.switches.show(self.hybrid.settings)
        self.set_class(True, "-nothing-asked")
        self.ask_bar.input.focus()
        self.call_after_refresh(self._offer)
        if self.hybrid.first_query:
            self.ask_bar.input.value = self.hybrid.first_query

    def _offer(self) -> None:
        self.questions = Questions.load()
        self.starters.offer(self.questions.starters(12))

    @property
    def columns(self) -> list[Column]:
        """The columns, left to right; one that is only being put up does not count yet."""
        return [column for column in self.query(Column) if column.query(Results)]

    def column(self, encoder: str) -> Column | None:
        """The column of an encoder."""
        return next((each for each in self.columns if each.encoder == encoder), None)

    # -- asking

    @on(Input.Changed, "#query")
    def _typed(self, event: Input.Changed) -> None:
        if self._typing is not None:
            self._typing.stop()
        self.chosen_language = ""
        self._typing = self.set_timer(TYPING_PAUSE, self.ask)

    @on(Input.Submitted, "#query")
    def _submitted(self, event: Input.Submitted) -> None:
        self.ask_bar.input.remember(event.value)
        self.ask()

    @on(Starters.Picked)
    def _picked(self, event: Starters.Picked) -> None:
        self.put(event.query)

    def put(self, query: str) -> None:
        """Ask this now, as if it had been typed."""
        box = self.ask_bar.input
        with self.prevent(Input.Changed):
            box.value = query
        box.cursor_position = len(query)
        box.remember(query)
        box.focus()
        self.chosen_language = ""
        self.ask()

    def ask(self) -> None:
        """Ask what stands in the line; the answer to anything asked before is dropped."""
        if self._typing is not None:
            self._typing.stop()
        self.query_text = self.ask_bar.input.value.strip()
        self.set_class(not self.query_text, "-nothing-asked")
        self.workers.cancel_group(self, "sentences")
        self.spans = {}
        if not self.query_text:
            self.workers.cancel_group(self, "ask")
            self.rankings = {}
            for column in self.columns:
                column.idle()
            self._show_language(None)
            return
        self._ask()

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def _ask(self) -> None:
        query, settings = self.query_text, self.hybrid.settings
        for column in self.columns:
            column.searching()
        self.pending = {}

        def arrived(data: dict[str, Any]) -> None:
            if "column" in data:
                self.post_message(RankingArrived(query, data["column"], data))

        try:
            result = await self.hybrid.ask(
                "ask",
                arrived,
                query=query,
                encoders=[column.encoder for column in self.columns],
                k=settings.k,
                languages=settings.languages,
                exact=settings.exact,
                neutral=settings.neutral,
                query_language=self.chosen_language,
            )
        except ServiceError as error:
            self._failed(query, error)
            return
        if query == self.query_text:
            self.asked = result
            self.call_after_refresh(self._find_sentences)
            # The ranks of the passage shown are those of this answer: its columns, its filter, its switches.
            self.call_after_refresh(self._fetch_passage)

    def _failed(self, query: str, error: ServiceError) -> None:
        if query != self.query_text:
            return
        message = self.hybrid.trouble or error.message
        for column in self.columns:
            column.fail(message, "" if self.hybrid.trouble else error.hint)

    @on(RankingArrived)
    def _arrived(self, event: RankingArrived) -> None:
        column = self.column(event.column)
        if column is None or event.query != self.query_text:
            return
        data = event.data
        if "ranking" in data:
            ranking = data["ranking"]
            self.rankings[column.encoder] = ranking
            column.answer(ranking, self.hybrid.settings.languages, self.pending.get(column.encoder, 0))
            self._show_language(ranking["query_language"])
            self._compare()
            self._point_at_first(column)
        elif "error" in data:
            self.rankings.pop(column.encoder, None)
            column.fail(data["error"]["message"], data["error"]["hint"])
        elif "missing" in data:
            self._missing(column, data["missing"])
        elif "pending" in data:
            self.pending[column.encoder] = data["pending"]
        elif data.get("state") == "loading":
            column.busy(f"Loading the encoder {column.encoder}…")

    def _show_language(self, detected: dict[str, Any] | None) -> None:
        code = self.chosen_language or (detected["code"] if detected else "")
        confidence = detected["confidence"] if detected else 0.0
        self.ask_bar.language.show(code, confidence, chosen=bool(self.chosen_language))
        found = self.questions.find(self.query_text)
        self.switches.translations.codes = sorted(found[0]) if found else ()
        self.switches.translations.current = found[1] if found else ""

    def _compare(self) -> None:
        """Show movement against the reference, and the same passage everywhere."""
        name = self.reference_name()
        ranking = self.rankings.get(name, {"hits": []})
        ranks = {hit["id"]: hit["rank"] for hit in ranking["hits"]}
        pointed = self.pointed.id if self.pointed else None
        for column in self.columns:
            is_reference = column.encoder == name
            column.set_class(is_reference, "-reference")
            column.mark(pointed, None if is_reference or not ranks else ranks)

    def reference_name(self) -> str:
        """The column that movement is measured against: the chosen one, or the first."""
        names = [column.encoder for column in self.columns]
        reference = self.hybrid.settings.reference
        return reference if reference in names else (names[0] if names else "")

    # -- encoding what is missing

    def _missing(self, column: Column, number: int) -> None:
        self.rankings.pop(column.encoder, None)
        words = f"{number:,} passages are not encoded for {column.encoder} yet."
        if number > ENCODE_AT_ONCE:
            column.fail(words, "Encode them on the Library screen (F3).")
        elif self.hybrid.jobs.running:
            column.busy(f"{words} Waiting for {self.hybrid.jobs.running} to end.")
        else:
            column.busy(f"Encoding {number:,} passages for {column.encoder}…")
            self.hybrid.jobs.start(
                f"{ENCODING}{column.encoder}", "encode", encoder=column.encoder, **self.hybrid.where()
            )

    @on(JobProgress)
    def _encoding(self, event: JobProgress) -> None:
        column = self.column(event.job.removeprefix(ENCODING))
        if column is not None:
            column.busy(event.words)

    @on(JobEnded)
    def _encoded(self, event: JobEnded) -> None:
        column = self.column(event.job.removeprefix(ENCODING))
        if column is not None and event.error:
            column.fail(event.error)
        elif event.result is not None and event.job.startswith(ENCODING):
            # What the library holds has changed for every screen; this one asks again when it hears of it.
            self.hybrid.refresh_library()
        elif event.result is not None and self.query_text:
            self.ask()

    # -- sentences and passages

    @work(exclusive=True, group="sentences", exit_on_error=False)
    async def _find_sentences(self) -> None:
        query, name = self.query_text, self._sentence_encoder()
        hits = [hit for column in self.columns for hit in column.results.hits]
        ids = list({hit.id: None for hit in sorted(hits, key=lambda hit: hit.rank)})
        if not ids or not name:
            return

        def found(data: dict[str, Any]) -> None:
            self.post_message(SentenceFound(query, data["id"], tuple(data["span"])))

        try:
            await self.hybrid.ask("sentences", found, wake=False, query=query, encoder=name, ids=ids)
        except ServiceError:
            # The lines then begin where the passages begin.
            return

    def _sentence_encoder(self) -> str:
        """The encoder that knows best where an answer is, whatever its language."""
        names = [column.encoder for column in self.columns if column.encoder in self.rankings]
        return next((name for name in (*TRIO[:2], *names) if name in names and name != BM25), "")

    @on(SentenceFound)
    def _sentence(self, event: SentenceFound) -> None:
        if event.query != self.query_text:
            return
        self.spans[event.passage] = event.span
        for column in self.columns:
            column.results.put_span(event.passage, event.span)
        if self.pointed is not None and self.pointed.id == event.passage and self.passage is not None:
            self.reader.show(self.passage, event.span, self.hybrid.folders)

    def _point_at_first(self, column: Column) -> None:
        """A new answer shows a passage at once: the first of the last column, where the least biased one stands."""
        shown = {hit.id for each in self.columns for hit in each.results.hits}
        if column is self.columns[-1] or self.pointed is None or self.pointed.id not in shown:
            hits = column.results.hits
            if hits and not any(each.results.has_focus for each in self.columns):
                self._point(hits[0])

    @on(Results.Moved)
    def _moved(self, event: Results.Moved) -> None:
        self._point(event.hit)

    def _point(self, hit: Hit) -> None:
        self.pointed = hit
        for column in self.columns:
            column.results.same = hit.id
        if self._moving is not None:
            self._moving.stop()
        self._moving = self.set_timer(CURSOR_PAUSE, self._fetch_passage)

    @work(exclusive=True, group="passage", exit_on_error=False)
    async def _fetch_passage(self) -> None:
        hit = self.pointed
        if hit is None:
            return
        encoders = [column.encoder for column in self.columns if column.encoder in self.rankings]
        try:
            query, settings = self.query_text, self.hybrid.settings
            data = await self.hybrid.ask(
                "passage",
                wake=False,
                id=hit.id,
                query=query,
                encoders=encoders,
                languages=settings.languages,
                neutral=settings.neutral,
                query_language=self.chosen_language,
            )
        except ServiceError as error:
            self.reader.say(f"{error.message} {error.hint}".strip())
            self.strip.strips = None
            return
        if hit is self.pointed:
            self.passage = data
            self.reader.show(data, self.spans.get(hit.id), self.hybrid.folders)
            searched = max((each["searched"] for each in self.rankings.values()), default=0)
            self.strip.strips = Strips(data["strips"], searched, data["passage"]["language"])
            title = "Its translations by rank" if data["translations"] else "Its rank · no translation known"
            self.query_one("#strips").border_title = Content(title)

    # -- news

    @on(LibraryOpened)
    def _opened(self, event: LibraryOpened) -> None:
        if [column.encoder for column in self.columns] != self.hybrid.settings.columns:
            self.set_columns(self.hybrid.settings.columns)
        elif self.query_text:
            self.ask()

    @on(TrainingEvent)
    def _trained(self, message: TrainingEvent) -> None:
        if message.event["event"] == "done":
            self.set_columns(self.hybrid.settings.columns)

    @on(LibraryFailed)
    def _no_library(self, event: LibraryFailed) -> None:
        self.set_class(False, "-nothing-asked")
        for column in self.columns:
            column.fail(event.message, event.hint)

    @on(QueryInput.Left)
    def _down_to_results(self) -> None:
        for column in self.columns:
            if column.results.hits:
                column.results.focus()
                return
        self.starters.focus()
