"""What rankings share and what moved, checked against the definitions."""

from __future__ import annotations

import itertools
import random

import pytest
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.languages import Detected
from hybrid_search.engine.search.comparison import Comparing, compare, overlap, rank_biased_overlap, standing
from hybrid_search.engine.search.ranking import Hit, Passage, Ranking


def ranking(encoder: str, *answers: str, language: str = "en") -> Ranking:
    """A ranking of passages written "12de": an id and a language."""
    passages = [
        Passage(int(a[:-2]), 1, f"{a}.txt", f"title {a[:-2]}", "", 0, 0, 4, "moon", a[-2:], 1.0) for a in answers
    ]
    hits = tuple(Hit(rank, 1 / rank, passage) for rank, passage in enumerate(passages, 1))
    return Ranking(encoder, "moon", Detected(language, 1.0), hits, 10, True, 0.5)


def plain_rbo(first: list[int], second: list[int], p: float = 0.9) -> float:
    """Equation 32 of Webber et al. as it is printed, with sets made anew at every depth."""
    short, long = sorted((first, second), key=len)
    s, length = len(short), len(long)

    def x(depth: int) -> int:
        return len(set(short[:depth]) & set(long[:depth]))

    total = sum(x(d) / d * p**d for d in range(1, length + 1))
    total += sum(x(s) * (d - s) / (s * d) * p**d for d in range(s + 1, length + 1))
    return (1 - p) / p * total + ((x(length) - x(s)) / length + x(s) / s) * p**length


def test_overlap_of_equal_and_of_disjoint_rankings():
    same = overlap(ranking("a", "1en", "2de"), ranking("b", "1en", "2de"))
    assert (same.shared, same.jaccard, same.rbo) == (2, 1.0, pytest.approx(1.0))
    other = overlap(ranking("a", "1en", "2de"), ranking("b", "3en", "4de"))
    assert (other.shared, other.jaccard, other.rbo) == (0, 0.0, 0.0)


def test_overlap_of_empty_rankings():
    assert overlap(ranking("a"), ranking("b")).rbo == 1.0
    assert overlap(ranking("a"), ranking("b")).jaccard == 1.0
    assert overlap(ranking("a"), ranking("b", "1en")).rbo == 0.0


def test_rbo_worked_by_hand():
    # Depth 1 agrees on nothing, depth 2 on both: (1-p)/p * (0 + 2/2 p²) + 2/2 p² = .09 + .81
    assert rank_biased_overlap([1, 2], [2, 1]) == pytest.approx(0.9)
    # Depth 1 agrees on one of one, depth 2 on one of two: .1 * (1 + .5 * .9) + .5 * .81
    assert rank_biased_overlap([1, 2], [1, 3]) == pytest.approx(0.1 * (1 + 0.45) + 0.405)


def test_rbo_is_equation_32_for_any_rankings():
    chance = random.Random(2408)
    for _ in range(300):
        pool = list(range(12))
        first, second = (chance.sample(pool, chance.randint(1, 10)) for _ in range(2))
        found = rank_biased_overlap(first, second)
        assert found == pytest.approx(plain_rbo(first, second))
        assert found == pytest.approx(rank_biased_overlap(second, first))
        assert 0 <= found <= 1


def test_agreement_at_the_top_counts_more():
    top = rank_biased_overlap([1, 2, 3, 4], [1, 2, 8, 9])
    bottom = rank_biased_overlap([1, 2, 3, 4], [8, 9, 3, 4])
    assert top > bottom


def test_languages_and_shares_of_the_question_s_language():
    found = compare(
        {
            "hybrid": ranking("hybrid", "1en", "2de", "3ru", "4en"),
            "mono": ranking("mono", "1en", "4en"),
            "none": ranking("none"),
        },
        {"en": 10, "de": 10, "ru": 20},
    )
    assert found.languages == {"hybrid": {"en": 2, "de": 1, "ru": 1}, "mono": {"en": 2}, "none": {}}
    assert found.same_language_share == {"hybrid": 0.5, "mono": 1.0, "none": 0.0}
    assert found.library_share == 0.25
    assert found.bias == {"hybrid": 0.25, "mono": 0.75, "none": -0.25}
    assert list(found.overlap) == list(itertools.combinations(("hybrid", "mono", "none"), 2))
    assert found.overlap["hybrid", "mono"].shared == 2


def test_a_question_in_no_clear_language_has_no_share():
    found = compare({"hybrid": ranking("hybrid", "2en", language="und")}, {"und": 1, "en": 1})
    assert found.same_language_share == {"hybrid": 0.0} and found.library_share == 0.0


def test_the_library_s_share_is_that_of_what_the_filter_lets_through():
    held = {"en": 10, "de": 10, "ru": 20}
    answers = {"hybrid": ranking("hybrid", "1en", "2de")}
    assert compare(answers, held, ["en", "de"]).library_share == 0.5
    assert compare(answers, held, ["de"]).library_share == 0.0
    assert compare(answers, held, ["en"]).shares["hybrid"].library_share == 1.0


def test_rankings_that_come_one_by_one_compare_as_those_that_come_at_once():
    held = {"en": 10, "de": 10}
    rankings = {"mono": ranking("mono", "1en", "4en"), "hybrid": ranking("hybrid", "2de", "1en")}
    comparing = Comparing(held)
    assert comparing.comparison() is None
    shown = {name: comparing.add(each) for name, each in rankings.items()}
    assert comparing.comparison() == compare(rankings, held)
    assert shown == compare(rankings, held).shares


def test_nothing_is_compared_with_words():
    with pytest.raises(LibraryError, match="nothing to compare"):
        compare({}, {"en": 1})


def test_the_rank_distance_of_a_passage_and_its_translations():
    family = {hit.passage.language: hit.passage for hit in ranking("a", "1en", "2de", "3ru").hits}
    found = standing(family, {1: 4, 3: 25, 9: 1})
    assert found.ranks == {"en": 4, "ru": 25} and found.distance == 21
    assert standing(family, {2: 7}).distance is None and standing(family, {}).ranks == {}
