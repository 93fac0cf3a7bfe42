"""Compare: one question, a column for each encoder, and the passage under the cursor with its translations."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal

from textual import on, work
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.screen import Screen
from textual.widget import Widget

from ...engine.encoders import is_encoder
from ...engine.languages import name as language_name
from ..service import (
    ENCODING,
    Encoding,
    JobEnded,
    JobProgress,
    LibraryFailed,
    LibraryOpened,
    RankingArrived,
    SentenceFound,
    ServiceError,
    Wanted,
)
from ..state import Questions
from ..widgets import Columns, Detail, QueryInput, QueryLanguage, Question, Results, Starters, Switches
from . import answers, dialogs, saving
from .answers import Judges
from .mode import Offer


def make() -> Screen[Any]:
    """The screen of the mode."""
    return CompareScreen()


class CompareScreen(Judges):
    """The default mode: asks the typed question, and passes answers to the columns and the detail below them."""

    MODE = "compare"
    CSS_PATH = "compare.tcss"
    HELP = """\
A column for each encoder. The **bar** shows the languages of its results. The line below it runs from ◇, the share of
the question's language in the library, to ●, its share here: the longer the line, the stronger the language bias.

▲3 means three places higher than in the reference column, *new* that it is not there. Below stand the passage and
where its translations rank: the distance from the best to the worst is the rank distance.

