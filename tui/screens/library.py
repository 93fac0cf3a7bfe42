"""Library: shows what is indexed, by language and encoder; indexes, encodes, checks, repairs and removes."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import DataTable, Static

from ...engine.encoders import TRIO
from ...engine.places import absolute
from ..display import counted, flat
from ..service import ENCODING, JobEnded, JobProgress, LibraryFailed, LibraryOpened
from ..widgets import JobPanel
from ..widgets.charts import LanguageBars
from ..widgets.frame import Table
from .dialogs import AskText, Choose, Confirm, PickFolder
from .mode import ModeScreen, Offer

INDEXING, CHECKING, REMOVING = "indexing", "checking", "removing"
MINE = (INDEXING, CHECKING, REMOVING)
# Choices besides paths; no path begins with a NUL.
DEMO, OTHER = "\0demo", "\0other"


def make() -> Screen[Any]:
    """The screen of the mode."""
    return LibraryScreen()


class LibraryScreen(ModeScreen):
    """The library and what can be done to it."""

    MODE = "library"
    CSS_PATH = "library.tcss"
    HELP = """\
What the open library holds. **i** indexes a folder: new and changed documents are read, the rest costs nothing.
Indexing runs in a process of its own; cancelled, it keeps what it has done, and the next run goes on from there.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "index", "Index a folder", id="library.index", tooltip="Choose a folder and index it"),
        Binding("e", "encode", "Encode", id="library.encode", tooltip="Encode what an encoder has not seen yet"),
        Binding("v", "check", "Check", id="library.check", tooltip="Verify the library and repair it"),
        Binding("d", "remove", "Remove", id="library.remove", tooltip="Remove a folder's documents"),
        Binding("o", "open", "Open", id="library.open", tooltip="Open another library"),
        Binding("ctrl+x", "cancel", "Cancel", id="library.cancel", tooltip="Stop what is running", priority=True),
    ]
    bars = query_one(LanguageBars)
    job = query_one(JobPanel)
    facts = query_one("#facts", Static)

    def body(self) -> list[Widget]:
        """Facts and languages at the left, encoders, folders and unreadable files at the right."""
        bars = VerticalScroll(Static("", id="facts", markup=False), LanguageBars(), id="holdings", classes="frame")
        bars.border_title = Content("Passages by language")
        tables: list[Widget] = []
        for name, title in (
            ("encoders", "Encoders"),
            ("folders", "Folders"),
            ("unreadable", "Could not be read"),
        ):
            table = Table(id=name)
            table.border_title = Content(title)
            tables.append(table)
        whole = Static("", id="whole", markup=False)
        return [JobPanel(), Horizontal(bars, Vertical(*tables, whole), id="shelves")]

    def on_mount(self) -> None:
        """Make the tables' columns, then show what is known."""
        self._table("encoders").add_columns("encoder", "encoded", "to do", "what it is")
        self._table("folders").add_columns("folder")
        self._table("unreadable").add_columns("document", "reason")
        if self.hybrid.status is not None:
            self._show(self.hybrid.status)
        else:
            self._say(self.hybrid.trouble or "Opening the library…")
        self._table("encoders").focus()

    def _table(self, name: str) -> Table:
        return self.query_one(f"#{name}", Table)

    def _say(self, words: str) -> None:
        """Show words instead of a library, and clear the tables."""
        self.bars.counts = {}
        for name in ("encoders", "folders", "unreadable"):
            self._table(name).fill([])
        self._show_unreadable(0)
        self.query_one("#whole", Static).update("")
        self.facts.update(words)

    @on(LibraryFailed)
    def _failed(self, event: LibraryFailed) -> None:
        self._say(f"{event.message}\n\n{event.hint}".strip())

    @on(LibraryOpened)
    def _opened(self, event: LibraryOpened) -> None:
        self._show(event.status)

    def _show(self, status: dict[str, Any]) -> None:
        path = flat(status["path"])
        self.facts.update(
            f"{counted(status['documents'], 'document')} · {counted(status['passages'], 'passage')}\n{path}\n"
            if status["passages"]
            else f"The library is empty. Press i to index a folder.\n{path}\n"
        )
        self.bars.counts = status["languages"]
        rows = []
        encoded = status["encoders"]
        known = {each["name"]: each for each in status["available"]}
        for name in [*encoded, *(name for name in known if name not in encoded)]:
            state = encoded.get(name, {"encoded": 0, "pending": status["passages"]})
            description = known.get(name, {}).get("description", "not here any more")
            pending = Text(f"{state['pending']:,}", style="" if state["pending"] else "dim")
            rows.append((name, [Text(name, "bold"), Text(f"{state['encoded']:,}"), pending, Text(description, "dim")]))
        self._table("encoders").fill(rows)
        self._table("folders").fill((path, [Text(flat(path))]) for path in status["folders"])
        unreadable = status["unreadable"]
        self._table("unreadable").fill(
            (str(n), [Text(flat(each["path"])), Text(flat(each["reason"]), "dim")]) for n, each in enumerate(unreadable)
        )
        self._show_unreadable(len(unreadable))

    @on(DataTable.RowHighlighted)
    @on(events.DescendantFocus)
    def _read_whole(self) -> None:
        """Show the whole row under the cursor below the tables, since its cells may be cut."""
        table = self.focused
        if isinstance(table, Table) and table.row_count:
            cells = table.get_row_at(table.cursor_row)
            self.query_one("#whole", Static).update(" · ".join(cell.plain for cell in cells))

    def _show_unreadable(self, number: int) -> None:
        self._table("unreadable").set_class(not number, "-none")
        self._table("unreadable").border_title = Content(f"Could not be read: {number:,}")

    # -- long work

    def _begin(self, job: str, title: str, op: str, **parameters: Any) -> None:
        refusal = self.hybrid.jobs.start(job, op, **parameters)
        if refusal:
            self.notify(refusal, severity="warning", markup=False)
        else:
            self.job.begin(title)

    def action_index(self) -> None:
        """Choose a folder and encoders, then index."""
        status = self.hybrid.status
        names = [each["name"] for each in status["available"]] if status else list(TRIO[::-1])
        own = status is not None and not status["demo"]
        target = flat(str(status["path"])) if status is not None and own else "your own library, not the demo"
        self.app.push_screen(PickFolder(names, self.hybrid.settings.columns, target=target), self._index)

    def _index(self, choice: tuple[str, list[str]] | None) -> None:
        if choice is None:
            return
        folder, encoders = choice
        status = self.hybrid.status
        # Users index into a library of their own, never into the demo.
        library = "" if status is None or status["demo"] else str(status["path"])
        self._begin(INDEXING, f"Indexing {flat(folder)}", "index", folder=folder, encoders=encoders, library=library)

    def action_encode(self) -> None:
        """Encode missing passages for the encoder under the cursor."""
        name = self._table("encoders").key
        if not name:
            self.notify("No library is open: o opens one, i creates one from a folder.", markup=False)
            return
        self._begin(f"{ENCODING}{name}", f"Encoding for {name}", "encode", encoder=name, **self.hybrid.where())

    def action_check(self) -> None:
        """Verify and repair."""
        if self.hybrid.status is None:
            self.notify("No library is open: o opens one, i creates one from a folder.", markup=False)
            return
        self._begin(CHECKING, "Checking the library", "check", **self.hybrid.where())

    def action_remove(self) -> None:
        """Choose a folder to remove from the library."""
        status = self.hybrid.status
        folders = list(status["folders"]) if status else []
        if not folders:
            self.notify("No folder is indexed.", markup=False)
            return
        options = [(path, Text(flat(path), no_wrap=True)) for path in folders]
        self.app.push_screen(Choose("Remove folder", options), self._confirm_removal)

    def _confirm_removal(self, folder: str | None) -> None:
        if folder is None:
            return
        words = f"{flat(folder)}\n\nIts documents leave the library. The files stay where they are."
        question = Confirm("Remove this folder from the library?", words, "Remove")
        self.app.push_screen(question, lambda sure: self._remove(folder) if sure else None)

    def _remove(self, folder: str) -> None:
        self._begin(REMOVING, f"Removing {flat(folder)}", "remove", folder=folder, **self.hybrid.where())

    def action_cancel(self) -> None:
        """Cancel the running work."""
        if self.hybrid.jobs.running:
            self.hybrid.jobs.cancel()
        else:
            self.notify("Nothing is running.", markup=False)

    def action_open(self) -> None:
        """Choose a library that was open before, the demo, or another one."""
        status = self.hybrid.status
        here = str(status["path"]) if status else ""
        options = [(path, Text(flat(path), no_wrap=True)) for path in self.hybrid.settings.recent]
        options += [(DEMO, Text("the demo library", no_wrap=True)), (OTHER, Text("another one…", no_wrap=True))]
        self.app.push_screen(
            Choose("Open a library", options, DEMO if status and status["demo"] else here), self._chosen
        )

    def _chosen(self, choice: str | None) -> None:
        if choice == OTHER:
            self._ask_path()
        elif choice == DEMO:
            from ...engine.library import library_folder

            # Remembered, since the user chose it.
            self.hybrid.settings.library = str(library_folder())
            self.hybrid.open_library(self.hybrid.settings.library)
        elif choice is not None:
            self._open(choice)

    def _ask_path(self) -> None:
        """Open a library by its path."""
        path = self.hybrid.status["path"] if self.hybrid.status else ""
        hint = "The folder of a library, or its address on an engine; empty for the default one."
        self.app.push_screen(AskText("Open a library", path, hint), self._open)

    def _open(self, path: str | None) -> None:
        if path is not None:
            self.hybrid.open_library(absolute(path) if path else "")

    @on(JobProgress)
    def _progress(self, event: JobProgress) -> None:
        if event.job in MINE or event.job.startswith(ENCODING):
            if not self.job.has_class("-running"):
                self.job.begin(event.job.capitalize())
            self.job.follow(event.words, event.data)

    @on(JobEnded)
    def _ended(self, event: JobEnded) -> None:
        if event.job not in MINE and not event.job.startswith(ENCODING):
            return
        if event.error:
            self.job.finish(event.error, failed=True)
        elif event.result is None:
            self.job.finish("Cancelled. What was done is kept; the next run goes on from there.")
        else:
            self.job.finish(outcome(event.job, event.result))
            if event.job == INDEXING:
                self.hybrid.open_library(event.result["library"])
                return
        self.hybrid.open_library(self.hybrid.library_to_open())

    def commands(self) -> list[Offer]:
        """The commands of the palette here."""
        return [
            ("library: index a folder…", "New and changed documents are read", self.action_index),
            ("library: encode", "For the encoder under the cursor", self.action_encode),
            ("library: check and repair", "Verify everything against the store", self.action_check),
            ("library: remove a folder…", "Its documents leave the library", self.action_remove),
            ("library: open…", "Open another library", self.action_open),
        ]


def outcome(job: str, result: dict[str, Any]) -> str:
    """The result of a job, in a sentence."""
    if job == INDEXING:
        report = result["report"]
        documents = report["documents"]
        unreadable = len(documents["unreadable"])
        parts = [
            f"{documents[kind]:,} {kind}" for kind in ("new", "changed", "unchanged", "removed") if documents[kind]
        ]
        words = ", ".join(parts) or "no documents"
        tail = f" {unreadable:,} could not be read." if unreadable else ""
        return f"Indexed: {words}; {counted(report['passages'], 'passage')} in {report['seconds']:.1f} s.{tail}"
    if job == CHECKING:
        found = result["report"]["findings"]
        told = [f"{each['problem']} ({'repaired' if each['repaired'] else 'not repaired'})" for each in found]
        return "The library is sound." if not told else f"Found: {'; '.join(told)}."
    if job == REMOVING:
        return f"Removed {counted(result['removed'], 'document')}."
    return f"Everything is encoded for {result['encoder']}."
