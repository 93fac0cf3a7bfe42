"""Benchmarks in which some answers are only a few words long."""

from __future__ import annotations

import pytest
from hybrid_search.train.benchmarks.fragments import with_fragments
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query


def parallel(questions: int) -> Benchmark:
    """One answer of twelve words a question in English and German, and one candidate that answers nothing."""
    pool = [
        Candidate(f"{code}{n}", code, " ".join(f"{code}{n}word{place}" for place in range(12)))
        for n in range(questions + 1)
        for code in ("en", "de")
    ]
    queries = [Query(str(n), code, f"{code}{n}?") for n in range(questions) for code in ("en", "de")]
    relevant = [(2 * n, 2 * n + 1) for n in range(questions) for _ in ("en", "de")]
    return Benchmark("parallel", tuple(queries), tuple(pool), tuple(relevant))


@pytest.mark.parametrize(("share", "least", "most"), [(1.0, 200, 200), (0.25, 30, 70), (0.02, 1, 12)])
def test_a_share_of_the_answers_is_cut_to_a_few_words_and_nothing_else_changes(share, least, most):
    before = parallel(100)
    after = with_fragments(before, share)
    assert (after.queries, after.relevant) == (before.queries, before.relevant)
    changed = [(old, new) for old, new in zip(before.pool, after.pool, strict=True) if old != new]
    assert least <= len(changed) <= most
    assert after.pool[-2:] == before.pool[-2:], "what answers nothing stays whole"
    for old, new in changed:
        assert (new.id, new.language) == (old.id, old.language)
        assert new.text in old.text and 1 <= len(new.text.split()) <= 4


def test_the_draw_is_the_same_for_every_encoder_and_another_for_another_seed():
    made = [with_fragments(parallel(100), 0.3, seed).digest for seed in (0, 0, 1)]
    assert made[0] == made[1] != made[2]


def test_nothing_is_cut_unless_asked_for():
    before = parallel(3)
    assert with_fragments(before, 0.0) is before
