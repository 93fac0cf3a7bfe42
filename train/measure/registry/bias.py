"""Formulas of language bias measures that no library has, from exact ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .measure import Values
from .ranked import UNRETRIEVED, Ranked
from .standard import ndcg_at, quotient, recall_at


def rank_distances(ranks: NDArray[np.int64]) -> Values:
    """Worst minus best rank of each query's relevant candidates (arXiv 2408.10536, table of average rank distance).

    Args:
        ranks: in the pool of all languages, -1 where padded, shape (queries, most relevant).

    Returns:
        Shape (queries,), NaN with fewer than two relevant candidates.
    """
    known = np.where(ranks < 0, np.nan, ranks)
    several = (~np.isnan(known)).sum(axis=1) > 1
    distances = np.full(len(ranks), np.nan)
    distances[several] = np.nanmax(known[several], axis=1) - np.nanmin(known[several], axis=1)
    return distances


def complete_at_k(ranks: NDArray[np.int64], k: int) -> Values:
    """Complete@k: 1 if all relevant candidates are in the first k of the whole pool (arXiv 2604.05684).

    Returns:
        Shape (queries,), NaN where nothing is relevant.
    """
    known = ranks > 0
    inside = ((ranks <= k) | ~known).all(axis=1).astype(float)
    return np.where(known.any(axis=1), inside, np.nan)


def max_at_r(ranks: NDArray[np.int64]) -> Values:
    """Max@R: the rank of the last relevant candidate, max over R(q) of r(d) (arXiv 2604.05684).

    Returns:
        Shape (queries,), NaN where nothing is relevant.
    """
    worst = ranks.max(axis=1).astype(float)
    return np.where(worst > 0, worst, np.nan)


def language_preference(ranked: Ranked) -> Values:
    """Language preference: 1 if the first of the parallel answers is in the query's language (MLAIRE).

    Returns:
        Shape (queries,); NaN if the query's language has no answer, no other language has one, or none is retrieved.
    """
    known = ranked.ranks > 0
    own = known & (ranked.languages == ranked.query_languages[:, None])
    comparable = own.any(axis=1) & (known & ~own).any(axis=1)
    filled = np.where(known, ranked.ranks, np.iinfo(np.int64).max)
    first = filled.argmin(axis=1)
    rows = np.arange(len(first))
    preferred = ranked.languages[rows, first] == ranked.query_languages
    comparable &= filled[rows, first] < UNRETRIEVED
    return np.where(comparable, preferred.astype(float), np.nan)


def same_language_share(ranked: Ranked) -> Values:
    """Share of the query's language among its first retrieved candidates, shape (queries,), NaN without any."""
    retrieved = (ranked.top_languages >= 0).sum(axis=1)
    same = (ranked.top_languages == ranked.query_languages[:, None]).sum(axis=1)
    return quotient(same, retrieved)


def same_language_pool_share(ranked: Ranked) -> float:
    """Share of the query's language in the pool, mean over queries."""
    return float((ranked.pool / ranked.pool.sum())[ranked.query_languages].mean())


def language_ndcg(ranked: Ranked, k: int, own: float = 2.0, other: float = 1.0) -> Values:
    """Lang-nDCG@k: nDCG in which an answer in the query's language is worth more than its translations.

    Gains are linear, as in `ndcg_at`: grade * own in the query's language and grade * other elsewhere. MLAIRE (arXiv
    2605.07249) proposes the measure but does not state its gains legibly, so both are parameters.

    Returns:
        Shape (queries,), NaN where nothing is relevant.
    """
    mine = ranked.languages == ranked.query_languages[:, None]
    grades = np.ones(ranked.ranks.shape) if ranked.gains is None else ranked.gains
    return ndcg_at(ranked.ranks, k, grades * np.where(mine, own, other))


def target_language_recall(ranked: Ranked, k: int) -> Values:
    """TLR@k: R@k over the relevant candidates in other languages than the query's (SHIFT, arXiv 2606.18801).

    Returns:
        Shape (queries,), NaN where no other language has a relevant candidate.
    """
    foreign = (ranked.ranks > 0) & (ranked.languages != ranked.query_languages[:, None])
    return recall_at(np.where(foreign, ranked.ranks, -1), k)
