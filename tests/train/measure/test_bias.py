"""Measures of language bias, each against a case computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure import registry
from hybrid_search.train.measure.protocol import measure_vectors
from hybrid_search.train.measure.registry import bias, peer
from hybrid_search.train.measure.registry.ranked import Ranked
from hybrid_search.train.measure.tail import tail_of


def found(*rows: tuple[int, ...], asked: tuple[int, ...] = ()) -> Ranked:
    """Answers in languages 0, 1, 2, ... at these ranks; queries in language 0 or as `asked`."""
    ranks = np.array(rows, dtype=np.int64)
    languages = np.where(ranks > 0, np.arange(ranks.shape[1])[None, :], -1)
    none = np.zeros((len(rows), 0), dtype=np.int64)
    return Ranked(ranks, languages, np.array(asked or [0] * len(rows)), np.full(ranks.shape[1], 1000), none)


def test_complete_at_k_needs_every_parallel_answer():
    ranks = found((1, 2, 3), (1, 2, 11), (5, -1, -1)).ranks
    assert bias.complete_at_k(ranks, 10).tolist() == [1, 0, 1]
    assert bias.complete_at_k(ranks, 11).tolist() == [1, 1, 1]


def test_max_at_r_is_the_rank_of_the_last_answer():
    assert bias.max_at_r(found((1, 7, 3), (2, -1, -1)).ranks).tolist() == [7, 2]


def test_language_preference_asks_whether_the_own_language_comes_first():
    ranks = found((1, 2, 3), (4, 2, 3), (1, -1, -1))
    preference = bias.language_preference(ranks)
    assert preference[:2].tolist() == [1, 0]
    assert math.isnan(preference[2])


def test_kruskal_wallis_by_hand():
    ranks, groups = np.array([1.0, 2, 3, 4]), np.array([0, 0, 1, 1])
    p, explained = peer.kruskal_wallis(ranks, groups)
    # H = 3 * (2 * 1 + 2 * 1) / 5 = 2.4; P(chi-squared with 1 degree >= 2.4) = .1213
    assert explained == pytest.approx(4 / 5)
    assert p == pytest.approx(0.12134, abs=1e-5)


def test_kruskal_wallis_agrees_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    for _ in range(20):
        groups = rng.integers(0, 4, 40)
        ranks = rng.permutation(40).astype(float) + 3 * groups
        ranks = stats.rankdata(ranks)
        expected = stats.kruskal(*[ranks[groups == group] for group in np.unique(groups)]).pvalue
        assert peer.kruskal_wallis(ranks, groups)[0] == pytest.approx(expected, rel=1e-9)


def test_kruskal_wallis_of_one_group_says_nothing():
    assert peer.kruskal_wallis(np.array([1.0, 2.0]), np.array([0, 0])) == (1.0, 0.0)


def test_peer_is_fair_where_languages_take_turns_and_not_where_one_leads():
    turns = found((1, 2, 3), (2, 3, 1), (3, 1, 2))
    leads = found((1, 5, 9), (1, 6, 8), (2, 5, 7))
    assert peer.tested_together(turns, 10) == pytest.approx(1.0)
    assert peer.explained_by_language(turns, 10) == pytest.approx(0.0)
    assert peer.tested_together(leads, 10) < 0.05
    assert peer.explained_by_language(leads, 10) > 0.9


def test_peer_does_not_cancel_when_each_language_favours_itself():
    rows = [(1, 50, 60), (50, 1, 60), (60, 50, 1)] * 6
    biased = found(*rows, asked=(0, 1, 2) * 6)
    assert peer.tested_together(biased, 100) < 0.05
    assert peer.explained_by_language(biased, 100) > 0.5


def test_what_peer_does_not_find_never_stands_above_what_it_finds():
    # With the cut at 2 the missing ones share the tail rank (2 * 2 + 2 + 1) / 2 = 3.5, after ranks 1 and 2.
    ranks = found((2, 500, 900))
    groups = ranks.languages[0]
    expected = peer.kruskal_wallis(np.array([2.0, 3.5, 3.5]), groups)
    assert (peer.tested_together(ranks, 2), peer.explained_by_language(ranks, 2)) == pytest.approx(expected)


def test_the_p_value_of_a_single_query_with_one_answer_a_language_is_the_same_whatever_the_ranks():
    for rows in ((1, 2, 3), (1, 50, 99), (97, 98, 99)):
        assert peer.tested_together(found(rows), 100) == pytest.approx(math.exp(-1))


def test_the_p_value_nears_zero_with_many_queries_together_and_does_not_with_ten():
    rows = [(1, 2, 3), (2, 3, 1), (3, 1, 2), (1, 2, 3)]
    few, many = found(*rows), found(*rows * 200)
    assert peer.explained_by_language(few, 10) == pytest.approx(peer.explained_by_language(many, 10))
    assert peer.tested_together(few, 10) > 0.5
    assert peer.tested_together(many, 10, together=800) < 1e-6
    assert 0.05 < peer.tested_together(many, 10) < 1


def test_an_answer_in_the_querys_language_weighs_more_in_its_ndcg_and_nothing_in_target_recall():
    ranks = found((2, 1, 30))
    # (2 / log2 3 + 1 / 1) / (2 / 1 + 1 / log2 3 + 1 / 2): the third answer is too far down.
    assert bias.language_ndcg(ranks, 20).round(4).tolist() == [0.7224]
    assert bias.target_language_recall(ranks, 20).tolist() == [0.5]


def test_rank_distance_and_same_language_share_by_hand():
    made = Benchmark(
        "two",
        (Query("a", "en", "?"),),
        tuple(Candidate(str(n), code, str(n)) for n, code in enumerate(["en", "en", "de", "de"])),
        ((0, 3),),
    )
    result = measure_vectors(made, np.array([[1, 0.9, 0.8, 0.7]], np.float32), np.eye(4, dtype=np.float32))
    assert result.rank_distances().tolist() == [3]
    assert result.per_query(registry.named("same_language_share")).tolist() == [0.5]
    assert result.bias()["max_at_r"] == 4
    assert result.bias()["language_preference"] == 1


def test_the_tail_says_which_language_and_which_questions_make_the_mean():
    made = Benchmark(
        "two",
        (Query("easy", "en", "easy?"), Query("hard", "en", "hard?")),
        tuple(Candidate(str(n), code, f"text {n}") for n, code in enumerate(["en", "de", "th", "en", "de", "th"])),
        ((0, 1, 2), (3, 4, 5)),
    )
    # Ranks of the answers: 1, 2, 3 for the easy question; 1, 3, 6 for the hard one.
    queries = np.array([[9, 8, 7, 3, 2, 1], [6, 4, 3, 9, 5, 1]], np.float32)
    result = measure_vectors(made, queries, np.eye(6, dtype=np.float32), encoder="x")
    found = tail_of(result, made)
    assert found is not None
    assert found.last == pytest.approx({"de": 0, "en": 0, "th": 1})
    assert found.without == pytest.approx({"de": (2 + 5) / 2, "en": (1 + 3) / 2, "th": (1 + 2) / 2})
    assert found.worst_tenth == pytest.approx(5 / 7)
    first = found.hardest[0]
    assert (first.id, first.best, first.worst, first.language, first.text) == ("hard", 1, 6, "th", "text 5")
    assert first.share == pytest.approx(5 / 7) and len(found.hardest) == 2
    assert "th (100%)" in found.words()


def test_without_two_answers_or_any_distance_there_is_no_tail():
    pool = tuple(Candidate(str(n), code, str(n)) for n, code in enumerate(["en", "de"]))
    vectors = np.eye(2, dtype=np.float32)
    alone = Benchmark("one", (Query("a", "en", "?"),), pool, ((0,),))
    assert tail_of(measure_vectors(alone, vectors[:1], vectors), alone) is None
    tied = Benchmark("tied", (Query("a", "en", "?"),), pool, ((0, 1),))
    assert tail_of(measure_vectors(tied, np.ones((1, 2), np.float32), vectors), tied) is None
