"""The result of a training run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class RunResult:
    """What a run gave.

    Attributes:
        name: under which it is registered.
        path: its folder.
        steps: updates done.
        seconds: of training.
        scores_before, scores_after: on the validation set, empty without one.
        best_step: the step whose weights were taken.
        average: how far from the base to the tuned weights they lie.
        problems: what went wrong without ending the run.
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