★ marks a right answer, where it is known: to the demo's questions, and to yours where you say so with **1** (right),
**2** (partly), **0** (wrong), once more to take it back. **w** says why a passage ranks where it does: what of its
score is language and what meaning. **t** shows it beside its translations, sentence by sentence. **e**
opens its document in your editor (`$VISUAL`, `$EDITOR`), **v** in your pager (`$PAGER`).
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "to_query", "Ask", id="ask.focus", tooltip="Back to the question"),
        Binding("w", "why", "Why", id="answer.why", tooltip="Why the passage ranks where it does"),
        Binding("t", "parallel", "Translations", id="answer.parallel", tooltip="The passage beside its translations"),
        Binding("e", "outside('editor')", "Editor", id="answer.editor", tooltip="The document in your editor"),
        Binding("v", "outside('pager')", "Pager", show=False, id="answer.pager", tooltip="The document in your pager"),
        Binding("+,=", "more(5)", "More results", show=False, id="switch.more", tooltip="Five more results"),
        Binding("-", "more(-5)", "Fewer results", show=False, id="switch.fewer", tooltip="Five fewer results"),
        Binding("f", "filter", "Languages", id="switch.filter", tooltip="Only results in languages you choose"),
        Binding("x", "turn('exact')", "Exact", show=False, id="switch.exact", tooltip="Approximate or exact search"),
        Binding("n", "turn('neutral')", "Neutral", show=False, id="switch.neutral", tooltip="Remove language means"),
        Binding("c", "columns", "Columns", id="columns.choose", tooltip="Add and remove encoders"),
        Binding("ctrl+n", "next_language", "Next language", id="ask.next_language", tooltip="Ask in the next language"),
        Binding("ctrl+t", "choose_translation", "Ask in…", id="ask.in", tooltip="Ask in another language"),
        Binding("ctrl+g", "everywhere", "Every language", id="ask.everywhere", tooltip="Ask in every language at once"),
        Binding("y", "copy_passage", "Copy", id="copy.passage", tooltip="Copy the passage to the clipboard"),
        Binding("Y", "copy_all", "Copy all", show=False, id="copy.comparison", tooltip="Copy the comparison"),
        Binding("ctrl+y", "copy_as", "Copy as…", show=False, id="copy.as", tooltip="Copy as a command, Python, HTML"),
        Binding("s", "export", "Save", id="export", tooltip="Save the comparison: Markdown, JSON, HTML, SVG"),
    ]
    question = query_one(Question)
    starters = query_one(Starters)
    columns = query_one(Columns)
    detail = query_one(Detail)

    def __init__(self) -> None:
        super().__init__(classes="-nothing-asked")
        self.asked: dict[str, Any] = {}
        self.encoding = Encoding(self.hybrid.jobs, self.hybrid.where)

    def body(self) -> list[Widget]:
        """The question, its switches, the columns, the passage."""
        settings = self.hybrid.settings
        return [Question(self.hybrid.history, settings), Starters(), Columns(settings), Detail(self._fetch)]

    def on_mount(self) -> None:
        """Prepare what needs no library."""
        self.question.bar.input.focus()
        if not self.hybrid.library_to_open():
            self.call_after_refresh(self._offer)
        if self.hybrid.first_query:
            self.question.bar.input.value = self.hybrid.first_query

    def _offer(self) -> None:
        known = self.question.known = self.question.known or Questions.load()
        self.starters.suit(self.hybrid.status, known, self.hybrid.history)

    # -- asking

    @on(Starters.Picked)
    def _picked(self, event: Starters.Picked) -> None:
        self.question.put(event.query)

    @on(Wanted)
    def _wanted(self, event: Wanted) -> None:
        self.question.put(event.query, event.language)

    @on(Question.Asked)
    def _begin(self) -> None:
        """Drop the answer to the question before, and ask."""
        text = self.hybrid.question = self.question.text
        self.set_class(not text, "-nothing-asked")
        self.workers.cancel_group(self, "sentences")
        self.detail.forget_spans()
        self.forget_judged()
        if text:
            self._ask()
        else:
            self.workers.cancel_group(self, "ask")
            self.columns.idle()

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def _ask(self) -> None:
        query, settings = self.question.text, self.hybrid.settings
        self.columns.searching()

        def arrived(data: dict[str, Any]) -> None:
            if "column" in data:
                self.post_message(RankingArrived(query, data["column"], data))

        how = {**self._how(), "known": self._known_texts(), "translator": settings.translator}
        try:
            result = await self.hybrid.ask("ask", arrived, encoders=self.columns.names, **how)
        except ServiceError as error:
            if query == self.question.text:
                trouble = self.hybrid.trouble
                self._fail(trouble or error.message, "" if trouble else error.hint)
            return
        if query == self.question.text:
            self.asked = result
            self.call_after_refresh(self.find_judged)
            self.call_after_refresh(self._find_sentences)
            # The ranks shown beside the passage depend on the answer's columns, filter and switches.
            self.call_after_refresh(self._refetch)

    def _refetch(self) -> None:
        if self.columns.passages():
            self.detail.refetch()
        else:
            self.columns.pointed = None
            self.detail.forget()

    def _how(self) -> dict[str, Any]:
        """The question and all that its answers depend on, as parameters of the child's operations."""
        return {**self.question.parameters(), "k": self.hybrid.settings.k, "exact": self.hybrid.settings.exact}

    def _known_texts(self) -> dict[str, str]:
        found = self.question.translations()
        return dict(found[0]) if found is not None else {}

    @on(RankingArrived)
    def _arrived(self, event: RankingArrived) -> None:
        column = self.columns.of(event.column)
        if column is not None and event.query == self.question.text:
            self.columns.take(column, event.data)

    @on(Columns.Answered)
    def _answered(self, event: Columns.Answered) -> None:
        self.question.tell_language(event.ranking["query_language"])

    @work(exclusive=True, group="sentences", exit_on_error=False)
    async def _find_sentences(self) -> None:
        query, name, ids = self.question.text, self.columns.least_biased(), self.columns.passages()
        if not ids or not name:
            return

        def found(data: dict[str, Any]) -> None:
            self.post_message(SentenceFound(query, data["id"], tuple(data["span"])))

        try:
            await self.hybrid.ask("sentences", found, wake=False, query=query, encoder=name, ids=ids)
        except ServiceError:
            # Each line then shows the beginning of its passage.
            return

    @on(SentenceFound)
    def _sentence(self, event: SentenceFound) -> None:
        if event.query == self.question.text:
            self.columns.put_span(event.passage, event.span)
            self.detail.put_span(event.passage, event.span)

    # -- the passage under the cursor

    @on(Columns.Pointed)
    def _pointed(self, event: Columns.Pointed) -> None:
        self.detail.folders = self.hybrid.folders
        self.detail.point(event.hit)

    async def _fetch(self, passage: int) -> dict[str, Any]:
        encoders, how = list(self.columns.answers), self.question.parameters()
        data = await self.hybrid.ask("passage", wake=False, id=passage, encoders=encoders, **how)
        judged = self.judged_of(data)
        return {**data, **judged, "searched": self.columns.searched, "unranked": self.columns.unranked()}

    @on(Results.Opened)
    def _open_passage(self, event: Results.Opened) -> None:
        def read(passage: dict[str, Any]) -> None:
            self.app.push_screen(answers.Reader(passage, event.hit.span, self.hybrid.folders))

        self.detail.use(read, event.hit)

    def action_why(self) -> None:
        """Explain the rank of the passage under the cursor."""
        hit, column = self.columns.pointed, self.columns.focused
        if hit is None or not self.question.text:
            self.notify("Go to a result first; then w says why it ranks there.", markup=False)
            return
        encoder = column.encoder if column is not None else self.columns.least_biased()
        how = self.question.parameters()
        self.app.push_screen(answers.Why(hit.id, how, self.columns.names, encoder, self.columns.grades))

    def action_outside(self, program: Literal["editor", "pager"]) -> None:
        """Open the document of the passage under the cursor in the user's editor or pager."""

        def open_it(passage: dict[str, Any]) -> None:
            answers.open_outside(self, program, passage["passage"], self.detail.span)

        if not self.detail.use(open_it):
            self.notify("Go to a result first; then its document can be opened.", markup=False)

    def action_parallel(self) -> None:
        """Read the passage under the cursor beside its translations."""
        hit = self.columns.pointed
        if hit is None:
            self.notify("Go to a result first; then t shows its translations.", markup=False)
            return
        how, by = self.question.parameters(), self.columns.least_biased()
        self.app.push_screen(answers.Parallel(hit.id, how, list(self.columns.answers), by))

    # -- encoding what is missing

    @on(Columns.NotEncoded)
    def _not_encoded(self, event: Columns.NotEncoded) -> None:
        event.column.tell(self.encoding.want(event.column.encoder, event.passages))

    @on(JobProgress)
    def _encoding(self, event: JobProgress) -> None:
        column = self.columns.of(self.encoding.follow(event))
        if column is not None:
            column.busy(event.words)

    @on(JobEnded)
    def _job_ended(self, event: JobEnded) -> None:
        told = self.encoding.end(event)
        column = self.columns.of(event.job.removeprefix(ENCODING))
        if told is not None and column is not None:
            column.tell(told)
        if told is None and event.job.startswith(ENCODING):
            # The library has changed for every screen; this one asks again on `LibraryOpened`.
            self.hybrid.refresh_library()
        elif self.encoding.others_wait():
            self.question.ask()

    # -- the question in other languages

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the key that goes to the question while the cursor is in it."""
        return action != "to_query" or not self.question.bar.input.has_focus

    def action_to_query(self) -> None:
        """Put the cursor into the question."""
        self.question.bar.input.focus()

    @on(QueryInput.Left)
    def _down_from_query(self) -> None:
        if not self.columns.focus_first() and self.starters.display:
            self.starters.focus()

    def action_next_language(self) -> None:
        """Ask the same question in the next language that it is known in."""
        self.question.ask_in_next_language()

    def action_everywhere(self) -> None:
        """Ask in every language at once."""
        if not self.question.text:
            self.notify("Ask a question first; then it can be asked in every language.", markup=False)
            return
        from .everywhere import EverywhereScreen

        encoders = [name for name in self.columns.names if is_encoder(name)]
        dialog = EverywhereScreen(self.hybrid, self._how(), encoders, self._known_texts())
        self.app.push_screen(dialog, self._have_everywhere)

    def _have_everywhere(self, name: str | None) -> None:
        names = self.columns.names
        if name is not None and name not in names:
            self.columns.have([*names, name])

    def action_choose_translation(self) -> None:
        """Choose the language in which to ask the same question."""
        found = self.question.translations()
        if found is None:
            self.question.say_it_is_not_known()
            return
        row, code = found
        dialog = dialogs.Choose("Ask in another language", dialogs.language_options(list(row), below=row), code)
        self.app.push_screen(dialog, lambda chosen: self.question.put(row[chosen]) if chosen else None)

    @on(QueryLanguage.Pressed)
    def action_choose_language(self) -> None:
        """Choose the language of the question, if another was detected."""
        options = dialogs.language_options(list(self._counts()), self._counts())
        dialog = dialogs.Choose("The question is in", options, self.question.language)
        self.app.push_screen(dialog, lambda code: self.question.choose_language(code) if code else None)

    # -- switches and columns

    def action_more(self, by: int) -> None:
        """Show more or fewer results."""
        self.question.switches.more(by)

    def action_turn(self, name: str) -> None:
        """Turn a switch on or off."""
        self.question.switches.toggle(name)

    @on(Switches.FilterWanted)
    def action_filter(self) -> None:
        """Choose the languages that results may be in."""
        counts = self._counts()
        if not counts:
            self.notify("The library has no languages yet.", markup=False)
            return
        options = dialogs.language_options(list(counts), counts)
        self.app.push_screen(
            dialogs.ChooseSeveral("Results only in", options, self.hybrid.settings.languages), self._filtered
        )

    def _filtered(self, codes: list[str] | None) -> None:
        if codes is not None:
            self.question.switches.only([] if len(codes) == len(self._counts()) else codes)

    def _counts(self) -> dict[str, int]:
        status = self.hybrid.status
        return dict(status["languages"]) if status else {}

    def action_columns(self) -> None:
        """Choose the encoders that have a column."""
        shown, status = self.columns.names, self.hybrid.status
        dialog = dialogs.PickColumns(shown, status["available"] if status else (), self._resolve)
        self.app.push_screen(dialog, self._have_columns)

    async def _resolve(self, name: str) -> dict[str, Any]:
        return await self.hybrid.ask("resolve", name=name)

    def _have_columns(self, names: list[str] | None) -> None:
        if names is not None:
            # An encoder that the user names gets its column, however many passages must be encoded.
            self.encoding.ask_for(name for name in names if name not in self.columns.names)
            self.columns.choose(names)

    @on(Columns.Changed)
    def _columns_changed(self, event: Columns.Changed) -> None:
        self.encoding.forget(event.added)
        if event.added and self.question.text:
            self.question.ask()
        else:
            self.detail.refetch()

    # -- copying and saving

    def action_copy_passage(self) -> None:
        """Copy the passage under the cursor."""
        self.detail.action_copy()

    def action_copy_all(self) -> None:
        """Copy the whole comparison as Markdown."""
        saving.copy(self, self.comparison())

    def action_copy_as(self) -> None:
        """Choose a form, and copy the comparison in it."""
        saving.copy_as(self, self.comparison(), self.hybrid.library_to_open())

    def action_export(self) -> None:
        """Save the comparison to a file; its ending decides the form."""
        saving.ask_where(self, self.comparison())

    def comparison(self) -> dict[str, Any]:
        """The comparison on the screen, as data."""
        settings, detected = self.hybrid.settings, self.asked.get("query_language") or {}
        how = {**self.question.parameters(), "k": settings.k, "exact": settings.exact}
        how["query_language"] = how["query_language"] or detected.get("code", "")
        return {"schema": 1, **how, "rankings": self.columns.answers, "overlap": self.asked.get("overlap", [])}

    # -- news

    @on(LibraryOpened)
    def _opened(self, event: LibraryOpened) -> None:
        self._offer()
        if self.columns.names != self.hybrid.settings.columns:
            self.columns.have(self.hybrid.settings.columns)
        elif self.question.text:
            self.question.ask()

    @on(LibraryFailed)
    def _no_library(self, event: LibraryFailed) -> None:
        self.set_class(False, "-nothing-asked")
        self._fail(event.message, event.hint)

    def _fail(self, message: str, hint: str) -> None:
        """Show why there is no answer, and nothing of an earlier one."""
        self.columns.fail(message, hint)
        self.detail.forget()

    def commands(self) -> list[Offer]:
        """The commands of the palette here."""
        offers: list[Offer] = []
        found = self.question.translations()
        for code, text in found[0].items() if found is not None else ():
            offers.append((f"ask: in {language_name(code)}", text, lambda text=text: self.question.put(text)))
        if self.columns.rankings:
            offers += [
                (
                    "open: in the editor",
                    "The document of the passage under the cursor",
                    partial(self.action_outside, "editor"),
                ),
                (
                    "open: in the pager",
                    "The document of the passage under the cursor",
                    partial(self.action_outside, "pager"),
                ),
                ("copy: passage", "The passage under the cursor, to the clipboard", self.action_copy_passage),
                ("copy: comparison", "The whole comparison as Markdown, to the clipboard", self.action_copy_all),
                ("copy: as command, Python, HTML…", "To repeat the comparison elsewhere", self.action_copy_as),
                ("save: comparison…", "As Markdown, JSON, HTML or SVG", self.action_export),
            ]
        return [
            *offers,
            ("ask: in every language…", "The matrix of question and result languages", self.action_everywhere),
            *self.judging_offers(),
            ("search: languages…", "Only results in languages you choose", self.action_filter),
            ("search: language of the question…", "If it was detected wrongly", self.action_choose_language),
            ("search: exact or index", "Every vector, or the index's candidates", partial(self.action_turn, "exact")),
            ("search: neutral or as trained", "Remove each language's mean", partial(self.action_turn, "neutral")),
            ("columns: choose…", "Add and remove encoders", self.action_columns),
            ("columns: reference", "Show movement against the focused column", self.columns.action_reference),
        ]
