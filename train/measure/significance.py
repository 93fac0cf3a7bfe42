"""Compares encoders in pairs over the same queries: differences, intervals, p-values, and a verdict in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from ...engine.errors import DataError
from .registry import Measure, Values, named

FEWEST_PAIRS = 6
SAMPLES = 10_000
EQUAL = 1e-12
Method = Literal["randomisation", "bootstrap"]


@dataclass(frozen=True)
class Difference:
    """How one encoder differs from another on the same queries.

    Args:
        first: the encoder whose figures count positively.
        second: the encoder whose figures are subtracted.
        pairs: number of independent questions with a value for both.
        mean: mean of first - second.
        low: lower end of its 95 % bootstrap interval.
        high: upper end.
        p: two-sided p-value by sign-flip randomisation, or the bootstrap if chosen, Holm-corrected over all comparisons
            made together.
        wins: queries on which first is better.
        ties: queries on which both are equal.
        losses: queries on which second is better.
    """

    first: str
    second: str
    pairs: int
    mean: float
    low: float
    high: float
    p: float
    wins: int
    ties: int
    losses: int

    def significant(self, level: float = 0.05) -> bool:
        """Whether the corrected p-value is below the level and the interval excludes 0."""
        return self.p < level and (self.low > 0 or self.high < 0)

    def __str__(self) -> str:
        """The figures, without a verdict."""
        return (
            f"{self.first} - {self.second} = {self.mean:+.4f} [{self.low:+.4f}, {self.high:+.4f}], p = {self.p:.3g} "
            f"over {self.pairs} questions"
        )

    def verdict(self, measure: Measure | str) -> str:
        """The difference in one sentence, claiming only what the figures show.

        Args:
            measure: a measure of the registry, or its key; it says which direction is better.

        Raises:
            KeyError: no measure has that key.
        """
        measure = named(measure) if isinstance(measure, str) else measure
        figures = f"{self.mean:+.4f} [{self.low:+.4f}, {self.high:+.4f}], p = {self.p:.3g} over {self.pairs} questions."
        if measure.better == "neither":
            if not self.significant():
                return f"No difference in the {measure.label} between {self.first} and {self.second}: {figures}"
            more, less = (self.first, self.second) if self.mean > 0 else (self.second, self.first)
            return f"{more} {measure.more or 'has a higher ' + measure.label} than {less}: {figures}"
        if not self.significant():
            return f"No difference in {measure.label} between {self.first} and {self.second} was shown: {figures}"
        better = self.better(measure)
        other = self.second if better == self.first else self.first
        return f"{better} is better than {other} in {measure.label}: {self.first} - {self.second} = {figures}"

    def better(self, measure: Measure | str) -> str:
        """The encoder that is significantly better, or ""; see `verdict`."""
        measure = named(measure) if isinstance(measure, str) else measure
        if measure.better == "neither" or not self.significant():
            return ""
        return self.first if (self.mean > 0) == (measure.better == "higher") else self.second


def cluster_means(values: Values, clusters: Sequence[str]) -> Values:
    """Means of values that share a cluster, without NaN: translations of one question are one observation.

    Returns:
        One value per cluster in order of first appearance, NaN for a cluster without values.
    """
    numbers: dict[str, int] = {}
    index = np.array([numbers.setdefault(name, len(numbers)) for name in clusters], dtype=np.int64)
    known = ~np.isnan(values)
    sums = np.bincount(index[known], weights=values[known], minlength=len(numbers))
    counts = np.bincount(index[known], minlength=len(numbers))
    means: Values = np.divide(sums, counts, out=np.full(len(numbers), np.nan), where=counts > 0)
    return means


def randomisation(differences: Values, *, samples: int = SAMPLES, seed: int = 0) -> float:
    """Two-sided p-value of the mean under random sign flips (Fisher's paired randomisation test).

    Exact if there are at most `samples` of all 2^n flips; else (1 + hits) / (1 + samples), which is never 0.
    """
    n = len(differences)
    observed = abs(differences.mean()) - 1e-12
    if n < 63 and 2**n <= samples:
        signs = 1 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
        return float((abs(signs @ differences / n) >= observed).mean())
    rng = np.random.default_rng(seed)
    hits = 0
    for start in range(0, samples, 1000):
        size = min(1000, samples - start)
        flips = rng.integers(0, 2, (size, n), dtype=np.int8).astype(np.float32) * 2 - 1
        hits += int((abs(flips @ differences / n) >= observed).sum())
    return (1 + hits) / (1 + samples)


def bootstrap_p(differences: Values, *, samples: int = SAMPLES, seed: int = 0) -> float:
    """Two-sided p-value of the mean by the bootstrap: twice the share of resampled means on the other side of 0.

    (1 + hits) / (1 + samples) per side, so never 0, and at most 1.
    """
    means = _resampled(differences, samples, seed)
    side = min((means <= 1e-12).sum(), (means >= -1e-12).sum())
    return min(1.0, 2 * float(1 + side) / (1 + samples))


def bootstrap(differences: Values, *, samples: int = 2000, seed: int = 0, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the mean under resampling of queries with replacement."""
    means = _resampled(differences, samples, seed)
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)


