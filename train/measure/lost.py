"""Finds losses to language: answers that rank below a wrong passage in the question's own language."""

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
    """The rank of the first candidate in the query's language that does not answer it; UNRETRIEVED without one.

    Args:
        rankings: rows of the pool for each query, best first.
        relevant: rows of the pool that answer each query.
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
    """Which relevant candidates rank below the first wrong one in the query's language.

    Their share among answers in other languages minus their share among answers in the query's own language is the loss
    to language: on parallel passages, a retriever that ranks by meaning alone has equal shares.

    Args:
        ranks: ranks of each query's relevant candidates in the whole pool, -1 where padded, shape (queries, most
            relevant).
        wrong: the result of `first_wrong`, shape (queries,).

    Returns:
        Same shape as `ranks`, False where padded.
    """
    return (ranks > 0) & (ranks > wrong[:, None])
