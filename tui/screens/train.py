"""Train: a form with sensible defaults, samples of real batches, and the progress of the run."""

from __future__ import annotations

import shlex
from typing import Any, ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Input, ProgressBar, Select, Static

from ...engine.errors import TrainingError
from ...train.measure import registry
from ..display import flat
from ..service import ServiceError, TrainingEvent
from ..widgets.charts import BatchView, Chart
from .mode import ModeScreen, Offer
from .training import train_form

SAMPLINGS = (
    ("hybrid: random mono or cross", "hybrid"),
    ("mono: one language a batch", "mono"),
    ("cross: two languages a pair", "cross"),
    ("all three, on equal terms", "all"),
)


def make() -> Screen[Any]:
    """The screen of the mode."""
    return TrainScreen()


class TrainScreen(ModeScreen):
    """The form at the left; batches, then curves and scores at the right."""

    MODE = "train"
    CSS_PATH = "train.tcss"
    HELP = """\
Each pair of a batch is drawn as its question's language above its passage's. **mono** batches teach a language at a
time and keep retrieval sharp but biased; **cross** batches pull languages together; in **hybrid** runs each batch is
mono or cross at random. A run that was stopped can go on from its last checkpoint, where it had come to one. The
finished encoder becomes a column of Compare.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "run", "Train", id="train.run", tooltip="Begin the run"),
        Binding("ctrl+b", "look", "Resample", id="train.batches", tooltip="Other batches of the same data"),
        # Needs priority: a focused input of the form would cut its text.
        Binding("ctrl+x", "stop", "Stop", id="train.stop", tooltip="Stop the run", priority=True),
    ]
    batches = query_one(BatchView)
    chart = query_one(Chart)
    state = query_one("#run-state", Static)
    scores = query_one("#scores", Static)
    bar = query_one(ProgressBar)

    def __init__(self) -> None:
        super().__init__()
        self._seed = 0
        self._losses: dict[str, list[tuple[float, float]]] = {"mono": [], "cross": []}
        self._scores: list[tuple[str, dict[str, float]]] = []
        self._batches = ""
        self._run_name = ""
        self._step, self._checkpoint = 0, 0

    def body(self) -> list[Widget]:
        """The form, the batches, the run."""
        fields: list[Widget] = [
            Static("Batches", classes="label", markup=False),
            Select(SAMPLINGS, value="hybrid", allow_blank=False, id="batches", compact=True),
        ]
        for line in train_form.lines():
            fields.append(Static(line.label, classes="label", markup=False))
            fields.append(Input(line.value, id=line.id, type=line.type, compact=True))
        form = Vertical(*fields, Button("Train", variant="primary", id="run", compact=True), id="form", classes="frame")
        form.border_title = Content("A training run")
        look = VerticalScroll(BatchView(), id="look", classes="frame")
        look.border_title = Content("Sample batches, three per strategy")
        run = Vertical(
            Static("", id="run-state", markup=False),
            ProgressBar(show_eta=False, id="run-bar"),
            Static("", id="scores", markup=False),
            Chart(),
            id="run-panel",
            classes="frame",
        )
        run.border_title = Content("The run")
        return [Horizontal(form, Vertical(look, run, id="right"), id="bench")]

    def on_mount(self) -> None:
        """Draw batches at once."""
        self.chart.empty = "The loss of each kind of batch appears here."
        self.state.update("No run yet. ^r starts one.")
        self.query_one("#batches", Select).focus()
        self.look()

    # -- batches

    @on(Input.Submitted, "#data")
    def _other_data(self) -> None:
        self.look()

    def train_on(self, data: str) -> None:
        """Enter data in the form, and draw batches of them."""
        self.query_one("#data", Input).value = data
        self.look()

    def action_look(self) -> None:
        """Draw other batches."""
        self._seed += 1
        self.look()

    @work(exclusive=True, group="look", exit_on_error=False)
    async def look(self) -> None:
        """Draw batches of each sampling from the named data."""
        self.batches.words = "Drawing batches…"
        self.batches.samplings = {}
        try:
            data = train_form.paths(self.query_one("#data", Input).value)
            found = await self.hybrid.ask("batches", data=data, size=8, seed=self._seed)
        except (ServiceError, TrainingError) as error:
            self.batches.words = str(error)
            return
        self.batches.samplings = found["samplings"]

    # -- the run

    def arguments(self) -> list[str]:
        """The form as arguments of `hybrid-search train`.

        Raises:
            TrainingError: a value is invalid.
        """
        values = {line.id: self.query_one(f"#{line.id}", Input).value for line in train_form.lines()}
        return train_form.arguments(values, str(self.query_one("#batches", Select).value))

    @on(Button.Pressed, "#run")
    def action_run(self) -> None:
        """Begin the run."""
        refusal = self.hybrid.at_training()
        if refusal:
            self.notify(refusal, severity="warning", markup=False)
            return
        try:
            arguments = self.arguments()
        except TrainingError as error:
            self._over(flat(str(error)), "-failed")
            return
        self._clear()
        self._batches = str(self.query_one("#batches", Select).value)
        self.state.update("Starting: importing the training libraries takes a while…")
        self.hybrid.training.begin(arguments, self.query_one("#name", Input).value.strip())

    def _clear(self) -> None:
        """Clear the panel for a new run."""
        self._losses = {"mono": [], "cross": []}
        self._scores = []
        self._run_name, self._step, self._checkpoint = "", 0, 0
        self.chart.series = {}
        self.scores.update("")
        self.bar.update(total=None, progress=0)
        self.query_one("#run-panel").set_classes("frame -running")

    def action_stop(self) -> None:
        """Stop the run."""
        if self.hybrid.training.running:
            self.state.update("Stopping…")
            self.hybrid.training.stop()
        else:
            self.notify("Nothing is running here.", markup=False)

    @on(TrainingEvent)
    def _told(self, message: TrainingEvent) -> None:
        event = message.event
        handler = getattr(self, f"_on_run_{event['event']}", None)
        if handler is not None:
            handler(event)

    def _on_run_start(self, event: dict[str, Any]) -> None:
        if not self.query_one("#run-panel").has_class("-running"):
            # The run was begun on the Runs screen.
            self._clear()
            self._batches = str(event.get("batches", ""))
        self._run_name, self._step, self._checkpoint = str(event["name"]), 0, 0
        self.state.update("Measuring the base before training…" if event.get("validation") else "Training…")

    def _on_run_step(self, event: dict[str, Any]) -> None:
        self._losses.setdefault(event["kind"], []).append((event["step"], event["loss"]))
        self._step = event["step"]
        self.chart.last = event["total"]
        self.chart.series = {kind: list(points) for kind, points in self._losses.items()}
        self.bar.update(total=event["total"], progress=event["step"])
        self.state.update(f"Step {event['step']:,} of {event['total']:,} · {_time(event.get('seconds_left'))}")

    def _on_run_checkpoint(self, event: dict[str, Any]) -> None:
        self._checkpoint = event["step"]

    def _on_run_validation(self, event: dict[str, Any]) -> None:
        self._scores.append((f"step {event['step']:,}", event["scores"]))
        self.scores.update(score_table(self._scores))

    def _on_run_done(self, event: dict[str, Any]) -> None:
        before, after = event.get("scores_before") or {}, event.get("scores_after") or {}
        rows = [("before", before), ("after", after)] if before or after else self._scores
        self.scores.update(score_table(rows))
        self._over(f"Done: {flat(event['name'])} is ready, and is now a column of Compare.", "-done")

    def _on_run_error(self, event: dict[str, Any]) -> None:
        self._over(flat(str(event["message"])), "-failed")

    def _on_run_stopped(self, event: dict[str, Any]) -> None:
        self._over(stopped(self._run_name, self._step, self._checkpoint, self._batches), "-done")

    def _on_run_warning(self, event: dict[str, Any]) -> None:
        self.notify(flat(str(event["message"])), title="Training", severity="warning", markup=False)

    def _over(self, words: str, state: str) -> None:
        self.query_one("#run-panel").set_classes(f"frame {state}")
        self.state.update(words)

    def commands(self) -> list[Offer]:
        """The commands of the palette here."""
        return [
            ("train: begin", "With the values of the form", self.action_run),
            ("train: stop", "What came after the last checkpoint is lost", self.action_stop),
            ("train: resample batches", "Other batches of the same data", self.action_look),
        ]


def stopped(name: str, step: int, checkpoint: int, batches: str) -> str:
    """Words on a stopped run: how to resume it from its checkpoint, or that it has none.

    Args:
        name: of the run; "" if it had not begun.
        step: the last one done.
        checkpoint: the step of the last checkpoint; 0 if there is none.
        batches: the sampling of the form; `all` for three runs under one name.
    """
    where = f"Stopped at step {step:,}" if step else "Stopped before the first step"
    if not checkpoint:
        return f"{where}. It had no checkpoint: nothing of {flat(name)} is kept." if name else f"{where}."
    kept = f"{where}. On Runs (F7), r continues {flat(name)} from the checkpoint of step {checkpoint:,}."
    if batches != "all":
        return kept
    command = shlex.join(["hybrid-search", "train", "--out", name.rpartition("-")[0], "--batches", "all", "--resume"])
    return f"{kept} In a terminal, `{command}` continues all three."


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "measuring the pace"
    return f"{seconds:.0f} s left" if seconds < 90 else f"{seconds / 60:.0f} min left"


def score_table(rows: list[tuple[str, dict[str, float]]]) -> Text:
    """The last validation scores, one row for each validation."""
    measures = [each for each in registry.headlines() if any(each.key in row for _, row in rows)]
    text = Text(no_wrap=True, end="")
    text.append(f"{'':<10}" + "".join(f"{each.heading[:12]:>13}" for each in measures), "dim")
    for label, row in rows[-4:]:
        text.append(f"\n{label:<10}")
        for each in measures:
            text.append(f"{each.text(row.get(each.key), brief=True):>13}", "bold")
    return text
