"""A row of the table of runs: its settings, loss curve and scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TRAINED, AVERAGED, CALIBRATED = "trained", "averaged", "calibrated"
RUNNING, STOPPED, DONE = "running", "stopped", "done"
# Settings that do not affect the encoder.
_BESIDE = ("name", "device", "checkpoint_every", "gradient_cache", "validate_every")

Curve = Mapping[str, Sequence[tuple[int, float]]]


@dataclass(frozen=True)
class Run:
    """One training run, or an encoder that was made from others.

    Attributes:
        name: the name of its encoder.
        kind: `trained`, `averaged` or `calibrated`.
        state: `running`, `stopped` or `done`.
        settings: the run's settings, by their names in recipes; empty for an average.
        made_of: the encoders from which an average or a calibration was made.
        step: the last finished step.
        steps: the number of steps of the whole run; 0 if it is not a training run.
        checkpoint: the step to continue from; 0 without a checkpoint.
        curve: (step, loss) by kind of batch.
        validations: (step, figures by the measures' keys); step 0 is the base.
        before, after: figures of the base and of the encoder; empty if not measured.
        seconds: duration of training; 0 if unknown.
        changed: time of the last change, in seconds since the epoch.
        encoder: the folder of its encoder; None if it has none.
    """

    name: str
    kind: str = TRAINED
    state: str = DONE
    settings: Mapping[str, Any] = field(default_factory=dict)
    made_of: tuple[str, ...] = ()
    step: int = 0
    steps: int = 0
    checkpoint: int = 0
    curve: Curve = field(default_factory=dict)
    validations: tuple[tuple[int, Mapping[str, float]], ...] = ()
    before: Mapping[str, float] = field(default_factory=dict)
    after: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    changed: float = 0.0
    encoder: Path | None = None

    @property
    def scores(self) -> Mapping[str, float]:
        """The figures of the encoder, or of the last validation of an unfinished run."""
        if self.after:
            return self.after
        own = [scores for step, scores in self.validations if step > 0]
        return own[-1] if own else {}

    @property
    def resumable(self) -> bool:
        """Whether it can continue from a checkpoint."""
        return self.state == STOPPED and self.checkpoint > 0

    @property
    def sampling(self) -> str:
        """The batch sampling, such as "hybrid .5" with the share of mono batches; "" if unknown."""
        batches = str(self.settings.get("batches", ""))
        alpha = self.settings.get("alpha")
        if batches != "hybrid" or not isinstance(alpha, (int, float)):
            return batches
        return f"hybrid {alpha:g}".replace(" 0.", " .")

    def as_dict(self) -> dict[str, Any]:
        """Plain values; loss curves as lists of [step, loss]."""
        return {
            "name": self.name,
            "kind": self.kind,
            "state": self.state,
            "settings": dict(self.settings),
            "made_of": list(self.made_of),
            "step": self.step,
            "steps": self.steps,
            "checkpoint": self.checkpoint,
            "curve": {kind: [list(point) for point in points] for kind, points in self.curve.items()},
            "validations": [{"step": step, "scores": dict(scores)} for step, scores in self.validations],
            "scores_before": dict(self.before),
            "scores_after": dict(self.after),
            "seconds": self.seconds,
            "changed": self.changed,
            "path": str(self.encoder) if self.encoder else None,
        }


def differing(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """The settings in which runs differ, each with its value in every run (None where it is not set)."""
    names = dict.fromkeys(name for run in runs for name in run.settings if name not in _BESIDE)
    table = {name: [run.settings.get(name) for run in runs] for name in names}
    return {name: values for name, values in table.items() if any(value != values[0] for value in values)}
