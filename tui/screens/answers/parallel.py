"""The parallel reader: a passage beside its translations, sentence by sentence, with their ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ....engine.languages import name as language_name
from ...display import cut, flat, plain
from ...service import ServiceError
from ...widgets import Keys, follow_theme
from ...widgets.charts import tag
from ..dialogs import Dialog
from ..host import Host

TRANSLATED = "Its translations"
NEAREST = "No translation is known: the nearest passage of each language"


@dataclass
class Arrived(Message):
    """The passage, or one to show beside it, in the child's form."""

    data: dict[str, Any]


@dataclass
class Over(Message):
    """The last passage has arrived, or `trouble` says what failed."""

    trouble: str = ""


class Parallel(Dialog[None]):
    """A list of languages at the left, both texts at the right.

    Args:
        passage: its id.
        how: the question and what its ranks depend on, as parameters of the child.
        encoders: those that have a column.
        by: the encoder that pairs sentences and finds the nearest passages.
    """

    CSS_PATH = "parallel.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Back", id="parallel.back", tooltip="Back to the results"),
        Binding("y", "copy", "Copy", id="parallel.copy", tooltip="Copy the passage at the right"),
    ]
    languages = query_one(OptionList)
    text = query_one("#pairs", Static)

    def __init__(self, passage: int, how: Mapping[str, Any], encoders: Sequence[str], by: str) -> None:
        super().__init__()
        self._passage, self._how, self._encoders, self._by = passage, dict(how), list(encoders), by
        self.head: dict[str, Any] | None = None
        self.rows: list[dict[str, Any]] = []

    def compose(self) -> ComposeResult:
        """Languages, then the pairs."""
        with Vertical(id="parallel") as frame:
            frame.border_title = Content("Parallel reader")
            with Horizontal():
                yield OptionList(id="parallel-languages", markup=False)
                with VerticalScroll(id="parallel-texts"):
                    yield Static("Reading its translations…", id="pairs", markup=False)
        yield Keys()

    def on_mount(self) -> None:
        """Fetch the passages."""
        follow_theme(self, self._show_current)
        self.languages.focus()
        self._read()

    @work(exclusive=True, group="parallel", exit_on_error=False)
    async def _read(self) -> None:
        def told(data: dict[str, Any]) -> None:
            if "sentences" in data:
                self.post_message(Arrived(data))

        try:
            await cast("Host", self.app).ask(
                "parallel", told, id=self._passage, encoders=self._encoders, by=self._by, **self._how
            )
        except ServiceError as error:
            self.post_message(Over(f"{error.message}\n\n{error.hint}".strip()))
        else:
            self.post_message(Over())

    @on(Arrived)
    def _take(self, event: Arrived) -> None:
        data = event.data
        if "other" not in data:
            self.head = data
            frame = self.query_one("#parallel")
            frame.border_title = Content(TRANSLATED if data["translated"] else NEAREST)
            passage = data["passage"]
            title = cut(flat(passage["title"]) or flat(passage["path"]), 40)
            ranks = ranks_of(data["ranks"])
            frame.border_subtitle = Content(f"{passage['language']} {title}" + (f" · {ranks}" if ranks else ""))
            self._show_alone()
            return
        self.rows.append(data)
        self.languages.add_option(Option(Content.from_rich_text(self._line(data))))
        if len(self.rows) == 1:
            self.languages.highlighted = 0

    @on(Over)
    def _over(self, event: Over) -> None:
        if event.trouble and not self.rows:
            self.text.update(Text(event.trouble))
        elif event.trouble:
            self.notify(event.trouble, severity="error", markup=False)
        elif not self.rows:
            self.text.update(Text("This library has no passage in another language."))

    def _line(self, data: Mapping[str, Any]) -> Text:
        other = data["other"]
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(*tag(other["language"]))
        line.append(f" {language_name(other['language'])}")
        if data["likeness"] is not None:
            line.append(f" {data['likeness']:.2f} alike", "dim")
        ranks = ranks_of(data["ranks"])
        if ranks:
            line.append(f"\n   {ranks}", "dim")
        return line

    @property
    def _row(self) -> dict[str, Any] | None:
        """What is known of the language under the cursor."""
        here = self.languages.highlighted
        return None if here is None else self.rows[here]

    def _show_alone(self) -> None:
        assert self.head is not None
        passage = self.head["passage"]
        texts = [plain(passage["text"][start:end]).strip() for start, end in self.head["sentences"]]
        self.text.update(Text("\n\n".join(texts)))

    @on(OptionList.OptionHighlighted)
    def _show_current(self) -> None:
        if self.head is not None and self._row is not None:
            self.text.update(side_by_side(self.head, self._row))
            self.query_one("#parallel-texts", VerticalScroll).scroll_to(0, 0, animate=False)

    def action_copy(self) -> None:
        """Copy the passage at the right."""
        if self._row is not None:
            self.app.copy_to_clipboard(self._row["other"]["text"])
            self.notify("Passage copied.", markup=False)


def ranks_of(ranks: Mapping[str, int]) -> str:
    """Ranks by encoder in words: "mono 34 · hybrid 1"; "" for none."""
    return " · ".join(f"{flat(name)} {rank:,}" for name, rank in ranks.items())


def side_by_side(head: Mapping[str, Any], row: Mapping[str, Any]) -> Table:
    """Both texts in two columns; paired sentences begin on the same line."""
    one, other = head["passage"], row["other"]
    table = Table(box=None, expand=True, padding=(0, 2, 1, 0), pad_edge=False, show_header=True, header_style="")
    for passage in (one, other):
        title = Text.assemble(tag(passage["language"]), (f" {flat(passage['title']) or flat(passage['path'])}", "bold"))
        table.add_column(title, ratio=1, overflow="fold")
    for first, first_end, second, second_end, _ in row["pairs"]:
        cells = []
        for passage, spans, start, end in (
            (one, head["sentences"], first, first_end),
            (other, row["sentences"], second, second_end),
        ):
            texts = [plain(passage["text"][a:b]).strip() for a, b in spans[start:end]]
            cells.append(Text(" ".join(texts)) if texts else Text("–", "dim"))
        table.add_row(*cells)
    return table
