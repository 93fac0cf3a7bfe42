"""PEER: tests whether ranks depend on a relevant candidate's language; gives the p-value and the effect size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .ranked import Ranked

# Queries tested together: few enough that the p-value is not 0 for every ranking.
TOGETHER = 10


def kruskal_wallis(ranks: NDArray[np.float64], groups: NDArray[np.int64]) -> tuple[float, float]:
    """Test whether groups have the same ranks: the p-value (1 with one group or no variance) and the effect size.

    H = (N - 1) * sum_g n_g (mean_g - mean)^2 / sum_i (r_i - mean)^2, against chi-squared with G - 1 degrees of freedom.
    The effect size is H / (N - 1), from 0 to 1, which unlike H does not grow with N.
    """
    present = np.unique(groups)
    centred = ranks - ranks.mean() if len(ranks) else ranks
    variance = float((centred**2).sum())
    if len(present) < 2 or variance <= 0:
        return 1.0, 0.0
    between = sum(float((groups == group).sum()) * float(centred[groups == group].mean()) ** 2 for group in present)
    explained = between / variance
    # The same as scipy.stats.chi2.sf, whose import takes seconds.
    from scipy.special import chdtrc

    return float(chdtrc(len(present) - 1, (len(ranks) - 1) * explained)), explained


def tail_rank(last: int, missing: int) -> float:
    """The mean of the ranks last + 1 ... last + missing, shared by all candidates beyond the first `last`."""
    return (2 * last + missing + 1) / 2


def tested_together(ranked: Ranked, k: int, together: int = TOGETHER) -> float:
    """PEER@k over several queries at a time: the mean p-value over groups of queries in one language.

    PEER as published (doi 10.1145/3626772.3657943) tests each query alone. With one relevant candidate per language,
    that is uninformative: each group is a single rank, so H is N - 1 whatever the ranks, and the p-value is a constant
    (.44 for eleven languages). Testing all queries of a language together is uninformative, too: H grows with their
    number, so with a thousand queries the p-value is 0 for every encoder, however small its bias. With `together`
    queries per test, the p-value distinguishes encoders: .4 to .5 without bias (a query's ranks depend on each other,
    which the test ignores), 0 with a strong bias.

    Args:
        ranked: rankings in the pool of all languages.
        k: ranks beyond it share the tail rank of their query.
        together: the approximate number of queries per test; queries of a language are assigned at random.

    Returns:
        The mean over query languages of the mean over groups; 1 if nothing can be tested.
    """
    values, known = _cut(ranked, k)
    found = []
    for code in np.unique(ranked.query_languages):
        rows = np.flatnonzero((ranked.query_languages == code) & known.any(axis=1))
        if not len(rows):
            continue
        groups = max(1, round(len(rows) / together))
        # Assigned at random with a fixed seed, since neighbouring queries often share a text.
        dealt = np.array_split(np.random.default_rng(0).permutation(rows), groups)
        tested = [kruskal_wallis(values[own][known[own]], ranked.languages[own][known[own]])[0] for own in dealt]
        found.append(float(np.mean(tested)))
    return float(np.mean(found)) if found else 1.0


def explained_by_language(ranked: Ranked, k: int) -> float:
    """The share of the variance in ranks that a relevant candidate's language explains: the size of PEER's effect.

    All queries of a language are taken together; ranks beyond k share the tail rank of their query.

    Returns:
        The mean over query languages, from 0 (language explains nothing) to 1 (it explains everything).
    """
    values, known = _cut(ranked, k)
    found = []
    for code in np.unique(ranked.query_languages):
        own = known & (ranked.query_languages == code)[:, None]
        if own.any():
            found.append(kruskal_wallis(values[own], ranked.languages[own])[1])
    return float(np.mean(found)) if found else 0.0


def _cut(ranked: Ranked, k: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Ranks, with those beyond k replaced by their tail rank, and a mask without padding; same shape as the ranks."""
    known = ranked.ranks > 0
    missing = known & (ranked.ranks > k)
    tails = np.array([tail_rank(k, int(number)) for number in missing.sum(axis=1)])
    return np.where(missing, tails[:, None], ranked.ranks.astype(float)), known
