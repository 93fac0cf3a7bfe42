"""Shows the questions of a cell of the heat map, worst first, and what each lost to language and to meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ....engine.languages import name as language_name
from ...display import counted, cut, flat, plain
from ...service import ServiceError, for_the_app
from ...widgets import Keys, follow_theme
from ..dialogs import Dialog
from ..host import Host

# Cells of a row's bar.
_BAR = 8
HEAD = "   AP   rank  language  meaning"


@dataclass
class Drilled(Message):
    """The child's progress, or the questions."""

    data: dict[str, Any]


@dataclass
class Failed(Message):
    """The questions could not be fetched."""

    words: str


class CellScreen(Dialog[None]):
    """The questions of a cell; Enter asks one on Compare.

    Args:
        what: the cell, encoder and benchmark, as parameters of the child's `drill`.
    """

    CSS_PATH = "cell.tcss"
    HELP = """\
The questions behind a figure, worst first. **AP** is the question's average precision, **rank** that of its best answer
among the passages of the answer's language. Asked over all languages at once, some wrong passages come before that
answer: **language** counts those that no longer do once each language's mean is taken away, **meaning** those that do
all the same.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "ask", "Ask on Compare", id="cell.ask", tooltip="Ask this on Compare", priority=True),
        Binding("escape,q", "dismiss(None)", "Back", id="cell.back", tooltip="Back to the figures"),
    ]
    summary = query_one("#cell-summary", Static)
    rows = query_one(OptionList)
    detail = query_one("#cell-detail-text", Static)

    def __init__(self, what: Mapping[str, Any]) -> None:
        super().__init__()
        self._what = dict(what)
        self.found: dict[str, Any] | None = None

    def compose(self) -> ComposeResult:
        """The summary, the rows, and details of the row under the cursor."""
        with Vertical(id="cell") as frame:
            asked, read = (language_name(self._what[each]) for each in ("asked", "read"))
            against = f" − {flat(self._what['against'])}" if self._what.get("against") else ""
            frame.border_title = Content(
                f"{flat(self._what['encoder'])}{against} · asked in {asked}, answered in {read}"
            )
            yield Static("Opening the cell…", id="cell-summary", markup=False)
            yield Static("", id="cell-head", markup=False)
            yield OptionList(id="cell-rows", markup=False)
            with VerticalScroll(id="cell-detail"):
                yield Static("", id="cell-detail-text", markup=False)
        yield Keys()

    def on_mount(self) -> None:
        """Fetch the questions."""
        follow_theme(self, self._draw)
        self.rows.focus()
        self._drill()

    @work(exclusive=True, group="drill", exit_on_error=False)
    async def _drill(self) -> None:
        def told(data: dict[str, Any]) -> None:
            self.post_message(Drilled(data))

        try:
            data = await cast("Host", self.app).ask("drill", told, **self._what)
        except ServiceError as error:
            self.post_message(Failed(f"{error.message}\n{for_the_app(error.hint)}".strip()))
        else:
            self.post_message(Drilled(data))

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self.summary.update(Text(event.words))

    @on(Drilled)
    def _take(self, event: Drilled) -> None:
        if "rows" in event.data:
            self.found = event.data
            self._draw()
        elif "words" in event.data:
            self.summary.update(Text(str(event.data["words"])))

    def _draw(self) -> None:
        if self.found is None:
            return
        self.summary.update(self._summary(self.found))
        place = self.rows.highlighted
        self.rows.clear_options()
        self.rows.add_options(Option(Content.from_rich_text(self._row(each))) for each in self.found["rows"])
        if self.found["rows"]:
            self.query_one("#cell-head", Static).update(Text(HEAD, no_wrap=True))
            self.rows.highlighted = place or 0

    def _styles(self) -> tuple[str, str]:
        names = self.app.theme_variables
        return names["warning"], names["success"]

    def _summary(self, found: Mapping[str, Any]) -> Text:
        if not found["rows"]:
            return Text("No question of this cell has an answer in that language.")
        text = Text()
        text.append(f"mAP {found['precision']:.3f}", "bold")
        if found["other"] is not None:
            text.append(f" against {found['other']:.3f} of {flat(self._what['against'])}")
        text.append(f" · {counted(found['questions'], 'question')}")
        if found["unanswered"]:
            text.append(
                f" · {found['unanswered']:,} more {'has' if found['unanswered'] == 1 else 'have'} no answer there"
            )
        if found["places"] is None:
            text.append("\nSearch by words: nothing can be told about language.")
            return text
        language, meaning = found["places"]
        warning, success = self._styles()
        text.append("\nOver all languages, wrong passages before the answer: ")
        text.append(f"{max(0.0, language):,.1f} by language", f"bold {warning}")
        text.append(", ")
        text.append(f"{meaning:,.1f} by meaning", f"bold {success}")
        text.append(" on average")
        if language < 0:
            text.append(f"; its language helps by {-language:,.1f}")
        return text

    def _row(self, row: Mapping[str, Any]) -> Text:
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{row['precision']:5.3f}", "bold")
        line.append(f" {row['rank']:>5,}")
        if row["language"] is None:
            line.append("         –        –  ")
        else:
            warning, success = self._styles()
            line.append(f" {row['language']:>9,} {row['meaning']:>8,}  ")
            lost = max(0, row["language"]), row["meaning"]
            for mark, count, style in zip("█░", parts(*lost), (warning, success), strict=True):
                line.append(mark * count, style)
            line.append(" " * (_BAR + 1 - sum(parts(*lost))))
        line.append(flat(row["question"]))
        return line

    @property
    def _question(self) -> dict[str, Any] | None:
        """The row under the cursor."""
        here = self.rows.highlighted
        return None if here is None or self.found is None else self.found["rows"][here]

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        row = self._question
        if row is None:
            return
        _, success = self._styles()
        text = Text()
        text.append(f"{plain(row['question'])}\n", "bold")
        text.append("★ ", success)
        text.append(plain(row["answer"]))
        if row["rank"] > 1:
            text.append("\nFirst instead: ", "dim")
            text.append(cut(flat(row["first"]), 400), "dim")
        if row["other"] is not None:
            text.append(f"\n{flat(self._what['against'])}: AP {row['other']:.3f}", "dim")
        self.detail.update(text)

    @on(OptionList.OptionSelected)
    def action_ask(self) -> None:
        """Ask the question under the cursor on Compare."""
        row = self._question
        if row is not None:
            self.dismiss(None)
            self.app.call_later(cast("Host", self.app).ask_on_compare, row["question"], self._what["asked"])


def parts(language: int, meaning: int) -> tuple[int, int]:
    """The cells of a row's bar for language and for meaning; (0, 0) if nothing was lost."""
    total = language + meaning
    if not total:
        return 0, 0
    cells = round(language / total * _BAR)
    # A loss that is not zero gets at least one cell.
    cells = min(_BAR - (meaning > 0), max(int(language > 0), cells))
    return cells, _BAR - cells
