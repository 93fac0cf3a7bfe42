"""Losses to language: answers that rank below a wrong passage in the question's own language."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .registry import UNRETRIEVED, Counts


def first_wrong(
    rankings: Sequence[Counts],
    relevant: Sequence[Sequence[int]],
    pool_languages: Counts,
    query_languages: Counts,
) -> Counts:
    """The rank of the first candidate that is in the query's language and answers nothing; UNRETRIEVED without one.

    Args:
        rankings: for each query rows of the pool, best first.
        relevant: for each query rows of the pool that answer it.
        pool_languages: index of each candidate's language, shape (pool,).
        query_languages: index of each query's language, shape (queries,).

    Returns:
        Shape (queries,).
    """
    found = np.full(len(rankings), UNRETRIEVED, dtype=np.int64)
    for query, ranking in enumerate(rankings):
        wrong = (pool_languages[ranking] == query_languages[query]) & ~np.isin(ranking, relevant[query])
        if wrong.any():
            found[query] = int(wrong.argmax()) + 1
    return found


def outranked(ranks: Counts, wrong: Counts) -> NDArray[np.bool_]:
    """Which relevant candidates are behind the first wrong one in the query's language.

    The share of those in other languages, less the share of those in the query's own, is what language alone costs: on
    parallel passages a retriever that reads meaning only loses as many of either.

    Args:
        ranks: of each query's relevant candidates in the whole pool, -1 where padded, shape (queries, most relevant).
        wrong: what `first_wrong` gives, shape (queries,).

    Returns:
        Same shape as `ranks`, False where padded.
    """
    return (ranks > 0) & (ranks > wrong[:, None])
