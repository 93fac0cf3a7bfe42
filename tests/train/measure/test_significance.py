"""Paired comparison: exact where it can be, honest where little can be said."""

from __future__ import annotations

import numpy as np
import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.measure import registry, significance


def test_six_wins_of_six_are_just_enough():
    assert significance.randomisation(np.ones(6)) == pytest.approx(2 / 64)


def test_the_exact_p_value_counts_flips_by_hand():
    # Of the eight sums of +-1 +-2 +-1 two reach 4 in size; of those of +-1 +-2 +-3 four do: 6, 4, -4, -6.
    assert significance.randomisation(np.array([1.0, 2.0, 1.0])) == pytest.approx(2 / 8)
    assert significance.randomisation(np.array([-1.0, 2.0, 3.0])) == pytest.approx(4 / 8)


def test_sampled_p_values_are_near_exact_ones_and_never_zero():
    rng = np.random.default_rng(0)
    values = rng.normal(0.4, 1, 13)
    exact = significance.randomisation(values, samples=2**13)
    assert significance.randomisation(values, samples=5000) == pytest.approx(exact, abs=0.03)
    assert significance.randomisation(np.ones(100)) > 0


def test_no_difference_gives_p_one():
    assert significance.randomisation(np.zeros(20)) == 1


def test_holm_by_hand():
    assert significance.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert significance.holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])


def test_the_bootstrap_interval_holds_the_mean_and_narrows():
    rng = np.random.default_rng(1)
    few, many = rng.normal(1, 1, 20), rng.normal(1, 1, 2000)
    for values in (few, many):
        low, high = significance.bootstrap(values)
        assert low < values.mean() < high
    assert np.diff(significance.bootstrap(many)) < np.diff(significance.bootstrap(few))


def test_translations_of_one_question_are_one_observation():
    values = np.array([1.0, 3.0, np.nan, 5.0])
    assert significance.cluster_means(values, ["a", "a", "b", "c"]).tolist()[:1] == [2.0]
    found = significance.cluster_means(values, ["a", "a", "b", "c"])
    assert np.isnan(found[1])
    assert found[2] == 5


def test_fewer_than_six_pairs_are_refused():
    with pytest.raises(DataError, match="share 5 scored questions; at least 6"):
        significance.compare({"a": np.ones(5), "b": np.zeros(5)})


def test_a_clear_difference_is_said_and_an_unclear_one_is_not():
    rng = np.random.default_rng(2)
    base = rng.random(60)
    clear = significance.compare({"new": base + 0.2, "old": base})[0]
    assert clear.significant()
    assert clear.verdict(registry.named("multi")).startswith("new is better than old in multi mAP: new - old = +0.2000")
    assert clear.verdict(registry.named("rank_distance")).startswith("old is better than new")
    unclear = significance.compare({"new": base, "old": rng.permutation(base)})[0]
    assert not unclear.significant()
    assert unclear.verdict(registry.named("mono")).startswith("No difference in mono mAP between new and old was shown")


def test_an_interval_that_holds_zero_forbids_a_verdict_whatever_p_says():
    item = significance.Difference("a", "b", 10, 0.1, -0.01, 0.2, 0.001, 6, 0, 4)
    assert not item.significant()


def test_wins_ties_and_losses_are_counted():
    item = significance.compare({"a": np.array([1, 1, 0, 0.5, 1, 1, 1.0]), "b": np.array([0, 1, 1, 0.5, 0, 0, 0.0])})[0]
    assert (item.wins, item.ties, item.losses) == (4, 2, 1)


def test_three_encoders_make_three_comparisons_corrected_together():
    rng = np.random.default_rng(3)
    values = {name: rng.random(30) + shift for name, shift in (("a", 0.0), ("b", 0.1), ("c", 0.2))}
    raw = significance.differences(values)
    fixed = significance.corrected(raw)
    assert [item.p for item in fixed] == significance.holm([item.p for item in raw])
    assert all(one.p >= other.p for one, other in zip(fixed, raw, strict=True))


def test_the_same_seed_gives_the_same_figures():
    rng = np.random.default_rng(4)
    values = {"a": rng.random(40), "b": rng.random(40)}
    assert significance.compare(values, seed=5) == significance.compare(values, seed=5)
