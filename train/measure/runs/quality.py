"""Measures of quality: how high relevant documents rank; equal to trec_eval's measures of the same name."""

from __future__ import annotations

from ..registry import Values, standard
from .rankings import Rankings, cut_off


def average_precision(rankings: Rankings) -> Values:
    """AP over the whole ranking: the mean over relevant documents of (relevant ones at or above) / rank.

    Documents missing from a ranking add 0. Its mean in the pool of the query's language is the paper's mono mAP, in
    that of another language cross mAP (see `Rankings.only`), in the pool of all languages multi mAP.

    Returns:
        Share, shape (queries,), NaN where nothing is relevant.

    Source:
        trec_eval's `map`; arXiv 2408.10536.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores([[3, 2, 1]], relevant=[[0, 2]])
    >>> measures.average_precision(rankings).round(4).tolist()  # (1/1 + 2/3) / 2
    [0.8333]

    """
    return standard.average_precision(rankings.ranks)


def recall(rankings: Rankings, k: int) -> Values:
    """R@k: the share of a query's relevant documents in its first k.

    Returns:
        Share, shape (queries,), NaN where nothing is relevant.

    Source:
        trec_eval's `recall`.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores([[3, 2, 1]], relevant=[[0, 2]])
    >>> measures.recall(rankings, 2).tolist()
    [0.5]

    """
    return standard.recall_at(rankings.ranks, cut_off(k))


def success(rankings: Rankings, k: int) -> Values:
    """Success@k: 1 if any relevant document is in the first k. The paper's R@1 is Success@1.

    Returns:
        Share, shape (queries,), NaN where nothing is relevant.

    Source:
        trec_eval's `success`.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores([[3, 2, 1], [3, 2, 1]], relevant=[[0], [2]])
    >>> measures.success(rankings, 1).tolist()
    [1.0, 0.0]

    """
    return standard.success_at(rankings.ranks, cut_off(k))


def ndcg(rankings: Rankings, k: int) -> Values:
    """nDCG@k: the sum over the first k of grade / log2(rank + 1), divided by the best possible sum.

    Returns:
        Share, shape (queries,), NaN where nothing is relevant.

    Source:
        Järvelin and Kekäläinen 2002 with linear gains, as trec_eval's `ndcg_cut`.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores([[3, 2, 1]], [[0, 1, 2]])
    >>> measures.ndcg(rankings, 10).round(4).tolist()  # (1/1.585 + 2/2) / (2/1 + 1/1.585)
    [0.6199]

    """
    ranked = rankings.ranked()
    return standard.ndcg_at(ranked.ranks, cut_off(k), ranked.gains)
