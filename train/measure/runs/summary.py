"""Computes every figure that rankings allow, by the registry's keys, as `evaluate` does for benchmarks."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import numpy as np

from ....engine.errors import DataError
from .. import registry
from ..registry import Measure, Ranked, Values
from .consistency import QuestionOf, hubness, mean_rank_correlation
from .rankings import Rankings

# How many first documents' languages the registry's measures use.
FIRST = 20


class _Figures:
    """Figures of the registry's measures over the same rankings; their input is computed once."""

    def __init__(self, rankings: Rankings) -> None:
        self._rankings = rankings
        self._whole = rankings.ranked(FIRST)

    @cached_property
    def _pools(self) -> list[Ranked]:
        return [self._rankings.only(code).ranked() for code in self._rankings.languages]

    def values(self, measure: Measure) -> Any:
        """As `Result.values`: by query, or by query and pool language, or one figure."""
        if measure.setting not in ("mono", "cross"):
            return measure.function(self._whole)
        shape = len(self._rankings.queries), len(self._pools)
        columns = [measure.function(pool) for pool in self._pools]
        found = np.stack(columns, axis=1) if columns else np.full(shape, np.nan)
        own = self._rankings.query_languages[:, None] == np.arange(shape[1])
        return np.where(own == (measure.setting == "mono"), found, np.nan)

    def figure(self, measure: Measure) -> float:
        """One figure, averaged as in the paper: macro over languages, or pairs of languages."""
        values = self.values(measure)
        if np.ndim(values) == 0:
            return float(values)
        if values.ndim == 1:
            return self._rankings.figure(values, "median" if measure.average == "median" else "macro")
        means = []
        for code in np.unique(self._rankings.query_languages):
            for column in values[self._rankings.query_languages == code].T:
                known = column[~np.isnan(column)]
                means += [float(known.mean())] if len(known) else []
        return float(np.mean(means)) if means else float("nan")


def values(rankings: Rankings, key: str) -> Values:
    """Per-query values of a measure of the registry, by its key.

    Args:
        rankings: in the pool of all languages; mono and cross measures use the pool of each language alone.
        key: such as `mono`, `cross_recall_at_1`, `multi`, `rank_distance`, `complete_at_20`: see the page of measures.

    Returns:
        Values in the measure's unit, shape (queries,), NaN where undefined; for cross, means over the other pools.

    Raises:
        DataError: no measure of rankings has that key, it has no value for a single query, or languages are unknown.

    Source:
        see the page of measures.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores(
    ...     [[4, 3, 2, 1]], relevant=[[0, 3]], languages=["en", "en", "de", "de"], query_languages=["en"]
    ... )
    >>> measures.values(rankings, "mono").tolist(), measures.values(rankings, "cross").tolist()
    ([1.0], [0.5])

    """
    known = {each.key: each for each in registry.of("mono", "cross", "multi", "bias")}
    if key not in known:
        raise DataError(f"No measure of rankings is called {key!r}.", hint=f"Known: {', '.join(known)}.")
    if key not in _OF_ANY:
        rankings.need(of_documents=True, of_queries=True)
    found = _Figures(rankings).values(known[key])
    if np.ndim(found) == 0:
        raise DataError(f"{known[key].label} has no value for a single query.")
    if found.ndim == 2:
        there = ~np.isnan(found)
        found = registry.quotient(np.where(there, found, 0).sum(axis=1), there.sum(axis=1))
    result: Values = found
    return result


def summary(rankings: Rankings, question_of: QuestionOf | None = None) -> dict[str, float]:
    """All measures of the registry that are defined for these rankings, by their keys.

    Args:
        rankings: in the pool of all languages. Without languages, only measures of the whole pool are defined; without
            judgements, only those that need none.
        question_of: the question that each query is a version of; needed for `mean_rank_correlation`.

    Returns:
        Figures by key, as in `evaluate --json`, with `hubness` (at 10) and `mean_rank_correlation` (at 100).

    Raises:
        DataError: a query is not in `question_of`.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores(
    ...     [[4, 3, 2, 1]], relevant=[[0, 2]], languages=["en", "en", "de", "de"], query_languages=["en"]
    ... )
    >>> found = measures.summary(rankings)
    >>> found["mono"], found["cross"], round(found["multi"], 4), found["rank_distance"]
    (1.0, 1.0, 0.8333, 2.0)

    """
    spoken = not (rankings.document_languages < 0).any() and not (rankings.query_languages < 0).any()
    found: dict[str, float] = {}
    if not rankings.queries:
        return found
    figures = _Figures(rankings)
    for measure in registry.of("mono", "cross", "multi", "bias"):
        if spoken or measure.key in _OF_ANY:
            found[measure.key] = figures.figure(measure)
    found["hubness"] = hubness(rankings)
    if question_of is not None:
        values = mean_rank_correlation(rankings, question_of)
        found["mean_rank_correlation"] = rankings.figure(values)
    judged = bool((rankings.ranks > 0).any())
    return {key: value for key, value in found.items() if not math.isnan(value) and (judged or key in _UNJUDGED)}


# Measures that need no languages, and those that need no judgements.
_OF_ANY = {
    "multi",
    "multi_recall_at_10",
    "rank_distance",
    "rank_distance_median",
    "max_at_r",
    *(f"complete_at_{k}" for k in registry.COMPLETE_AT),
}
_UNJUDGED = {"same_language_share", "same_language_pool_share", "hubness", "mean_rank_correlation"}
