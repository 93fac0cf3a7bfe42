"""Measures of language bias, each against a case computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure import bias
from hybrid_search.train.measure.protocol import evaluate_vectors
from hybrid_search.train.measure.ranks import RelevantRanks
from hybrid_search.train.measure.tail import tail_of


def found(*rows: tuple[int, ...], languages: tuple[int, ...] = (0, 1, 2), top=None) -> RelevantRanks:
    in_pool = np.array(rows, dtype=np.int64)
    language = np.where(in_pool > 0, np.array(languages[: in_pool.shape[1]])[None, :], -1)
    return RelevantRanks(in_pool, np.ones_like(in_pool), language, np.array(top or [[0]] * len(rows)))


def test_complete_at_k_needs_every_parallel_answer():
    ranks = found((1, 2, 3), (1, 2, 11), (5, -1, -1))
    assert bias.complete_at_k(ranks, 10).tolist() == [1, 0, 1]
    assert bias.complete_at_k(ranks, 11).tolist() == [1, 1, 1]


def test_max_at_r_is_the_rank_of_the_last_answer():
    assert bias.max_at_r(found((1, 7, 3), (2, -1, -1))).tolist() == [7, 2]


def test_language_preference_asks_whether_the_own_language_comes_first():
    ranks = found((1, 2, 3), (4, 2, 3), (1, -1, -1))
    preference = bias.language_preference(ranks, np.array([0, 0, 0]))
    assert preference[:2].tolist() == [1, 0]
    assert math.isnan(preference[2])


def test_kruskal_wallis_by_hand():
    ranks, groups = np.array([1.0, 2, 3, 4]), np.array([0, 0, 1, 1])
    p, explained = bias.kruskal_wallis(ranks, groups)
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
        assert bias.kruskal_wallis(ranks, groups)[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("value", "degrees", "expected"), [(3.841459, 1, 0.05), (18.307038, 10, 0.05), (0.0, 3, 1.0)])
def test_the_tail_of_chi_squared_is_that_of_the_tables(value: float, degrees: int, expected: float):
    assert bias.chi_squared_tail(value, degrees) == pytest.approx(expected, abs=1e-6)


def test_kruskal_wallis_of_one_group_says_nothing():
    assert bias.kruskal_wallis(np.array([1.0, 2.0]), np.array([0, 0])) == (1.0, 0.0)


def test_peer_is_fair_where_languages_take_turns_and_not_where_one_leads():
    turns = found((1, 2, 3), (2, 3, 1), (3, 1, 2))
    leads = found((1, 5, 9), (1, 6, 8), (2, 5, 7))
    one = np.zeros(3, dtype=np.int64)
    assert bias.peer_at_k(turns, one, 10) == pytest.approx((1.0, 0.0))
    p, explained = bias.peer_at_k(leads, one, 10)
    assert p < 0.05
    assert explained > 0.9


def test_peer_does_not_cancel_when_each_language_favours_itself():
    rows = [(1, 50, 60), (50, 1, 60), (60, 50, 1)] * 6
    own = np.array([0, 1, 2] * 6)
    p, explained = bias.peer_at_k(found(*rows), own, 100)
    assert p < 0.05
    assert explained > 0.5


def test_what_peer_does_not_find_never_stands_above_what_it_finds():
    # With the cut at 2 the missing ones share the tail rank (2 * 2 + 2 + 1) / 2 = 3.5, after ranks 1 and 2.
    ranks = found((2, 500, 900))
    groups = ranks.language[0]
    expected = bias.kruskal_wallis(np.array([2.0, 3.5, 3.5]), groups)
    assert bias.peer_at_k(ranks, np.array([0]), 2) == pytest.approx(expected)


def test_rank_distance_and_same_language_share_by_hand():
    made = Benchmark(
        "two",
        (Query("a", "en", "?"),),
        tuple(Candidate(str(n), code, str(n)) for n, code in enumerate(["en", "en", "de", "de"])),
        ((0, 3),),
    )
    result = evaluate_vectors(made, np.array([[1, 0.9, 0.8, 0.7]], np.float32), np.eye(4, dtype=np.float32))
    assert result.rank_distances().tolist() == [3]
    assert result.same_language_share().tolist() == [0.5]
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
    result = evaluate_vectors(made, queries, np.eye(6, dtype=np.float32), encoder="x")
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
    assert tail_of(evaluate_vectors(alone, vectors[:1], vectors), alone) is None
    tied = Benchmark("tied", (Query("a", "en", "?"),), pool, ((0, 1),))
    assert tail_of(evaluate_vectors(tied, np.ones((1, 2), np.float32), vectors), tied) is None
