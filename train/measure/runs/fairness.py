"""PEER on rankings: as published, over several queries at a time, and its effect size."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ....engine.errors import DataError, whole
from ..registry import Values, peer
from ..registry.peer import TOGETHER, kruskal_wallis, tail_rank
from .rankings import Rankings, cut_off


def peer_of_queries(
    rankings: Rankings, k: int, weights: Mapping[int, float] | None = None, *, as_released: bool = False
) -> Values:
    """PEER@k as published: the p-value of the test that documents of all languages rank alike, for each query alone.

    For each level of relevance the ranks within the first k are grouped by language and tested with Kruskal-Wallis:
    H = (N - 1) sum_g n_g (mean_g - mean)^2 / sum_i (r_i - mean)^2 against chi-squared. The n judged documents of a
    level above 0 that are not in the first k share the tail rank (2 m + n + 1) / 2 with m = k. PEER is the weighted sum
    over levels; a level counts as 1 if it has only one language, or none of its documents is found.

    It needs queries with several relevant documents in each language. With one per language, as in a benchmark of
    parallel answers, each group is a single rank, H is N - 1 whatever the ranks, and every query gets the same p-value
    (.44 for eleven languages), or 1 if nothing is found: use `peer_of_tens` and `rank_explained_by_language` there.

    Args:
        rankings: in the pool of all languages; use `ties="ascending"` to break ties as peer_measure does.
        k: the cut-off.
        weights: a weight for each level of relevance, with sum 1; {1: 1.0} by default. Level 0 is documents in the
            first k that are not judged relevant.
        as_released: compute it like the published code: m is the number of the level's documents, so missing documents
            can rank above found ones, and levels without documents add 0 instead of their weight.

    Returns:
        p-value, 1 is fair, shape (queries,).

    Raises:
        DataError: the languages of the documents are unknown, or the weights do not sum to 1.

    Source:
        Yang et al. 2024, doi 10.1145/3626772.3657943.

    >>> from hybrid_search import measures
    >>> languages = ["en", "en", "de", "de"]
    >>> apart = measures.Rankings.from_scores([[4, 3, 2, 1]], [[1, 1, 1, 1]], languages=languages)
    >>> measures.peer_of_queries(apart, 4).round(4).tolist()  # H = 3 * 4 / 5, one degree of freedom
    [0.1213]

    """
    rankings.need(of_documents=True)
    chosen = {1: 1.0} if weights is None else weights
    if abs(sum(chosen.values()) - 1) > 1e-6:
        raise DataError(f"The weights of PEER sum to {sum(chosen.values()):g}; they must sum to 1.")
    top = rankings.first(k)
    found = np.zeros(len(rankings.queries))
    for row, grades in enumerate(rankings.judged):
        shown = [int(document) for document in top[row] if document >= 0]
        place = {document: rank for rank, document in enumerate(shown, 1)}
        levels = {document: grades.get(document, 0) for document in (*shown, *grades)}
        for level, weight in chosen.items():
            own = [
                document for document, grade in levels.items() if grade == level and (level > 0 or document in place)
            ]
            if not own and as_released and level not in grades.values():
                continue
            ranks = np.array([place.get(document, 0) for document in own], dtype=np.float64)
            missing = int((ranks == 0).sum())
            if missing == len(ranks):
                found[row] += weight
                continue
            ranks[ranks == 0] = tail_rank(len(own) if as_released else k, missing)
            found[row] += weight * kruskal_wallis(ranks, rankings.document_languages[own])[0]
    return found


def peer_of_tens(rankings: Rankings, k: int = 100, together: int = TOGETHER) -> float:
    """PEER over several queries at a time: informative also if a query has one relevant document per language.

    The relevant documents of `together` queries in one language are tested at once, and the p-values of such groups are
    averaged. Over all queries at once the p-value is .000 for every encoder, since H grows with their number however
    small the bias; for one query at a time it is the same for every encoder (see `peer_of_queries`).

    Args:
        rankings: in the pool of all languages.
        k: ranks beyond it share the tail rank of their query.
        together: the approximate number of queries per test. Compare only figures with the same number.

    Returns:
        p-value: .4 to .5 without bias, approaching 0 with a strong bias; 1 if nothing can be tested.

    Raises:
        DataError: the languages of queries or documents are unknown.

    Source:
        the test of doi 10.1145/3626772.3657943; the grouping is this project's.

    >>> from hybrid_search import measures
    >>> languages = dict(languages=["en", "de", "fr", "th"], query_languages=["en"] * 10)
    >>> rankings = measures.Rankings.from_scores([[4, 3, 2, 1]] * 10, [[1, 1, 1, 1]] * 10, **languages)
    >>> measures.peer_of_tens(rankings) < 1e-7  # every query ranks the languages alike
    True

    """
    rankings.need(of_documents=True, of_queries=True)
    return peer.tested_together(rankings.ranked(), cut_off(k), whole(together, "together", 1))


def rank_explained_by_language(rankings: Rankings, k: int = 100) -> float:
    """The share of the variance in ranks that a relevant document's language explains: the size of PEER's effect.

    H / (N - 1) of the Kruskal-Wallis test over all queries of a language, mean over query languages. It does not depend
    on the number of queries.

    Args:
        rankings: in the pool of all languages.
        k: ranks beyond it share the tail rank of their query.

    Returns:
        Share: 0 if language explains nothing of the ranks, 1 if it explains everything.

    Raises:
        DataError: the languages of queries or documents are unknown.

    Source:
        the effect size of the test of doi 10.1145/3626772.3657943.

    >>> from hybrid_search import measures
    >>> languages = dict(languages=["en", "de"], query_languages=["en", "en"])
    >>> alike = measures.Rankings.from_scores([[2, 1], [2, 1]], [[1, 1], [1, 1]], **languages)
    >>> turns = measures.Rankings.from_scores([[2, 1], [1, 2]], [[1, 1], [1, 1]], **languages)
    >>> measures.rank_explained_by_language(alike), measures.rank_explained_by_language(turns)
    (1.0, 0.0)

    """
    rankings.need(of_documents=True, of_queries=True)
    return peer.explained_by_language(rankings.ranked(), cut_off(k))
