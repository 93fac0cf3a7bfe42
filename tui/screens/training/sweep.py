"""Asks for a sweep of alpha: name, alphas, number of seeds and steps; other settings are those of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Static

from ....engine import paths
from ....engine.errors import TrainingError
from ....engine.files import is_folder_name
from ....train.runs import sweep_folder
from ....train.settings import BUNDLED, HELD_OUT, RunConfig, StudySettings, settings_of
from ...display import flat
from ..dialogs import CANCEL, Dialog

Asked = tuple[str, list[str]]

ALPHAS = "0, 0.25, 0.5, 0.75, 1"
_LINES = (("name", "Name"), ("alphas", "α of each run"), ("seeds", "Seeds"), ("steps", "Steps"))


class SweepForm(Dialog[Asked | None]):
    """Returns the sweep's name and the arguments of `hybrid-search study`, or None.

    Args:
        run: the row of the run whose settings and data are taken; None for the bundled pairs.
    """

    CSS_PATH = "../dialogs/choose.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [CANCEL]

    def __init__(self, run: Mapping[str, Any] | None) -> None:
        super().__init__()
        known = run is not None and bool(run.get("settings", {}).get("sources"))
        self._run = run if known else None

    def compose(self) -> ComposeResult:
        """Inputs, a hint on the settings used, buttons."""
        run = self._run
        steps = run["settings"].get("steps", BUNDLED["steps"]) if run else BUNDLED["steps"]
        first = {"name": free_name(), "alphas": ALPHAS, "seeds": "1", "steps": str(steps)}
        with Vertical(classes="dialog") as frame:
            frame.border_title = Content("Sweep α, the share of mono batches")
            for key, label in _LINES:
                yield Static(label, classes="label", markup=False)
                yield Input(first[key], id=key, compact=True)
            of = f"All else as in {flat(run['name'])}." if run else "On the bundled pairs."
            yield Static(f"{of} Each α is a training of its own.", classes="hint", markup=False)
            yield Static("", id="wrong", classes="hint -wrong", markup=False)
            with Horizontal(classes="answers"):
                yield Button("Sweep", variant="primary", id="go", compact=True)
                yield Button("Cancel", id="back", compact=True)

    @on(Button.Pressed, "#back")
    def _back(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed, "#go")
    @on(Input.Submitted)
    def _go(self) -> None:
        values = {key: self.query_one(f"#{key}", Input).value.strip() for key, _ in _LINES}
        try:
            self.dismiss((values["name"], arguments(values, self._run)))
        except TrainingError as error:
            self.query_one("#wrong", Static).update(flat(str(error)))


def free_name() -> str:
    """A name that no sweep has."""
    number = 1
    while sweep_folder(f"sweep-{number}").exists():
        number += 1
    return f"sweep-{number}"


def arguments(values: Mapping[str, str], run: Mapping[str, Any] | None) -> list[str]:
    """The form as arguments of `hybrid-search study`.

    Args:
        values: the texts of its lines.
        run: the row of the run whose settings are taken; None for the bundled pairs.

    Raises:
        TrainingError: a value is invalid; the message uses the form's labels.
    """
    name = values["name"]
    if not is_folder_name(name):
        raise TrainingError("Name: use letters, digits, - and _.")
    try:
        alphas = tuple(float(part) for part in values["alphas"].split(",") if part.strip())
        if not alphas or not all(0 <= alpha <= 1 for alpha in alphas):
            raise TrainingError("α of each run: each lies between 0 and 1, as in 0, 0.5, 1.")
        study = StudySettings(alphas=alphas, seeds=int(values["seeds"]))
        steps = settings_of(RunConfig)["steps"].value(int(values["steps"]))
    except ValueError:
        raise TrainingError("α, seeds and steps are numbers, as in 0, 0.5, 1.") from None
    found = ["--out", str(sweep_folder(name)), "--seeds", str(study.seeds), "--steps", str(steps)]
    found += ["--alphas", ",".join(f"{alpha:g}" for alpha in study.alphas)]
    settings = run["settings"] if run else {}
    found += ["--pairings", str(settings.get("pairing", "example"))]
    if run is None:
        return found
    found += ["--recipe", str(_settings_file(run))]
    if not settings.get("validation"):
        found += ["--validation", "held-out"]
    if not any(source.get("holdout") for source in settings["sources"]):
        found += ["--holdout", str(HELD_OUT)]
    return found


def _settings_file(run: Mapping[str, Any]) -> Path:
    """The file of a run's settings: beside its encoder, or in the run's folder if it has not ended."""
    of_encoder = paths.encoders_folder() / str(run["name"]) / "run.json"
    return of_encoder if run.get("path") and of_encoder.is_file() else _run_file(str(run["name"]))


def _run_file(name: str) -> Path:
    return paths.data_folder() / "runs" / name / "config.json"
