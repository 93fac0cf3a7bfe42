"""Measures of language bias that no library has, from exact ranks (paper, section 1.7 and table of formulas)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .measure import Values
from .ranked import Ranked
from .standard import quotient


def rank_distances(ranks: NDArray[np.int64]) -> Values:
    """Worst minus best rank of each query's relevant candidates (paper, table of average rank distance; DESIGN §5).

    Args:
        ranks: in the pool of all languages, -1 where there is none, shape (queries, most relevant).

    Returns:
        Shape (queries,), NaN below two relevant ones.
    """
    known = np.where(ranks < 0, np.nan, ranks)
    several = (~np.isnan(known)).sum(axis=1) > 1
    distances = np.full(len(ranks), np.nan)
    distances[several] = np.nanmax(known[several], axis=1) - np.nanmin(known[several], axis=1)
    return distances


def complete_at_k(ranks: NDArray[np.int64], k: int) -> Values:
    """Complete@k: 1 where all relevant candidates stand in the first k of the whole pool (arXiv 2604.05684).

    Returns:
        Shape (queries,), NaN where nothing is relevant.
    """
    known = ranks > 0
    inside = ((ranks <= k) | ~known).all(axis=1).astype(float)
    return np.where(known.any(axis=1), inside, np.nan)


def max_at_r(ranks: NDArray[np.int64]) -> Values:
    """Max@R: the rank at which the last relevant candidate is found, max over R(q) of r(d) (arXiv 2604.05684).

    Returns:
        Shape (queries,), NaN where nothing is relevant.
    """
    worst = ranks.max(axis=1).astype(float)
    return np.where(worst > 0, worst, np.nan)


def language_preference(ranked: Ranked) -> Values:
    """Language preference: 1 where the first of the parallel answers is the one in the query's language (MLAIRE).

    Returns:
        Shape (queries,); NaN where the query's language has no answer, or no other language has one.
    """
    known = ranked.ranks > 0
    own = known & (ranked.languages == ranked.query_languages[:, None])
    comparable = own.any(axis=1) & (known & ~own).any(axis=1)
    filled = np.where(known, ranked.ranks, np.iinfo(np.int64).max)
    first = filled.argmin(axis=1)
    preferred = ranked.languages[np.arange(len(first)), first] == ranked.query_languages
    return np.where(comparable, preferred.astype(float), np.nan)


def same_language_share(ranked: Ranked) -> Values:
    """Share of the query's language among its first candidates (those retrieved), shape (queries,), NaN without."""
    retrieved = (ranked.top_languages >= 0).sum(axis=1)
    same = (ranked.top_languages == ranked.query_languages[:, None]).sum(axis=1)
    return quotient(same, retrieved)


def same_language_pool_share(ranked: Ranked) -> float:
    """Share of the query's language in the pool, mean over queries."""
    return float((ranked.pool / ranked.pool.sum())[ranked.query_languages].mean())


def kruskal_wallis(ranks: NDArray[np.float64], groups: NDArray[np.int64]) -> tuple[float, float]:
    """Do groups have the same ranks? The p-value (1 with one group or no variance), and how much groups explain.

    H = (N - 1) * sum_g n_g (mean_g - mean)^2 / sum_i (r_i - mean)^2, against chi-squared with G - 1 degrees; what
    groups explain is H / (N - 1), from 0 to 1, which does not grow with N as H does.
    """
    present = np.unique(groups)
    centred = ranks - ranks.mean() if len(ranks) else ranks
    variance = float((centred**2).sum())
    if len(present) < 2 or variance <= 0:
        return 1.0, 0.0
    between = sum(float((groups == group).sum()) * float(centred[groups == group].mean()) ** 2 for group in present)
    explained = between / variance
    # The tail of chi-squared, which scipy.stats' chi2.sf calls; importing that whole takes seconds.
    from scipy.special import chdtrc

    return float(chdtrc(len(present) - 1, (len(ranks) - 1) * explained)), explained


def peer_at_k(ranked: Ranked, k: int) -> tuple[float, float]:
    """PEER@k: does a relevant candidate's language tell its rank?

    The measure of hltcoe/peer_measure, written anew: Kruskal-Wallis over the ranks of relevant candidates grouped by
    their language. Those outside the first k share the tail rank (2k + n + 1) / 2 with n the number of them: the
    published code takes the number of relevant candidates for k, so that missing ones can stand above found ones; here
    it is k itself. With one relevant candidate a language and query, the test of a single query says nothing (H
    is N - 1 whatever the ranks, its p-value .44 for eleven languages), so the queries of one language are
    tested together; not those of all languages, among which each language is favoured by its own queries and the sum
    looks fair.

    Returns:
        Means over query languages of the p-value (1: no sign of bias; nears 0 with many queries whatever the size of
        the bias) and of the share of variance in ranks that the candidates' language explains (0: none, 1: all).
    """
    known = ranked.ranks > 0
    values = ranked.ranks.astype(float)
    missing = known & (values > k)
    tails = (2 * k + missing.sum(axis=1) + 1) / 2
    values = np.where(missing, tails[:, None], values)
    found = []
    for code in np.unique(ranked.query_languages):
        own = known & (ranked.query_languages == code)[:, None]
        if own.any():
            found.append(kruskal_wallis(values[own], ranked.languages[own]))
    if not found:
        return 1.0, 0.0
    return float(np.mean([p for p, _ in found])), float(np.mean([explained for _, explained in found]))
