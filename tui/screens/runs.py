"""Runs: every training run as a row, their curves in one chart, and what can be done with them."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ScrollableContainer, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import DataTable, Static

from ..display import counted, flat
from ..service import JobEnded, JobProgress, LibraryOpened, ServiceError, StudyEvent, TrainingEvent, for_the_app
from ..widgets import JobPanel
from ..widgets.charts import MOST, Curves
from ..widgets.frame import Table
from .dialogs import AskText, Confirm
from .mode import ModeScreen, Offer
from .training import SweepForm, run_curves
from .training import runs_told as told

# Least seconds between drawings of a running run.
PAUSE = 0.25
# Seconds between looks for what other programs do.
LOOKING = 2.0
# Most runs that the question before their deletion names.
NAMED = 8
AVERAGING, CALIBRATING = "averaging", "calibrating"


def make() -> Screen[Any]:
    """The screen of the mode."""
    return RunsScreen()


class RunsScreen(ModeScreen):
    """A table of runs; below it the settings and scores of the marked ones, and their curves."""

    MODE = "runs"
    CSS_PATH = "runs.tcss"
    HELP = """\
Every training, average and calibration of this machine, and every sweep of **α** (the share of mono batches in a
hybrid run). **space** marks runs; the curves of those that are marked are drawn over each other, and **v** changes
what is drawn: the loss, or a measure of the validations. A run that was stopped goes on from its last checkpoint with
**r**. **s** sweeps α with the settings of the run under the cursor.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", id="runs.mark", tooltip="Mark a run, to see it over others"),
        Binding("v", "view", "Curve", id="runs.view", tooltip="Draw the loss, or another measure"),
        Binding("r", "resume", "Resume", id="runs.resume", tooltip="Continue from the last checkpoint"),
        Binding("c", "columns", "Compare", id="runs.columns", tooltip="Show the marked runs as columns of Compare"),
        Binding("s", "sweep", "Sweep α", id="runs.sweep", tooltip="Train with several shares of mono batches"),
        Binding("a", "average", "Average", id="runs.average", tooltip="The mean of the marked encoders"),
        Binding("k", "calibrate", "Calibrate", id="runs.calibrate", tooltip="Fit a map behind the encoder"),
        Binding("d", "delete", "Delete", id="runs.delete", tooltip="Delete the marked runs and their encoders"),
        Binding("ctrl+x", "stop", "Stop", id="runs.stop", tooltip="Stop what is running", priority=True),
    ]
    table = query_one("#runs", Table)
    curves = query_one(Curves)
    about = query_one("#about", Static)
    job = query_one(JobPanel)

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, told.Row] = {}
        self._marked: set[str] = set()
        self._live = told.Live()
        self._view = run_curves.LOSS
        self._words = ""
        self._drawn = 0.0
        # The stamps of what was read last; empty before.
        self._seen: tuple[object, ...] = ()

    def body(self) -> list[Widget]:
        """The table, then words at the left and curves at the right."""
        table = Table(id="runs")
        table.border_title = Content("Runs")
        about = ScrollableContainer(Static("", id="about", markup=False), id="about-frame", classes="frame")
        about.border_title = Content("What they are")
        drawn = Vertical(Curves(), id="drawn", classes="frame")
        return [JobPanel(), table, Horizontal(about, drawn, id="below")]

    def on_mount(self) -> None:
        """Make the columns, then read the rows."""
        for key, heading in told.headings().items():
            self.table.add_column(heading, key=key)
        self.table.focus()
        self.about.update("Reading the runs…")
        self.load()
        self.set_interval(LOOKING, self._look)

    async def _look(self) -> None:
        """Read the rows again once another program has trained, or deleted some."""
        if self._seen and self.is_current and await asyncio.to_thread(told.stamps) != self._seen:
            self.load()

    def on_screen_resume(self) -> None:
        """Read the rows again: another screen may have trained."""
        super().on_screen_resume()
        if self._seen:
            self.load()

    def on_resize(self) -> None:
        """Fit the columns of the runs into the new width."""
        if self._rows:
            self._show()

    @work(exclusive=True, group="load", exit_on_error=False)
    async def load(self) -> None:
        """Read all rows again."""
        seen = await asyncio.to_thread(told.stamps)
        try:
            found = await self.hybrid.ask("runs")
        except ServiceError as error:
            self.about.update(str(error))
            return
        self._seen, self._rows = seen, {row.key: row for row in told.rows_of(found)}
        self._marked &= set(self._rows)
        self._fill()

    def _fill(self) -> None:
        self.table.fill(
            (row.key, told.cells(row, marked=row.key in self._marked, live=self._live)) for row in self._rows.values()
        )
        self.table.border_title = Content(f"Runs: {len(self._rows):,}")
        self._show()

    # -- what is shown of them

    def _chosen(self) -> list[told.Row]:
        """The marked rows; if none is marked, the one under the cursor."""
        marked = [row for row in self._rows.values() if row.key in self._marked]
        here = self._rows.get(self.table.key)
        return marked or ([here] if here else [])

    def _show(self) -> None:
        chosen = self._chosen()
        self.about.set_class(not chosen, "-words")
        if not chosen:
            self.about.update("Nothing was trained here yet. F5 trains an encoder; s sweeps α on the bundled pairs.")
            self.curves.series = ()
            self.curves.empty = "Curves of runs appear here."
            return
        # The vertical scroll bar may come with the text.
        room = self.query_one("#about-frame").content_size.width - 1
        self.about.update(told.about(chosen, self._words, room))
        drawn = run_curves.drawn(chosen, self._view, self._live)
        self.curves.smooth = drawn.smooth
        self.curves.axis = drawn.axis
        self.curves.empty = drawn.empty
        self.curves.series = drawn.series
        frame = self.query_one("#drawn")
        frame.border_title = Content(drawn.title)
        frame.border_subtitle = Content("v: another curve")

    @on(DataTable.RowHighlighted, "#runs")
    def _moved(self) -> None:
        self._show()

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor."""
        key = self.table.key
        if key:
            self._marked ^= {key}
            self._update(key)
            self.table.action_cursor_down()
            self._show()

    def _update(self, key: str) -> None:
        cells = told.cells(self._rows[key], marked=key in self._marked, live=self._live)
        for column, cell in zip(told.headings(), cells, strict=True):
            self.table.update_cell(key, column, cell)

    def action_view(self) -> None:
        """Draw the next kind of curve of these rows."""
        self._view = run_curves.after(self._view, self._chosen())
        self._show()

    # -- what is done with them

    def _runs(self, what: str, *, encoders: bool = False) -> list[told.Row]:
        """The chosen rows that are runs; if there are none, or `encoders` are needed and one has none, say so."""
        found = [row for row in self._chosen() if not row.is_sweep]
        without = ", ".join(flat(row.name) for row in found if encoders and not row.data["path"])
        if not found:
            self.notify(f"Go to a run, or mark some, to {what}.", markup=False)
        elif without:
            self.notify(f"{without} has no encoder yet: r continues a stopped run.", markup=False)
        return [] if without else found

    def action_resume(self) -> None:
        """Go on with the run under the cursor."""
        row, refusal = self._rows.get(self.table.key), self.hybrid.at_training()
        if refusal:
            self.notify(refusal, severity="warning", markup=False)
        elif row is None or row.is_sweep:
            self.notify("Go to a stopped run. A sweep continues when s starts it again under its name.")
        elif not row.data["resumable"]:
            self.notify(told.not_resumable(row), markup=False)
        else:
            self._words = f"Resuming {row.name} from step {row.data['checkpoint']:,}…"
            self.hybrid.training.begin(["--out", row.name, "--resume"], row.name)
            self._show()

    def action_columns(self) -> None:
        """Make the encoders columns of Compare, and go there."""
        names = [row.name for row in self._runs("compare what they answer", encoders=True)]
        if names:
            self.hybrid.settings.columns = list(dict.fromkeys([*names, *self.hybrid.settings.columns]))[:MOST]
            self.app.switch_mode("compare")
            self.hybrid.refresh_library()

    def action_average(self) -> None:
        """Ask for the average's name, then average the encoders."""
        rows = self._runs("average them", encoders=True)
        if len(rows) == 1:
            self.notify("An average takes two or more: mark them with space.", markup=False)
        elif rows:
            names = [row.name for row in rows]
            hint = f"The mean of {', '.join(names)}. enter makes it · esc cancel"
            dialog = AskText("Name of the average", f"{names[0]}-mean", flat(hint), self._name_problem)
            self.app.push_screen(dialog, lambda name: self._average(name, names) if name else None)

    def _average(self, name: str, names: list[str]) -> None:
        self._begin(AVERAGING, f"Averaging to {flat(name)}", "average", name=name, encoders=names)

    def action_calibrate(self) -> None:
        """Ask for the calibrated encoder's name, then calibrate."""
        rows = self._runs("calibrate it", encoders=True)
        if len(rows) > 1:
            self.notify("Only one encoder can be calibrated at a time: remove the other marks.", markup=False)
        elif rows:
            of = rows[0].name
            hint = f"A map behind {of}, fitted on the data of its run. enter fits it · esc cancel"
            dialog = AskText("Name of the calibrated encoder", f"{of}-calibrated", flat(hint), self._name_problem)
            self.app.push_screen(dialog, lambda name: self._calibrate(name, of) if name else None)

    def _calibrate(self, name: str, of: str) -> None:
        self._begin(CALIBRATING, f"Calibrating {flat(of)}", "calibrate", name=name, encoder=of)

    def _name_problem(self, name: str) -> str:
        return told.name_problem(name, self._rows)

    def action_delete(self) -> None:
        """Delete the chosen runs after a confirmation."""
        rows = self._runs("delete it")
        if rows:
            names = [row.name for row in rows]
            more = [f"… and {len(names) - NAMED:,} more"] if len(names) > NAMED + 1 else []
            words = "\n".join([*(flat(name) for name in names[: NAMED + (not more)]), *more])
            costs = f"{words}\n\nEncoder, checkpoints and curve are removed for good. Vectors in libraries stay."
            question = Confirm(f"Delete {counted(len(names), 'run')}?", costs, "Delete")
            self.app.push_screen(question, partial(self._sure, names))

    def _sure(self, names: list[str], sure: bool | None) -> None:
        if sure:
            self._delete(names)

    @work(exclusive=True, group="delete", exit_on_error=False)
    async def _delete(self, names: list[str]) -> None:
        try:
            done = await self.hybrid.ask("delete_run", names=names)
        except ServiceError as error:
            self.notify(f"{error.message} {error.hint}".strip(), severity="error", markup=False)
            return
        if done["refusal"]:
            self.notify(for_the_app(done["refusal"]), severity="error", markup=False)
        columns, gone = self.hybrid.settings.columns, done["deleted"]
        self.load()
        if set(gone) & set(columns):
            self.hybrid.settings.columns = [name for name in columns if name not in gone] or columns[:1]
        self.hybrid.refresh_library()

    def _begin(self, job: str, title: str, op: str, **parameters: Any) -> None:
        refusal = self.hybrid.jobs.start(job, op, **parameters)
        if refusal:
            self.notify(refusal, severity="warning", markup=False)
        else:
            self.job.begin(title)

    @on(JobProgress)
    def _progress(self, event: JobProgress) -> None:
        if event.job in (AVERAGING, CALIBRATING):
            self.job.follow(event.words, event.data)

    @on(JobEnded)
    def _ended(self, event: JobEnded) -> None:
        if event.job not in (AVERAGING, CALIBRATING):
            return
        if event.result is None:
            self.job.finish(event.error or "Cancelled. Nothing was made.", failed=bool(event.error))
            return
        self.job.finish(told.made(event.result))
        self.load()
        self.hybrid.refresh_library()

    # -- running training and sweeps

    def action_sweep(self) -> None:
        """Show the form of a sweep of alpha, then run it with the settings of the run under the cursor."""
        refusal = self.hybrid.at_training()
        if refusal:
            self.notify(refusal, severity="warning", markup=False)
            return
        row = self._rows.get(self.table.key)
        self.app.push_screen(SweepForm(row.data if row is not None else None), self._sweep)

    def _sweep(self, asked: tuple[str, list[str]] | None) -> None:
        if asked is not None:
            name, arguments = asked
            self._words = f"Sweeping α as {name}: importing the training libraries takes a while…"
            self.hybrid.study.begin(arguments, name)
            self._show()

    def action_stop(self) -> None:
        """Stop training, the sweep, or the running job."""
        if self.hybrid.training.running:
            self.hybrid.training.stop()
        elif self.hybrid.study.running:
            self.hybrid.study.stop()
        elif self.hybrid.jobs.running:
            self.hybrid.jobs.cancel()
        else:
            self.notify("Nothing is running.", markup=False)

    @on(TrainingEvent)
    def _training(self, message: TrainingEvent) -> None:
        event = message.event
        self._live.take(event)
        if event["event"] in ("start", "done", "error", "stopped"):
            self._words = self._live.words(event)
            self.load()
        elif event["event"] == "validation" or (event["event"] == "step" and time.monotonic() - self._drawn > PAUSE):
            self._drawn = time.monotonic()
            self._words = self._live.words(event) or self._words
            self._redraw_live()

    def _redraw_live(self) -> None:
        """Redraw the cells of the running run, and its curve if that is shown."""
        key = told.RUN + self._live.name
        if key in self._rows:
            self._update(key)
        if any(row.key == key for row in self._chosen()) or self._words:
            self._show()

    @on(StudyEvent)
    def _studied(self, message: StudyEvent) -> None:
        event = message.event
        words = told.of_the_sweep(event, self.hybrid.study.name)
        if words:
            self._words = words
            self._show()
        if event["event"] in ("run", "over", "error", "stopped"):
            self.load()

    @on(LibraryOpened)
    def _opened(self, _: LibraryOpened) -> None:
        if not self._rows:
            self.load()

    def commands(self) -> list[Offer]:
        """The commands of the palette here."""
        return [
            ("runs: resume", "From its last checkpoint", self.action_resume),
            ("runs: sweep α…", "With the settings of the run under the cursor", self.action_sweep),
            ("runs: compare answers", "Marked runs as columns of Compare", self.action_columns),
            ("runs: average…", "The mean of the marked encoders", self.action_average),
            ("runs: calibrate…", "A map behind the encoder", self.action_calibrate),
            ("runs: delete…", "Runs and their encoders", self.action_delete),
        ]
