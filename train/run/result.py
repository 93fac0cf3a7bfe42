"""The result of a training run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class RunResult:
    """The result of a run.

    Attributes:
        name: the encoder's registered name.
        path: its folder.
        steps: updates done.
        seconds: duration of training.
        scores_before, scores_after: scores on the validation set, empty without one.
        best_step: the step whose weights were chosen.
        average: the share of the trained weights against the base's.
        problems: problems that did not end the run.
    """

    name: str
    path: Path
    steps: int
    seconds: float
    scores_before: Mapping[str, float] = field(default_factory=dict)
    scores_after: Mapping[str, float] = field(default_factory=dict)
    best_step: int = 0
    average: float = 1.0
    problems: tuple[str, ...] = ()
