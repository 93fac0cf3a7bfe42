"""Measures of language bias: whether a document's language affects its rank."""

from __future__ import annotations

from ..registry import Values, bias
from .rankings import Rankings, cut_off


def rank_distance(rankings: Rankings) -> Values:
    """Rank distance: the worst minus the best rank of a query's relevant documents, in the pool of all languages.

    It mixes bias with quality and has a long tail, so look at its median, too (`Rankings.figure(values, "median")`).

    Returns:
        Ranks, 0 is best, shape (queries,), NaN with fewer than two relevant documents.

    Source:
        arXiv 2408.10536, table of average rank distance.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores([[5, 4, 3, 2, 1]], relevant=[[0, 3]])
    >>> measures.rank_distance(rankings).tolist()  # 4 - 1
    [3.0]

    """
    return bias.rank_distances(rankings.ranked().whole)


def max_at_r(rankings: Rankings) -> Values:
    """Max@R: the rank of the last relevant document.

    Returns:
        Ranks, 1 is best, shape (queries,), NaN where nothing is relevant.

    Source:
        arXiv 2604.05684.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores([[5, 4, 3, 2, 1]], relevant=[[0, 3]])
    >>> measures.max_at_r(rankings).tolist()
    [4.0]

    """
    return bias.max_at_r(rankings.ranked().whole)


def complete(rankings: Rankings, k: int) -> Values:
    """Complete@k: 1 if all relevant documents are in the first k.

    Returns:
        Share, shape (queries,), NaN where nothing is relevant.

    Source:
        arXiv 2604.05684.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores([[5, 4, 3, 2, 1]], relevant=[[0, 3]])
    >>> measures.complete(rankings, 3).tolist(), measures.complete(rankings, 4).tolist()
    ([0.0], [1.0])

    """
    return bias.complete_at_k(rankings.ranks, cut_off(k))


def own_language_share(rankings: Rankings, k: int = 20) -> Values:
    """The share of the query's language among its first k documents; needs no judgements.

    Without preference it equals that language's share in the pool (`own_language_pool_share`).

    Returns:
        Share, shape (queries,), NaN where nothing is retrieved.

    Raises:
        DataError: the languages of queries or documents are unknown.

    Source:
        this project.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores(
    ...     [[4, 3, 2, 1]], languages=["en", "en", "de", "de"], query_languages=["en"]
    ... )
    >>> measures.own_language_share(rankings, 3).round(4).tolist()
    [0.6667]

    """
    rankings.need(of_documents=True, of_queries=True)
    return bias.same_language_share(rankings.ranked(cut_off(k)))


def own_language_pool_share(rankings: Rankings) -> float:
    """The share of the query's language in the pool: the value of `own_language_share` without preference.

    The mean over queries. For a run, the pool consists of the documents in its rankings and judgements.

    Returns:
        Share.

    Raises:
        DataError: the languages of queries or documents are unknown.

    Source:
        this project.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores(
    ...     [[4, 3, 2, 1]], languages=["en", "de", "de", "de"], query_languages=["en"]
    ... )
    >>> measures.own_language_pool_share(rankings)
    0.25

    """
    rankings.need(of_documents=True, of_queries=True)
    return bias.same_language_pool_share(rankings.ranked())


def language_preference(rankings: Rankings) -> Values:
    """Language preference (LPR): 1 if the first of a query's relevant documents is in the query's language.

    Returns:
        Share, shape (queries,), NaN if the query's or all other languages have nothing relevant, or none is found.

    Raises:
        DataError: the languages of queries or documents are unknown.

    Source:
        MLAIRE, arXiv 2605.07249.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores(
    ...     [[4, 3], [3, 4]], [[1, 1], [1, 1]], languages=["en", "de"], query_languages=["en", "en"]
    ... )
    >>> measures.language_preference(rankings).tolist()
    [1.0, 0.0]

    """
    rankings.need(of_documents=True, of_queries=True)
    return bias.language_preference(rankings.ranked())


def language_ndcg(rankings: Rankings, k: int, own: float = 2.0, other: float = 1.0) -> Values:
    """Lang-nDCG@k: nDCG in which a relevant document has a higher gain if it is in the query's language.

    A document's gain is its grade times `own` in the query's language and times `other` elsewhere. The sum of gain /
    log2(rank + 1) is divided by the best possible sum. It rewards what `rank_distance` penalises, so look at both.

    Args:
        rankings: in the pool of all languages.
        k: the cut-off.
        own: factor for the query's language. The paper does not state its gains legibly; state yours when you report
            it.
        other: factor for all other languages.

    Returns:
        Share, shape (queries,), NaN where nothing is relevant.

    Raises:
        DataError: the languages of queries or documents are unknown.

    Source:
        MLAIRE, arXiv 2605.07249, which proposes it; the default gains are this project's.

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores(
    ...     [[3, 4]], [[1, 1]], languages=["en", "de"], query_languages=["en"]
    ... )
    >>> measures.language_ndcg(rankings, 10).round(4).tolist()  # (1/1 + 2/1.585) / (2/1 + 1/1.585)
    [0.8597]

    """
    rankings.need(of_documents=True, of_queries=True)
    return bias.language_ndcg(rankings.ranked(), cut_off(k), own, other)


def target_language_recall(rankings: Rankings, k: int) -> Values:
    """TLR@k: R@k over the relevant documents in other languages than the query's.

    Returns:
        Share, shape (queries,), NaN where no other language has a relevant document.

    Raises:
        DataError: the languages of queries or documents are unknown.

    Source:
        SHIFT, arXiv 2606.18801 ("Target-Languages Recall").

    >>> from hybrid_search import measures
    >>> rankings = measures.Rankings.from_scores(
    ...     [[4, 3, 2]], [[1, 1, 1]], languages=["en", "de", "th"], query_languages=["en"]
    ... )
    >>> measures.target_language_recall(rankings, 2).tolist()
    [0.5]
    """
    rankings.need(of_documents=True, of_queries=True)
    return bias.target_language_recall(rankings.ranked(), cut_off(k))