def _resampled(differences: Values, samples: int, seed: int) -> Values:
    """Means of differences drawn with replacement, shape (samples,)."""
    rng = np.random.default_rng(seed)
    n = len(differences)
    return np.concatenate(
        [
            differences[rng.integers(0, n, (min(200, samples - start), n))].mean(axis=1)
            for start in range(0, samples, 200)
        ]
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction, monotone and at most 1, in the given order (Holm 1979)."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected = [0.0] * len(p_values)
    running = 0.0
    for step, index in enumerate(order):
        running = max(running, min(1.0, p_values[index] * (len(p_values) - step)))
        corrected[index] = running
    return corrected


_TESTS = {"randomisation": randomisation, "bootstrap": bootstrap_p}


def compare(values: Mapping[str, Values], clusters: Sequence[str] | None = None, *, seed: int = 0) -> list[Difference]:
    """Compare every pair of encoders on per-query values, with p-values corrected over these pairs.

    Raises:
        DataError: two encoders share fewer than six scored questions, too few for a test.
    """
    return corrected(differences(values, clusters, seed=seed))


def corrected(found: Sequence[Difference]) -> list[Difference]:
    """The differences with p-values corrected for the number of comparisons (Holm)."""
    return [replace(item, p=p) for item, p in zip(found, holm([item.p for item in found]), strict=True)]


def differences(
    values: Mapping[str, Values],
    clusters: Sequence[str] | None = None,
    *,
    seed: int = 0,
    method: Method = "randomisation",
) -> list[Difference]:
    """Compare every pair of encoders on per-query values, with uncorrected p-values.

    Args:
        values: for each encoder, one value per query (NaN: not scored), in the same order of queries.
        clusters: the question that each query is a translation of; queries of one cluster are averaged first.
        seed: for the resampling.
        method: how the p-value is computed.

    Raises:
        DataError: the method is unknown, or two encoders share fewer than six scored questions, too few for a test.
    """
    if method not in _TESTS:
        raise DataError(f"{method!r} is not a test.", hint=f"Known: {', '.join(_TESTS)}.")
    test = _TESTS[method]
    averaged = {
        name: cluster_means(scores, clusters) if clusters is not None else scores for name, scores in values.items()
    }
    found: list[Difference] = []
    for first, second in combinations(averaged, 2):
        apart = averaged[first] - averaged[second]
        apart = apart[~np.isnan(apart)]
        if len(apart) < FEWEST_PAIRS:
            raise DataError(
                f"{first} and {second} share {len(apart)} scored questions; at least {FEWEST_PAIRS} are needed.",
                hint="Fewer can never reach p < .05; ask more questions.",
            )
        low, high = bootstrap(apart, seed=seed)
        p = test(apart, seed=seed)
        wins, losses = int((apart > EQUAL).sum()), int((apart < -EQUAL).sum())
        found.append(
            Difference(
                first, second, len(apart), float(apart.mean()), low, high, p, wins, len(apart) - wins - losses, losses
            )
        )
    return found
