"""PEER: does a relevant candidate's language tell its rank? A test's p-value, and the size of the effect."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .ranked import Ranked

# Queries that are tested together: few enough that a p-value is not 0 for every ranking.
TOGETHER = 10


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


def tail_rank(last: int, missing: int) -> float:
    """The mean of the ranks last + 1 ... last + missing, which all that is not among the first `last` shares."""
    return (2 * last + missing + 1) / 2


def tested_together(ranked: Ranked, k: int, together: int = TOGETHER) -> float:
    """PEER@k of some queries at a time: the mean p-value over groups of queries in one language.

    PEER as published (doi 10.1145/3626772.3657943) tests each query alone. Where it has one relevant candidate a
    language, that says nothing: each group is a single rank, so H is N - 1 whatever the ranks, and the p-value a
    constant (.44 for eleven languages). All queries of a language together say nothing either: H grows with their
    number, so that with a thousand of them the p-value is 0 for every encoder, however small its bias. With `together`
    queries a test the p-value tells encoders apart: .4 to .5 without bias (a query's ranks depend on each other, which
    the test does not know), 0 with much.

    Args:
        ranked: rankings in the pool of all languages.
        k: ranks beyond it share the tail rank of their query.
        together: about how many queries a test has; those of one language are dealt out by lot.

    Returns:
        The mean over query languages of the mean over groups; 1 where nothing can be tested.
    """
    values, known = _cut(ranked, k)
    found = []
    for code in np.unique(ranked.query_languages):
        rows = np.flatnonzero((ranked.query_languages == code) & known.any(axis=1))
        if not len(rows):
            continue
        groups = max(1, round(len(rows) / together))
        # By lot, always the same one: neighbours often share a text.
        dealt = np.array_split(np.random.default_rng(0).permutation(rows), groups)
        tested = [kruskal_wallis(values[own][known[own]], ranked.languages[own][known[own]])[0] for own in dealt]
        found.append(float(np.mean(tested)))
    return float(np.mean(found)) if found else 1.0


def explained_by_language(ranked: Ranked, k: int) -> float:
    """The share of the variance in ranks that a relevant candidate's language explains: the size of PEER's effect.

    All queries of a language are taken together; ranks beyond k share the tail rank of their query.

    Returns:
        The mean over query languages, 0 (language tells nothing) to 1 (it tells everything).
    """
    values, known = _cut(ranked, k)
    found = []
    for code in np.unique(ranked.query_languages):
        own = known & (ranked.query_languages == code)[:, None]
        if own.any():
            found.append(kruskal_wallis(values[own], ranked.languages[own])[1])
    return float(np.mean(found)) if found else 0.0


def _cut(ranked: Ranked, k: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Ranks of which those beyond k share a tail, and where there are any; both of the shape of the ranks."""
    known = ranked.ranks > 0
    missing = known & (ranked.ranks > k)
    tails = np.array([tail_rank(k, int(number)) for number in missing.sum(axis=1)])
    return np.where(missing, tails[:, None], ranked.ranks.astype(float)), known
