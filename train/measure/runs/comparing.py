"""Compares runs: paired tests over questions, with Holm's correction."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ....engine.errors import DataError, whole
from ..registry import Values
from ..significance import Difference, Method, corrected, differences
from .consistency import QuestionOf, questions
from .forms import LanguageOf, QrelsLike, RunLike
from .quality import average_precision
from .rankings import Rankings
from .summary import values as values_of


def compare_runs(
    runs: Mapping[str, RunLike | Rankings],
    qrels: QrelsLike | None = None,
    *,
    measure: Callable[[Rankings], Values] | str = average_precision,
    method: Method = "randomisation",
    language_of: LanguageOf | None = None,
    query_language_of: LanguageOf | None = None,
    question_of: QuestionOf | None = None,
    seed: int = 0,
) -> list[Difference]:
    """Compare every pair of runs on the same queries, with p-values corrected for the number of comparisons.

    Args:
        runs: by name, each in any form that `read_run` accepts, or `Rankings`.
        qrels: in any form that `read_qrels` accepts; not needed if all runs are `Rankings`.
        measure: returns a value for each query, such as `measures.average_precision` or
            `lambda rankings: measures.recall(rankings, 10)`; or the key of a measure of the registry, such as `multi`.
        method: how the p-value is computed; `randomisation`: random sign flips of the differences (Fisher's paired
            test); `bootstrap`: twice the share of resampled means on the other side of 0. The interval is always the
            bootstrap's 95 %.
        language_of: as in `Rankings.from_run`, for measures of languages.
        query_language_of: likewise.
        question_of: the question that each query is a version of; versions are averaged first, since translations of
            one question are one observation.
        seed: for the resampling.

    Returns:
        The differences of all pairs of runs, first minus second.

    Raises:
        DataError: the runs have no names, there are fewer than two, they have different queries, or two share fewer
            than six scored questions, too few for a test.

    Source:
        Fisher's randomisation test and the bootstrap as in Smucker, Allan and Carterette 2007; Holm 1979.

    >>> from hybrid_search import compare_runs
    >>> qrels = {str(n): {"right": 1} for n in range(12)}
    >>> good = {query: {"right": 2.0, "wrong": 1.0} for query in qrels}
    >>> poor = {query: {"right": 1.0, "wrong": 2.0} for query in qrels}
    >>> [found] = compare_runs({"good": good, "poor": poor}, qrels)
    >>> found.mean, found.p < 0.001, found.significant()
    (0.5, True, True)

    """
    if not isinstance(runs, Mapping):
        raise DataError(f"The runs are a {type(runs).__name__}; expected: runs by their names.")
    if len(runs) < 2:
        raise DataError(f"{len(runs)} runs cannot be compared; two or more are needed.")
    ranked: dict[str, Rankings] = {}
    for name, run in runs.items():
        if isinstance(run, Rankings):
            ranked[name] = run
            continue
        if qrels is None:
            raise DataError(f"The run {name} needs qrels.", hint="Give them, or give `Rankings`.")
        ranked[name] = Rankings.from_run(run, qrels, language_of=language_of, query_language_of=query_language_of)
    first_name, first = next(iter(ranked.items()))
    values: dict[str, Values] = {}
    for name, rankings in ranked.items():
        made = values_of(rankings, measure) if isinstance(measure, str) else measure(rankings)
        found = np.asarray(made, dtype=np.float64)
        if found.shape != (len(rankings.queries),):
            raise DataError(f"The measure gives shape {found.shape}; expected: a value for each query.")
        if set(rankings.queries) != set(first.queries):
            raise DataError(f"The runs {first_name} and {name} are of different queries.")
        place = {query: row for row, query in enumerate(rankings.queries)}
        values[name] = found[[place[query] for query in first.queries]]
    clusters = questions(first.queries, question_of) if question_of is not None else None
    return corrected(differences(values, clusters, seed=whole(seed, "seed"), method=method))
