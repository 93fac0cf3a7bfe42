"""Audit: how biased each encoder of the open library is, which languages lose, and what would reduce the bias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from ...engine.errors import EmptyLibrary
from ..display import flat
from ..service import JobEnded, JobProgress, LibraryOpened, for_the_app
from ..widgets import JobPanel
from .mode import ModeScreen, Offer

AUDITING = "the audit"
_MARKS = {"strong": "▲▲▲", "clear": "▲▲", "slight": "▲", "none": "✓", "unknown": "?"}


def make() -> Screen[Any]:
    """The screen of the mode."""
    return AuditScreen()


class AuditScreen(ModeScreen):
    """Begins the audit if the open library has none yet; shows one page for each encoder."""

    MODE = "audit"
    # Enough questions for a verdict, and few enough for a short wait.
    QUESTIONS = 40
    MEND = True
    CSS_PATH = "audit.tcss"
    HELP = """\
The same questions, made of the library's own documents where these are translations of each other, are asked in every
language. The audit says how much the language of a question decides about its answers, which languages lose by it, and
what would mend it. Its report is a page of HTML to send.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "run", "Audit", id="audit.run", tooltip="Audit the open library"),
        Binding("left,h", "turn(-1)", "Encoder", show=False, id="audit.before", tooltip="The encoder before"),
        Binding("right,l", "turn(1)", "Next encoder", id="audit.next", tooltip="The page of the next encoder"),
        Binding("y", "copy", "Copy path", id="audit.copy", tooltip="Copy where the report is"),
        Binding("ctrl+x", "stop", "Cancel", id="audit.stop", tooltip="End the audit", priority=True),
    ]
    job = query_one(JobPanel)
    page = query_one("#audit-page", Vertical)
    names = query_one("#audit-names", Static)

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[Mapping[str, Any]] = []
        self._library = ""
        self._at = 0

    def body(self) -> list[Widget]:
        """The encoders in a line, then a page."""
        scroll = VerticalScroll(Vertical(id="audit-page"), id="audit-scroll", classes="frame")
        scroll.border_title = Content("Audit")
        return [JobPanel(), Static("", id="audit-names", markup=False), scroll]

    def on_mount(self) -> None:
        """Arrow keys scroll the page."""
        self.query_one("#audit-scroll").focus()

    def on_screen_resume(self) -> None:
        """Begin at once, and again if another library is open now."""
        super().on_screen_resume()
        self._begin_if_new()

    @on(LibraryOpened)
    def _opened(self, _: LibraryOpened) -> None:
        if self.app.screen is self:
            self._begin_if_new()

    def _begin_if_new(self) -> None:
        status = self.hybrid.status
        if status is None or status["path"] != self._library:
            self.action_run()

    def action_run(self) -> None:
        """Audit the open library with every encoder that has encoded it."""
        status = self.hybrid.status
        if status is None:
            self._draw([Text(self.hybrid.trouble or "No library is open yet.")])
            return
        encoders = [name for name, state in status["encoders"].items() if state["encoded"]]
        shown = [name for name in self.hybrid.settings.columns if name in encoders]
        if not status["passages"]:
            self._draw([Text(for_the_app(str(EmptyLibrary())))])
            return
        if not encoders:
            self._draw([Text("The library has no vectors yet: e on the Library screen (F3) encodes.")])
            return
        asked = {"encoders": shown or encoders, "questions": self.QUESTIONS, "mend": self.MEND, **self.hybrid.where()}
        refusal = self.hybrid.jobs.start(AUDITING, "audit", **asked)
        if refusal:
            if self.pages:
                self.notify(refusal, severity="warning", markup=False)
            else:
                self._draw([Text(refusal)])
            return
        self._library, self.pages, self._at = str(status["path"]), [], 0
        self.job.begin(f"Auditing {flat(status['name'])}")
        self._draw([Text("The page of each encoder appears here once it has answered all questions.")])
        self.names.update("")

    def action_stop(self) -> None:
        """Cancel the audit."""
        if self.hybrid.jobs.running:
            self.hybrid.jobs.cancel()
        else:
            self.notify("Nothing is running.", markup=False)

    @on(JobProgress)
    def _progress(self, event: JobProgress) -> None:
        if event.job == AUDITING:
            self.job.follow(event.words, event.data)
            if "page" in event.data:
                self.pages.append(event.data["page"])
                self._show()

    @on(JobEnded)
    def _ended(self, event: JobEnded) -> None:
        if event.job == AUDITING:
            self._told(event)
        if self.app.screen is self:
            # It could not begin while the job was going on.
            self._begin_if_new()

    def _told(self, event: JobEnded) -> None:
        if event.result is None:
            self.job.finish(event.error or "Cancelled. ^r begins again.", failed=bool(event.error))
            if not self.pages:
                self._draw([Text("There is no audit of this library yet.")])
            return
        self.pages = event.result["pages"]
        self.job.finish(f"The reports are in {event.result['folder']}; y copies where the one shown is.")
        self._show()

    def action_turn(self, by: int) -> None:
        """Show the page of another encoder."""
        if self.pages:
            self._at = (self._at + by) % len(self.pages)
            self._show()
            self.query_one("#audit-scroll").scroll_home(animate=False)

    def action_copy(self) -> None:
        """Copy the path of the report."""
        if self.pages:
            self.app.copy_to_clipboard(str(self.pages[self._at]["report"]))
            self.notify("Path of the report copied.", markup=False)

    def _show(self) -> None:
        line = Text(no_wrap=True, overflow="ellipsis", end="")
        for number, page in enumerate(self.pages):
            here = number == self._at
            mark = _MARKS.get(page["level"], "")
            line.append(f" {'▸' if here else ' '}{flat(page['encoder'])} {mark} ", "bold" if here else "")
        self.names.update(line)
        self._draw(drawn(self.pages[self._at]))

    @work(exclusive=True, group="draw")
    async def _draw(self, parts: Sequence[RenderableType]) -> None:
        """Show the parts of a page one after another: measuring and drawing a whole page at once takes too long."""
        await self.page.remove_children()
        for part in parts:
            await self.page.mount(Static(part, markup=False))

    def commands(self) -> list[Offer]:
        """The commands of the palette here."""
        return [("audit: begin", "Of the open library", self.action_run)]


def drawn(page: Mapping[str, Any]) -> list[RenderableType]:
    """A page of an audit, drawn for a terminal: its head, then each section."""
    head = [
        Text(flat(page["headline"]), "bold"),
        Text(flat(page["subtitle"]), "dim"),
        Text(flat(page["report"]), "dim"),
    ]
    sections: list[RenderableType] = [Group(*head)]
    for section in page["sections"]:
        parts: list[RenderableType] = [Text(f"\n{flat(section['title'])}", "bold underline")]
        parts += [Text(f"• {flat(line)}") for line in section["lines"]]
        for table in section["tables"]:
            made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
            for number, name in enumerate(table["columns"]):
                made.add_column(Text(flat(name)), header_style="dim", justify="left" if number == 0 else "right")
            for row in table["rows"]:
                made.add_row(*(Text(flat(cell)) for cell in row))
            parts.append(made)
        sections.append(Group(*parts))
    return sections
