"""Behind a figure: its questions have its mean, the worst come first, and places are told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hybrid_search.engine.errors import DataError
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.drill.cell import by_vectors, by_words, cell
from hybrid_search.train.measure.evaluation import neutralised
from hybrid_search.train.measure.protocol import measure_scores, measure_vectors
from hybrid_search.train.measure.scorers.words import scorer

CODES = ("de", "en", "ru")
TOPICS = 12


@pytest.fixture(scope="module")
def biased():
    """Twelve topics in three languages, with vectors in which language weighs more than the topic."""
    random = np.random.default_rng(3)
    topics, languages = random.normal(size=(TOPICS, 24)), dict(zip(CODES, random.normal(size=(3, 24)), strict=True))
    queries, pool, relevant, asked, held = [], [], [], [], []
    for code in CODES:
        for topic in range(TOPICS):
            pool.append(Candidate(f"{code}{topic}", code, f"{code} passage about {topic}"))
            held.append(topics[topic] + 2 * languages[code] + 0.6 * random.normal(size=24))
    for code in CODES:
        for topic in range(TOPICS):
            queries.append(Query(str(topic), code, f"{code} question about {topic}"))
            asked.append(topics[topic] + 2 * languages[code] + 0.6 * random.normal(size=24))
            # Nobody answers topic 5 in Russian.
            relevant.append(tuple(n * TOPICS + topic for n, c in enumerate(CODES) if (topic, c) != (5, "ru")))
    benchmark = Benchmark("toy", tuple(queries), tuple(pool), tuple(relevant))

    def units(rows):
        stacked = np.array(rows, dtype=np.float32)
        return stacked / np.linalg.norm(stacked, axis=1, keepdims=True)

    return benchmark, units(asked), units(held)


@pytest.mark.parametrize("asked", CODES)
@pytest.mark.parametrize("read", CODES)
def test_the_questions_of_a_cell_have_the_mean_of_the_heat_map(biased, asked, read):
    benchmark, queries, pool = biased
    found = cell(benchmark, asked, read, by_vectors(queries, pool))
    matrix = measure_vectors(benchmark, queries, pool).matrix()
    assert found.precision == pytest.approx(matrix[CODES.index(asked), CODES.index(read)], abs=1e-6)
    assert found.unanswered == (read == "ru") and len(found.rows) == TOPICS - (read == "ru")
    values = [row.precision for row in found.rows]
    assert values == sorted(values)
    assert all(row.question.startswith(asked) and row.answer.startswith(read) for row in found.rows)


def test_search_by_words_has_the_mean_of_the_heat_map_and_nothing_told_about_language(biased):
    benchmark, _, _ = biased
    found = cell(benchmark, "en", "en", by_words(benchmark))
    expected = measure_scores(benchmark, scorer(benchmark)).matrix()[1, 1]
    assert found.precision == pytest.approx(expected, abs=1e-6)
    assert found.places() is None and all(row.language is None for row in found.rows)


def test_places_lost_to_language_are_those_that_neutral_vectors_win_back(biased):
    benchmark, queries, pool = biased
    neutral = by_vectors(*neutralised(benchmark, queries, pool))
    abroad = cell(benchmark, "de", "en", by_vectors(queries, pool), neutral)
    at_home = cell(benchmark, "de", "de", by_vectors(queries, pool), neutral)
    language, meaning = abroad.places()
    assert language > 5 > at_home.places()[0] and meaning < 5
    for row in abroad.rows:
        assert row.language + row.meaning == row.ahead


def test_right_answers_in_other_languages_are_no_loss():
    codes, texts = ["en", "de", "en"], ["right", "richtig", "wrong"]
    pool = tuple(Candidate(text, code, text) for text, code in zip(texts, codes, strict=True))
    benchmark = Benchmark("three", (Query("q", "en", "?"),), pool, ((0, 1),))
    vectors = np.array([[1, 0], [0.6, 0.8], [0.8, 0.6]], dtype=np.float32)
    found = cell(benchmark, "en", "de", by_vectors(np.array([[1, 0]], dtype=np.float32), vectors))
    assert [(row.ahead, row.rank, row.answer, row.first) for row in found.rows] == [(1, 1, "richtig", "richtig")]


def test_a_language_that_the_benchmark_lacks_is_named(biased):
    benchmark, queries, pool = biased
    with pytest.raises(DataError, match="nothing in ko") as raised:
        cell(benchmark, "en", "ko", by_vectors(queries, pool))
    assert "de, en, ru" in raised.value.hint
