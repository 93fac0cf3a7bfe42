"""Evaluate: measures encoders on a benchmark by the paper's protocol, and shows them beside the paper's rows."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ItemGrid, Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Button, Input, Select, SelectionList, Static
from textual.widgets.selection_list import Selection

from ...engine.encoders import BM25
from ...engine.errors import HybridSearchError
from ...engine.places import absolute
from ...train.measure import Measure, known, registry
from ..display import counted, fit, flat
from ..service import JobEnded, JobProgress, LibraryOpened
from ..state import last_evaluation
from ..widgets import JobPanel, Marks
from ..widgets.charts import Heatmap, difference, matrix_of, on_one_scale
from .answers import CellScreen
from .mode import ModeScreen, Offer

EVALUATING = "evaluating"
BENCHMARKS = (
    ("Demo questions", "demo"),
    ("XQuAD-R", "xquad-r"),
    ("MLQA-R", "mlqa-r"),
    ("MIRACL", "miracl"),
    ("A file or folder…", "path"),
)
# Cells of a figure.
WIDTH = 11


def make() -> Screen[Any]:
    """The screen of the mode."""
    return EvaluateScreen()


class EvaluateScreen(ModeScreen):
    """The form at the left, the outcome at the right."""

    MODE = "evaluate"
    CSS_PATH = "evaluate.tcss"
    HELP = (
        "\n".join(f"- **{each.heading}**: {each.meaning}." for each in registry.headlines())
        + "\n\nUnderlined in the heat map: question and passage in one language. **⏎** on a cell (or a click) opens "
        "its questions, worst first, and tells what each lost to language and what to meaning.\n"
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "run", "Run", id="evaluate.run", tooltip="Measure the marked encoders"),
        Binding("ctrl+x", "cancel", "Cancel", id="evaluate.cancel", tooltip="Stop what is running", priority=True),
        Binding("ctrl+s", "report", "Report", id="evaluate.report", tooltip="Write the report and open it"),
    ]
    job = query_one(JobPanel)
    maps = query_one("#maps", VerticalScroll)
    table = query_one("#table", Static)
    differences = query_one("#differences", Static)

    def __init__(self) -> None:
        super().__init__()
        self.outcome: dict[str, Any] | None = None

    def body(self) -> list[Widget]:
        """The form and the outcome."""
        form = Vertical(
            Static("Encoders", classes="label", markup=False),
            Marks[str](id="encoders"),
            Static("Benchmark", classes="label", markup=False),
            Select(BENCHMARKS, value="demo", allow_blank=False, id="benchmark", compact=True),
            Static("Folder with its data", classes="label", markup=False, id="data-label"),
            Input(placeholder="not needed for the demo", id="data", compact=True),
            Static("Questions (0 for all)", classes="label", markup=False),
            Input("0", type="integer", id="questions", compact=True),
            Button("Measure", variant="primary", id="run", compact=True),
            id="form",
            classes="frame",
        )
        form.border_title = Content("Measure")
        table = VerticalScroll(
            Static("", id="table", markup=False),
            Static("", id="differences", markup=False),
            id="figures",
            classes="frame",
        )
        table.border_title = Content("Mean average precision and language bias")
        maps = VerticalScroll(
            Static("A heat map of each encoder appears here.", markup=False), id="maps", classes="frame"
        )
        maps.border_title = Content("mAP by language of question (rows) and of passage (columns), in hundredths")
        return [Horizontal(form, Vertical(JobPanel(), table, maps, id="outcome"), id="bench")]

    def on_mount(self) -> None:
        """Offer the encoders."""
        self._offer_encoders()
        self.table.update("Mark encoders, choose a benchmark, and press ^r.")
        last = last_evaluation()
        if last is not None:
            # A report of another version may lack what is shown here; it is then ignored.
            with contextlib.suppress(KeyError, TypeError, ValueError, HybridSearchError):
                self._show(last)
        self.query_one(SelectionList).focus()

    @on(LibraryOpened)
    def _offer_encoders(self) -> None:
        box = self.query_one("#encoders", SelectionList)
        status = self.hybrid.status
        names = list(self.hybrid.settings.columns)
        if status:
            names = [*status["encoders"], *(each["name"] for each in status["available"])]
        marked = set(box.selected) or set(self.hybrid.settings.columns)
        box.clear_options()
        box.add_options([Selection(Content(name), name, name in marked) for name in dict.fromkeys([*names, BM25])])

    @on(Button.Pressed, "#run")
    def action_run(self) -> None:
        """Measure the marked encoders."""
        encoders = list(self.query_one(SelectionList).selected)
        if not encoders:
            self.notify("Mark an encoder first.", severity="warning", markup=False)
            return
        benchmark = str(self.query_one("#benchmark", Select).value)
        data = self.query_one("#data", Input).value.strip()
        if benchmark == "path":
            benchmark, data = data, ""
        data = absolute(data) if data else ""
        if not benchmark:
            self.notify("Name a file or folder first.", severity="warning", markup=False)
            return
        typed = self.query_one("#questions", Input).value.strip() or "0"
        if not typed.isdecimal():
            self.notify(
                f"{typed} questions cannot be asked: give 0 for all, or how many.", severity="warning", markup=False
            )
            return
        questions = int(typed)
        refusal = self.hybrid.jobs.start(
            EVALUATING, "evaluate", encoders=encoders, benchmark=benchmark, data=data, questions=questions
        )
        if refusal:
            self.notify(refusal, severity="warning", markup=False)
            return
        self.job.begin(f"Measuring {', '.join(encoders)}")

    def action_cancel(self) -> None:
        """Cancel the evaluation."""
        if self.hybrid.jobs.running == EVALUATING:
            self.hybrid.jobs.cancel()
        else:
            self.notify("Nothing is running here.", markup=False)

    @on(JobProgress)
    def _progress(self, event: JobProgress) -> None:
        if event.job != EVALUATING:
            return
        if not self.job.has_class("-running"):
            self.job.begin("Measuring")
        self.job.follow(event.words, event.data)

    @on(JobEnded)
    def _ended(self, event: JobEnded) -> None:
        if event.job != EVALUATING:
            return
        if event.result is None:
            self.job.finish(event.error or "Cancelled.", failed=bool(event.error))
            return
        self._show(event.result)
        notes = " ".join(event.result["notes"])
        numbers = f"{counted(event.result['queries'], 'question')}, {counted(event.result['pool'], 'candidate')}"
        self.job.finish(f"{numbers}. {notes}".strip())

    def _show(self, outcome: dict[str, Any]) -> None:
        """Show figures and heat maps of a finished evaluation; they stay until the next one finishes."""
        results = {result["encoder"]: result for result in outcome["results"]}
        rows = [(name, result["summary"], False) for name, result in results.items()]
        rows += [(each["name"], each["summary"], True) for each in outcome["paper"]]
        table, against = figures(rows), Text("\n").append_text(differences(outcome["comparisons"]))
        panels = _panels(results)
        what = f"{flat(outcome['benchmark'])} · {counted(outcome['queries'], 'question')}"
        self.outcome = outcome
        self.table.update(table)
        self.differences.update(against)
        self.query_one("#figures").border_subtitle = Content(what)
        self.maps.remove_children()
        self.maps.mount(panels)

    @on(Heatmap.Opened)
    def _open_cell(self, event: Heatmap.Opened) -> None:
        outcome = self.outcome or {}
        source = outcome.get("source")
        if not source:
            self.notify("Where these figures came from is not known. Measure again (^r).", markup=False)
            return
        what = {**source, "digest": outcome.get("digest", ""), "encoder": event.encoder, "against": event.against}
        self.app.push_screen(CellScreen({**what, "asked": event.asked, "read": event.read}))

    def action_report(self) -> None:
        """Open the report that was written."""
        if self.outcome is None:
            self.notify("Nothing is measured yet.", markup=False)
            return
        path = Path(self.outcome["report"])
        self.notify(f"The report is {path}", markup=False, timeout=10)
        self.app.open_url(path.as_uri())

    def commands(self) -> list[Offer]:
        """The commands of the palette here."""
        return [
            ("evaluate: measure", "The marked encoders on the chosen benchmark", self.action_run),
            ("evaluate: report", "Write it and open it", self.action_report),
        ]


def _panels(results: Mapping[str, Mapping[str, Any]]) -> ItemGrid:
    """A heat map for each encoder, and one for the difference of each from the first."""
    names = list(results)
    matrices = dict(zip(names, on_one_scale([matrix_of(results[name]) for name in names]), strict=True))
    shown = list(matrices.items())
    away = [(f"{name} − {names[0]}", difference(matrices[name], matrices[names[0]])) for name in names[1:]]
    shown += zip((title for title, _ in away), on_one_scale([matrix for _, matrix in away]), strict=True)
    sides = [(name, "") for name in names] + [(name, names[0]) for name in names[1:]]
    panels = []
    for (title, matrix), side in zip(shown, sides, strict=True):
        heatmap = Heatmap(*side)
        heatmap.matrix = matrix
        panels.append(Vertical(Static(title, classes="label", markup=False), heatmap, classes="panel"))
    widest = max((len(matrix.languages) for _, matrix in shown), default=1)
    return ItemGrid(*panels, min_column_width=4 * widest + 5)


def differences(comparisons: Sequence[Mapping[str, Any]]) -> Text:
    """The difference of each pair of encoders in each compared measure; bold if it is significant."""
    text = Text(no_wrap=True, end="")
    if not comparisons:
        return text
    keys = list(dict.fromkeys(each["measure"] for each in comparisons))
    pairs = list(dict.fromkeys((each["first"], each["second"]) for each in comparisons))
    found = {(each["measure"], each["first"], each["second"]): each for each in comparisons}
    titles = [f"{first} − {second}" for first, second in pairs]
    width = max(map(len, titles)) + 2
    text.append(" " * width + "".join(f"{registry.named(key).heading[: WIDTH - 1]:>{WIDTH}}" for key in keys), "dim")
    for title, pair in zip(titles, pairs, strict=True):
        text.append("\n" + fit(title, width))
        for key in keys:
            shown, style = _difference(registry.named(key), found.get((key, *pair)))
            text.append(f"{shown:>{WIDTH}}", style)
    text.append("\n▲ the first is better, ▼ the second, · no difference was shown", "dim")
    return text


def _difference(measure: Measure, item: Mapping[str, Any] | None) -> tuple[str, str]:
    """A difference with its mark, and its style."""
    if item is None:
        return "–", "dim"
    figure = measure.text(item["mean"], signed=True, brief=True)
    improved = measure.improved(item["mean"]) if item["significant"] else None
    mark = "·" if improved is None else "▲" if improved else "▼"
    return f"{figure} {mark}", "bold" if item["significant"] else "dim"


def figures(rows: Sequence[tuple[str, Mapping[str, float | None], bool]]) -> Text:
    """The summary table: a row for each encoder, the best of each column bold, the paper's rows dim."""
    text = Text(no_wrap=True, end="")
    width = max([len(name) for name, _, _ in rows] + [10]) + 2
    measures = registry.headlines()
    text.append(" " * width + "".join(f"{each.heading[: WIDTH - 1]:>{WIDTH}}" for each in measures), "dim")
    best = {each.key: each.best(summary.get(each.key) for _, summary, paper in rows if not paper) for each in measures}
    for name, summary, paper in rows:
        text.append("\n")
        text.append(fit(name, width), "dim" if paper else "bold")
        for each in measures:
            value = summary.get(each.key)
            shown = each.text(value, brief=True)
            style = "dim" if paper else "bold underline" if known(value) and value == best[each.key] else ""
            text.append(" " * (WIDTH - len(shown)))
            text.append(shown, style)
    return text
