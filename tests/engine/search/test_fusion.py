"""Reciprocal rank fusion, by hand."""

from __future__ import annotations

import pytest
from hybrid_search.engine.errors import HybridSearchError
from hybrid_search.engine.languages import Detected
from hybrid_search.engine.search.fusion import fuse
from hybrid_search.engine.search.ranking import Hit, Passage, Ranking
from hypothesis import given
from hypothesis import strategies as st


def ranking(encoder: str, *numbers: int, query: str = "moon") -> Ranking:
    passages = [Passage(n, 1, f"{n}.txt", f"title {n}", "", 0, 0, 4, "moon", "en", 1.0) for n in numbers]
    hits = tuple(Hit(rank, 1 / rank, passage) for rank, passage in enumerate(passages, 1))
    return Ranking(encoder, query, Detected("en", 1.0), hits, len(hits), True, 0.5)


def test_a_score_is_the_sum_of_one_over_sixty_plus_rank():
    fused = fuse([ranking("hybrid", 7, 8, 9), ranking("bm25", 9, 7)], 10)
    assert [hit.passage.id for hit in fused.hits] == [7, 9, 8]
    assert [hit.rank for hit in fused.hits] == [1, 2, 3]
    assert fused.hits[0].score == pytest.approx(1 / 61 + 1 / 62)
    assert fused.hits[1].score == pytest.approx(1 / 63 + 1 / 61)
    assert fused.hits[2].score == pytest.approx(1 / 62)


def test_the_trace_of_a_passage_adds_up_to_its_score():
    fused = fuse([ranking("hybrid", 7, 8), ranking("cross", 8), ranking("bm25", 9, 7)], 2)
    for hit in fused.hits:
        assert sum(share.share for share in fused.trace[hit.passage.id]) == pytest.approx(hit.score)
    assert [(share.encoder, share.rank) for share in fused.trace[7]] == [("hybrid", 1), ("bm25", 2)]
    assert "bm25: rank 2" in str(fused.trace[7][1])
    assert set(fused.trace) == {hit.passage.id for hit in fused.hits}


def test_equal_sums_go_to_the_better_rank_then_the_lower_id():
    fused = fuse([ranking("a", 5, 3), ranking("b", 3, 5)], 10)
    assert [hit.passage.id for hit in fused.hits] == [3, 5]


@given(st.lists(st.permutations(range(12)), min_size=2, max_size=5))
def test_scores_never_rise_down_a_fused_ranking(orders):
    hits = fuse([ranking(str(number), *order) for number, order in enumerate(orders)], 12).hits
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True) and len(hits) == 12


def test_one_ranking_keeps_its_order_and_none_is_an_error():
    assert [hit.passage.id for hit in fuse([ranking("a", 5, 3, 4)], 2).hits] == [5, 3]
    assert fuse([ranking("a"), ranking("b")], 5).hits == ()
    with pytest.raises(HybridSearchError, match="no ranking"):
        fuse([], 5)
    with pytest.raises(HybridSearchError, match="one query"):
        fuse([ranking("a", 1), ranking("b", 1, query="sun")], 5)
