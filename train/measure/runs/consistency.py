"""Measures without judgements: whether translations of a question get the same ranking, and hubness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ....engine.errors import DataError
from ..registry import Counts, Values
from .forms import require_map
from .rankings import Rankings

# Maps each query to its question, which its translations share: {query: question}, or a function.
QuestionOf = Mapping[str, str] | Callable[[str], str]


def questions(queries: Sequence[str], question_of: QuestionOf) -> list[str]:
    """The question that each query is a version of.

    Raises:
        DataError: a query is not in the mapping, or it is none.
    """
    require_map(question_of, "question_of")
    if not isinstance(question_of, Mapping):
        return [question_of(query) for query in queries]
    known = {str(query): str(question) for query, question in question_of.items()}
    missing = [query for query in queries if query not in known]
    if missing:
        raise DataError(f"{len(missing)} queries belong to no question ({', '.join(missing[:3])}).")
    return [known[query] for query in queries]


def mean_rank_correlation(rankings: Rankings, question_of: QuestionOf, k: int = 100) -> Values:
    """MRC@k: the correlation of a query's ranking with those of its translations, mean over these.

    RC_i(a) = 1/(L - 1) sum over b != a of Spearman's correlation of the rankings of question i in languages a and b.
    The documents in the first k of either ranking are compared; documents that are missing from one of them share the
    mean of the ranks after its last one.

    Args:
        rankings: all versions of the questions, over one pool.
        question_of: the question that each query is a version of.
        k: how many first documents of each ranking are compared.

    Returns:
        Correlation from -1 to 1, higher is fairer, shape (queries,), NaN for a query without another version.

    Raises:
        DataError: a query is not in the mapping.

    Source:
        LaKDA, arXiv 2509.06195; comparing the first k is this project's interpretation.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores(
    ...     [[3, 2, 1], [3, 1, 2]], queries=["en-1", "de-1"]
    ... )
    >>> measures.mean_rank_correlation(rankings, lambda query: query.split("-")[1]).round(4).tolist()
    [0.5, 0.5]

    """
    rows: dict[str, list[int]] = {}
    for row, question in enumerate(questions(rankings.queries, question_of)):
        rows.setdefault(question, []).append(row)
    top = rankings.first(k)
    found = np.full(len(rankings.queries), np.nan)
    for own in rows.values():
        table = np.full((len(own), len(own)), np.nan)
        for one in range(len(own)):
            for other in range(one + 1, len(own)):
                table[one, other] = table[other, one] = _correlation(top[own[one]], top[own[other]])
        for place, row in enumerate(own):
            known = table[place][~np.isnan(table[place])]
            if len(known):
                found[row] = known.mean()
    return found


def _correlation(first: Counts, second: Counts) -> float:
    one, other = first[first >= 0], second[second >= 0]
    if np.array_equal(one, other):
        return 1.0 if len(one) else float("nan")
    union = np.union1d(one, other)
    ranks = np.stack([_ranks_in(union, each) for each in (one, other)])
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    sizes = np.sqrt((centred**2).sum(axis=1))
    return float((centred[0] @ centred[1]) / (sizes[0] * sizes[1])) if sizes.all() else float("nan")


def _ranks_in(union: Counts, ranking: Counts) -> Values:
    missing = len(union) - len(ranking)
    ranks = np.full(len(union), len(ranking) + (missing + 1) / 2)
    ranks[np.searchsorted(union, ranking)] = np.arange(1, len(ranking) + 1)
    return ranks


def occurrences(rankings: Rankings, k: int = 10) -> dict[str, int]:
    """N_k: how many queries have each document in their first k, most first; documents with 0 are absent.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores([[3, 2, 1], [2, 3, 1]], documents=["a", "b", "c"])
    >>> measures.occurrences(rankings, 2)
    {'a': 2, 'b': 2}
    """
    top = rankings.first(k)
    counts = np.bincount(top[top >= 0], minlength=len(rankings.documents))
    order = np.argsort(-counts, kind="stable")
    return {rankings.documents[row]: int(counts[row]) for row in order if counts[row]}


def hubness(rankings: Rankings, k: int = 10) -> float:
    """Hubness@k: the skewness over the pool of N_k, how many queries have a document in their first k.

    S = E[(N_k - mean)^3] / E[(N_k - mean)^2]^(3/2). It is large if a few documents are among the first of very many
    queries; in multilingual pools these are often in one language.

    Args:
        rankings: for a run, give `pool`, since documents that no query finds count with N_k = 0.
        k: how many first documents of each ranking are counted.

    Returns:
        Skewness, 0 for a symmetric distribution, NaN without documents or if all are found equally often.

    Source:
        Radovanović, Nanopoulos and Ivanović 2010, Hubs in Space, JMLR 11.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores([[3, 2, 1]] * 4)
    >>> round(measures.hubness(rankings, 1), 4)  # N = 4, 0, 0
    0.7071

    """
    counts = np.array(list(occurrences(rankings, k).values()), dtype=np.float64)
    size = max(rankings.pool, len(rankings.documents))
    if not size:
        return float("nan")
    mean = counts.sum() / size
    unseen = size - len(counts)
    variance = (((counts - mean) ** 2).sum() + unseen * mean**2) / size
    third = (((counts - mean) ** 3).sum() - unseen * mean**3) / size
    return float(third / variance**1.5) if variance > 0 else float("nan")
