"""One encoder's answer: its languages, its bias, its ranked passages, and its state in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.reactive import reactive
from textual.widget import Widget

from ...engine.errors import EmptyLibrary
from ...engine.languages import name as language_name
from ..service import Told, for_the_app
from .charts import LanguageBar, Share, ShareGauge
from .results import Hit, Results
from .right_answers import Found, RightAnswers

_PARTS = 5
OTHER_LANGUAGES = "f chooses other languages."
OTHER_WORDS = "Ask in other words, or add an encoder: c."


class Notice(Widget):
    """Words in the middle of a column; an ellipsis ends those that have no room."""

    words: reactive[str] = reactive("")

    def render(self) -> Text:
        """As many lines as fit."""
        width, height = self.content_size
        lines = Text(self.words).wrap(self.app.console, max(1, width))
        if not 0 < height < len(lines):
            return Text(self.words, end="")
        return Text("\n", end="").join([*lines[: height - 1], Text("…")])


class Column(Vertical):
    """A column named after its encoder. Its state is its CSS class, one of `STATES`."""

    STATES = ("-idle", "-busy", "-stale", "-result", "-error")
    bar = query_one(LanguageBar)
    gauge = query_one(ShareGauge)
    results = query_one(Results)
    right = query_one(RightAnswers)
    notice = query_one(Notice)

    def __init__(self, encoder: str) -> None:
        super().__init__(classes="-idle")
        self.encoder = encoder
        self.border_title = Content(encoder)

    def compose(self) -> ComposeResult:
        """The bar, the gauge, the list, and the words shown instead of them."""
        yield LanguageBar()
        yield ShareGauge()
        yield RightAnswers()
        yield Results()
        yield Notice()

    @property
    def whole(self) -> bool:
        """Whether all its parts are mounted."""
        # Called at every step of an answer: queries for each part would take longer than showing the step.
        return len(self.children) == _PARTS

    def _enter(self, state: str, words: str = "", subtitle: str | None = None) -> None:
        if not self.has_class(state):
            # One update of classes: each update styles the whole column again.
            self.remove_class(*self.STATES, update=False).add_class(state)
        if subtitle is not None:
            self.border_subtitle = Content(subtitle)
        self.notice.words = words

    def idle(self) -> None:
        """Show that nothing was asked."""
        self.results.show(())
        self._enter("-idle", subtitle="")

    def searching(self) -> None:
        """Show that a search runs; an older answer stays, dimmed, until the new one comes."""
        if self.results.hits:
            self._enter("-stale", subtitle="searching…")
        else:
            self._enter("-busy", "Searching…", subtitle="")

    def busy(self, words: str) -> None:
        """Show that something slower than a search runs."""
        sentence = f"{words[:1].upper()}{words[1:]}"
        if self.results.hits:
            self._enter("-stale", subtitle=sentence)
        else:
            self._enter("-busy", sentence, subtitle="")

    def fail(self, message: str, hint: str = "") -> None:
        """Show why there is no answer."""
        self.results.show(())
        self._enter("-error", f"{message}\n\n{hint}".strip(), subtitle="no answer")

    def tell(self, told: Told) -> None:
        """Show what happens about passages that its encoder has not encoded."""
        if told.over:
            self.fail(told.words, told.hint)
        else:
            self.busy(told.words)

    def answer(self, ranking: Mapping[str, Any], languages: list[str], pending: int = 0) -> None:
        """Show a ranking."""
        hits = [Hit.of(each) for each in ranking["hits"]]
        code = ranking["query_language"]["code"]
        self.results.show(hits)
        self.bar.counts = ranking["languages"]
        self.gauge.share = Share(code, ranking["share"], ranking["library_share"]) if code != "und" else None
        if hits:
            self._enter("-result", subtitle=summary(ranking, pending))
        else:
            step = OTHER_LANGUAGES if languages else OTHER_WORDS if ranking["searched"] else ""
            self._enter("-error", f"{nothing(ranking['searched'], languages)}\n\n{step}".strip(), subtitle="no result")

    def mark(self, passage: int | None, reference: Mapping[int, int] | None) -> None:
        """Mark a passage, and show how ranks differ from the reference's (None: this column is the reference)."""
        self.results.same = passage
        self.results.reference = reference

    def judge(self, grades: Mapping[int, int], ranks: Mapping[int, int]) -> Found:
        """Mark judged passages; `ranks` are the right answers' ranks by id. Returns which of these are here."""
        right = [number for number, grade in grades.items() if grade > 0]
        here = {hit.id: hit.rank for hit in self.results.hits if hit.id in right}
        self.results.grades = grades
        return Found(len(right), here, dict(ranks) | here, len(self.results.hits))


def summary(ranking: Mapping[str, Any], pending: int = 0) -> str:
    """The state of an answered column: "10 of 336 · 41 ms"."""
    parts = [f"{len(ranking['hits'])} of {ranking['searched']:,}", duration(ranking["seconds"])]
    if pending:
        parts.append(f"{pending:,} not encoded yet")
    return " · ".join(parts)


def nothing(searched: int, languages: list[str]) -> str:
    """Why a ranking is empty."""
    if languages:
        return f"No passage in {' or '.join(language_name(code) for code in languages)}."
    if searched:
        return "No passage shares a word with the question."
    empty = EmptyLibrary()
    return f"{empty.message}\n\n{for_the_app(empty.hint)}"


def duration(seconds: float) -> str:
    """Milliseconds under a second, else seconds: "41 ms", "1.2 s"."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
