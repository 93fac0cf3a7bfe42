"""How close translations are: perfect, shifted by language, and unrelated spaces."""

from __future__ import annotations

import numpy as np
import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure import alignment
from hybrid_search.train.measure.components import principal

SENTENCES = 40
CODES = ("de", "en", "zh")


def parallel(sentences: int = SENTENCES) -> Benchmark:
    pool = [Candidate(f"{code}{n}", code, f"{code} {n}") for n in range(sentences) for code in CODES]
    relevant = tuple((3 * n, 3 * n + 1, 3 * n + 2) for n in range(sentences))
    return Benchmark("parallel", tuple(Query(str(n), "en", "?") for n in range(sentences)), tuple(pool), relevant)


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def space(shift: float, noise: float = 0.05) -> np.ndarray:
    """Meaning in 16 dimensions, the same for translations, and a shift for each language in three more."""
    rng = np.random.default_rng(0)
    meaning = unit(rng.normal(size=(SENTENCES, 16)))
    rows = [np.concatenate([meaning[n], shift * np.eye(3)[c]]) for n in range(SENTENCES) for c in range(3)]
    return unit(np.array(rows) + noise * rng.normal(size=(3 * SENTENCES, 19)))


def test_translations_that_share_a_place_are_found_and_language_is_not_told():
    made = alignment.measure_alignment(parallel(), space(0.0))
    assert made.retrieval_mean == 1
    assert made.alignment < 0.15
    assert made.probe < 0.6
    assert made.chance == pytest.approx(1 / 3, abs=0.15)
    assert abs(made.same_language_gap) < 0.05


def test_a_language_shift_shows_in_probe_gap_and_alignment():
    fair, biased = (alignment.measure_alignment(parallel(), space(shift)) for shift in (0.0, 1.5))
    assert biased.probe == 1
    assert biased.same_language_gap > 0.4
    assert biased.alignment > fair.alignment
    assert biased.retrieval_mean == 1


def test_identical_vectors_tie_and_a_tie_is_a_miss():
    made = alignment.measure_alignment(parallel(), unit(np.ones((3 * SENTENCES, 4))))
    assert made.retrieval_mean == 0
    assert made.alignment == pytest.approx(0, abs=1e-6)


def test_alignment_and_uniformity_by_hand():
    rows = np.eye(2, dtype=np.float32)
    assert alignment.uniformity(rows) == pytest.approx(-4.0)
    assert alignment.uniformity(np.repeat(rows[:1], 3, axis=0)) == pytest.approx(0.0)


def test_sentences_that_answer_several_questions_count_once():
    made = parallel()
    doubled = Benchmark("doubled", made.queries * 2, made.pool, made.relevant * 2)
    assert len(alignment.parallel_rows(doubled)) == SENTENCES


def test_too_few_parallel_answers_are_refused():
    with pytest.raises(DataError, match="too few parallel answers"):
        alignment.measure_alignment(parallel(5), space(0.0)[:15])


def test_the_plane_and_the_sample_are_the_same_every_time():
    made, vectors = parallel(), space(1.0)
    rows = alignment.sample_rows(made, 30)
    assert len(rows) == 30
    assert {made.pool[row].language for row in rows} == set(CODES)
    places = principal(vectors[rows], 2)
    assert places.shape == (30, 2)
    assert np.array_equal(places, principal(vectors[rows], 2))


def test_components_are_those_of_scikit_learn():
    vectors = space(1.0).astype(float)
    theirs = pytest.importorskip("sklearn.decomposition").PCA(5, svd_solver="full").fit_transform(vectors)
    ours = principal(vectors, 5)
    signs = np.sign((ours * theirs).sum(axis=0))
    assert np.allclose(ours, theirs * signs, atol=1e-9)


def test_components_do_not_depend_on_the_order_of_the_vectors():
    vectors = space(1.0).astype(float)
    assert np.allclose(principal(vectors[::-1], 3)[::-1], principal(vectors, 3))
    assert principal(vectors[:4], 9).shape == (4, 4)
