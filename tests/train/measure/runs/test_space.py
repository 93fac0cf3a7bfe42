"""Measures of a space from anybody's vectors are those of a benchmark's."""

from __future__ import annotations

import numpy as np
import pytest
from hybrid_search import DataError, measures
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure.alignment import measure_alignment


def test_vectors_with_sentences_are_measured_as_a_benchmark_is():
    rng = np.random.default_rng(0)
    codes = ["de", "en", "th"]
    vectors = rng.normal(size=(45, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pool = tuple(Candidate(f"{n}-{code}", code, "") for n in range(15) for code in codes)
    relevant = tuple(tuple(range(3 * n, 3 * n + 3)) for n in range(15))
    benchmark = Benchmark("made", tuple(Query(str(n), "en", "?") for n in range(15)), pool, relevant)
    expected = measure_alignment(benchmark, vectors).figures()
    found = measures.alignment(vectors, [each.language for each in pool], [n for n in range(15) for _ in codes])
    assert found.figures() == pytest.approx(expected)


def test_vectors_that_do_not_fit_or_hold_too_few_translations_are_refused():
    with pytest.raises(DataError, match="do not fit"):
        measures.alignment(np.eye(3), ["en"], [1, 2, 3])
    with pytest.raises(DataError, match="too few parallel"):
        measures.alignment(np.eye(4), ["en", "en", "de", "de"], [1, 2, 1, 2])
