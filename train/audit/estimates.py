"""Estimates a figure with its 95 % interval over questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..measure import Values
from ..measure.significance import FEWEST_PAIRS, bootstrap, cluster_means

# Bootstrap samples: enough for the digits that are shown.
_SAMPLES = 1000


@dataclass(frozen=True)
class Estimate:
    """A mean over questions.

    Attributes:
        value: the mean; NaN if unknown.
        low, high: ends of its 95 % bootstrap interval over questions; NaN below six questions.
        questions: how many questions have a value; translations count once.
    """

    value: float
    low: float
    high: float
    questions: int

    @property
    def known(self) -> bool:
        """Whether there is a figure."""
        return not np.isnan(self.value)

    @property
    def positive(self) -> bool:
        """Whether the interval is above 0."""
        return bool(self.low > 0)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "value": plain(self.value),
            "low": plain(self.low),
            "high": plain(self.high),
            "questions": self.questions,
        }


def estimate(values: Values, groups: Sequence[str] | None = None) -> Estimate:
    """The mean of values without NaN; values of one group are averaged first."""
    means = cluster_means(values, groups) if groups is not None else values
    means = means[~np.isnan(means)]
    if not len(means):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    low, high = bootstrap(means, samples=_SAMPLES) if len(means) >= FEWEST_PAIRS else (float("nan"), float("nan"))
    return Estimate(float(means.mean()), low, high, len(means))


def plain(value: float) -> float | None:
    """A figure for JSON: rounded, None for NaN."""
    return None if np.isnan(value) else round(float(value), 6)


def table(values: Values, rows: Sequence[str], columns: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """A matrix for JSON, by the names of rows and columns."""
    return {row: {column: plain(values[i, j]) for j, column in enumerate(columns)} for i, row in enumerate(rows)}
