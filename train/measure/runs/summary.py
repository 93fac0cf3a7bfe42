"""Every figure that rankings allow, by the registry's keys: what `evaluate` prints, of anybody's run."""

from __future__ import annotations

import math

import numpy as np

from .. import registry
from ..registry import Measure, Values
from .consistency import QuestionOf, hubness, mean_rank_correlation
from .rankings import Rankings

# How many first documents' languages the registry's measures look at.
FIRST = 20


def in_pools(rankings: Rankings, measure: Measure) -> Values:
    """A measure in the pool of each language alone, shape (queries, languages), NaN where nothing there is relevant."""
    columns = [measure.function(rankings.only(code).ranked()) for code in rankings.languages]
    return np.stack(columns, axis=1) if columns else np.full((len(rankings.queries), 0), np.nan)


def figure(rankings: Rankings, measure: Measure) -> float:
    """One measure of the registry over all queries, as the paper averages it: macro over languages and their pairs."""
    if measure.setting not in ("mono", "cross"):
        values = measure.function(rankings.ranked(FIRST))
        if np.ndim(values) == 0:
            return float(values)
        return rankings.figure(values, "median" if measure.average == "median" else "macro")
    values = in_pools(rankings, measure)
    means = []
    for code in np.unique(rankings.query_languages):
        for column in range(values.shape[1]):
            if (column == code) == (measure.setting == "mono"):
                own = values[rankings.query_languages == code, column]
                own = own[~np.isnan(own)]
                means += [float(own.mean())] if len(own) else []
    return float(np.mean(means)) if means else float("nan")


def summary(rankings: Rankings, question_of: QuestionOf | None = None) -> dict[str, float]:
    """Every measure of rankings by its key in the registry, where it says something of these.

    Args:
        rankings: in the pool of all languages. Without languages only measures of the whole pool are there, without
            judgements only those that need none.
        question_of: the question that each query is a version of; `mean_rank_correlation` needs it.

    Returns:
        By key (`hybrid-search evaluate --json` uses the same ones), besides `hubness` (at 10) and
        `mean_rank_correlation` (at 100).

    Raises:
        DataError: a query that belongs to no question.

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
    for measure in registry.of("mono", "cross", "multi", "bias"):
        if spoken or measure.key in _OF_ANY:
            found[measure.key] = figure(rankings, measure)
    found["hubness"] = hubness(rankings)
    if question_of is not None:
        values = mean_rank_correlation(rankings, question_of)
        found["mean_rank_correlation"] = rankings.figure(values)
    judged = bool((rankings.ranks > 0).any())
    return {key: value for key, value in found.items() if not math.isnan(value) and (judged or key in _UNJUDGED)}


# Measures that do not ask for languages, and those that do not ask for judgements.
_OF_ANY = {
    "multi",
    "multi_recall_at_10",
    "rank_distance",
    "rank_distance_median",
    "max_at_r",
    *(f"complete_at_{k}" for k in registry.COMPLETE_AT),
}
_UNJUDGED = {"same_language_share", "same_language_pool_share", "hubness", "mean_rank_correlation"}
