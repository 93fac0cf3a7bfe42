"""Formulas of standard retrieval measures from exact ranks, vectorised; tests compare them with ir-measures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .measure import Values

Ranks = NDArray[np.int64]
FAR = np.iinfo(np.int64).max


def average_precision(ranks: Ranks) -> Values:
    """AP over the whole ranking: the mean over relevant candidates of (relevant ones at or above) / rank.

    Args:
        ranks: ranks of each query's relevant candidates, -1 where padded, shape (queries, most relevant). Tied
            candidates share the last rank of their tie, as in scikit-learn's `average_precision_score`.

    Returns:
        AP of each query, NaN without a relevant candidate, shape (queries,).
    """
    known = ranks > 0
    filled = np.where(known, ranks, FAR)
    above = (filled[:, None, :] <= filled[:, :, None]).sum(axis=2)
    return _mean_over(known, np.where(known & (filled < FAR), above / filled, 0.0))


def recall_at(ranks: Ranks, k: int) -> Values:
    """R@k: the share of a query's relevant candidates in its first k; NaN without relevant candidates."""
    known = ranks > 0
    return _mean_over(known, (known & (ranks <= k)).astype(float))


def success_at(ranks: Ranks, k: int) -> Values:
    """Success@k: 1 if any relevant candidate is in the first k; NaN without relevant candidates."""
    known = ranks > 0
    return np.where(known.any(axis=1), (known & (ranks <= k)).any(axis=1).astype(float), np.nan)


def ndcg_at(ranks: Ranks, k: int, gains: NDArray[np.float64] | None = None) -> Values:
    """nDCG@k with linear gains: sum of gain / log2(rank + 1) over the first k, divided by the best possible sum.

    Jarvelin and Kekalainen 2002 in trec_eval's variant, which MIRACL reports.

    Args:
        ranks: ranks of each query's relevant candidates, -1 where padded, shape (queries, most relevant).
        k: the cut-off.
        gains: gains of the same candidates, same shape; 1 each by default.

    Returns:
        Shape (queries,), NaN without a relevant candidate.
    """
    known = ranks > 0
    worth = np.where(known, 1 if gains is None else gains, 0).astype(float)
    inside = known & (ranks <= k)
    reached = np.where(inside, worth / np.log2(np.where(inside, ranks, 1) + 1.0), 0.0).sum(axis=1)
    best = -np.sort(-worth, axis=1)[:, :k]
    ideal = (best / np.log2(np.arange(best.shape[1]) + 2.0)).sum(axis=1)
    return quotient(reached, ideal)


def _mean_over(known: NDArray[np.bool_], values: Values) -> Values:
    return quotient(values.sum(axis=1), known.sum(axis=1))


def quotient(above: NDArray[Any], below: NDArray[Any]) -> Values:
    """Element-wise division, NaN where the divisor is not positive."""
    values: Values = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return values
