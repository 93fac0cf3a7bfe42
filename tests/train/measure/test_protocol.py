"""The paper's protocol: exact ranks, ties, settings, and the same figures from plain loops."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hybrid_search.engine.encoders import kept
from hybrid_search.engine.errors import DataError
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure import registry
from hybrid_search.train.measure.evaluation import evaluate
from hybrid_search.train.measure.protocol import measure_scores, measure_vectors
from hybrid_search.train.measure.result import Result
from hybrid_search.train.measure.scorers import words


def benchmark(relevant, queries=None, pool=("en", "en", "de", "de"), **rest) -> Benchmark:
    queries = queries or [("a", "en")]
    return Benchmark(
        "made up",
        tuple(Query(name, code, f"{name} {code}") for name, code in queries),
        tuple(Candidate(str(row), code, f"text {row}") for row, code in enumerate(pool)),
        tuple(map(tuple, relevant)),
        **rest,
    )


def random_benchmark(seed: int, *, dimension: int = 5) -> tuple[Benchmark, np.ndarray, np.ndarray]:
    """Four languages, some answers missing, vectors on a coarse grid so that many scores tie."""
    rng = np.random.default_rng(seed)
    codes = ("ar", "de", "en", "zh")
    pool = [code for code in codes for _ in range(int(rng.integers(9, 19)))]
    starts = {code: pool.index(code) for code in codes}
    queries, relevant = [], []
    for number in range(25):
        held = [code for code in codes if rng.random() < 0.8] or ["en"]
        rows = [starts[code] + int(rng.integers(0, pool.count(code))) for code in held]
        for code in held:
            queries.append((f"q{number}", code))
            relevant.append(rows)
    asked = np.round(rng.normal(size=(len(queries), dimension)) * 2).astype(np.float32)
    passages = np.round(rng.normal(size=(len(pool), dimension)) * 2).astype(np.float32)
    return benchmark(relevant, queries, pool), asked, passages


def plain(made: Benchmark, asked: np.ndarray, passages: np.ndarray) -> dict[str, float]:
    """The whole protocol once more in plain loops, from its description and from nothing else."""

    def rank(row: int, candidate: int, rows: list[int]) -> int:
        score = float(asked[row] @ passages[candidate])
        return sum(1 for other in rows if float(asked[row] @ passages[other]) >= score)

    def precision(places: list[int]) -> float:
        return sum(sum(1 for other in places if other <= place) / place for place in places) / len(places)

    everything = list(range(len(made.pool)))
    by_language = {code: [r for r in everything if made.pool[r].language == code] for code in made.languages}
    cells: dict[tuple[str, str], list[float]] = {}
    multi: dict[str, list[float]] = {}
    distance: dict[str, list[float]] = {}
    for row, query in enumerate(made.queries):
        places = [rank(row, candidate, everything) for candidate in made.relevant[row]]
        multi.setdefault(query.language, []).append(precision(places))
        if len(places) > 1:
            distance.setdefault(query.language, []).append(max(places) - min(places))
        for code, rows in by_language.items():
            own = [rank(row, candidate, rows) for candidate in made.relevant[row] if candidate in rows]
            if own:
                cells.setdefault((query.language, code), []).append(precision(own))

    def mean(values):
        values = list(values)
        return sum(values) / len(values)

    return {
        "mono": mean(mean(values) for (a, b), values in cells.items() if a == b),
        "cross": mean(mean(values) for (a, b), values in cells.items() if a != b),
        "multi": mean(mean(values) for values in multi.values()),
        "rank_distance": mean(mean(values) for values in distance.values()),
    }


@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_of_an_independent_implementation_in_plain_loops(seed: int):
    made, asked, passages = random_benchmark(seed)
    summary = measure_vectors(made, asked, passages).summary()
    for name, value in plain(made, asked, passages).items():
        assert summary[name] == pytest.approx(value, abs=1e-6)


def test_a_tie_never_helps():
    made = benchmark([[1]])
    found = measure_vectors(made, np.ones((1, 2), np.float32), np.ones((4, 2), np.float32))
    assert found.summary()["multi"] == pytest.approx(1 / 4)
    assert found.summary()["mono"] == pytest.approx(1 / 2)


def test_average_precision_treats_ties_as_scikit_learn_does():
    sklearn = pytest.importorskip("sklearn.metrics")
    made, asked, passages = random_benchmark(9)
    found = measure_vectors(made, asked, passages).compared()["multi"]
    for row, relevant in enumerate(made.relevant):
        truth = np.isin(np.arange(len(made.pool)), relevant)
        assert found[row] == pytest.approx(sklearn.average_precision_score(truth, passages @ asked[row]), abs=1e-6)


def test_blocks_do_not_change_the_figures(monkeypatch: pytest.MonkeyPatch):
    made, asked, passages = random_benchmark(2)
    whole = measure_vectors(made, asked, passages)
    monkeypatch.setattr("hybrid_search.train.measure.ranks.BLOCK_BYTES", 4 * len(made.pool) * 3)
    parts = measure_vectors(made, asked, passages)
    assert np.array_equal(whole.ranks.in_pool, parts.ranks.in_pool)
    assert whole.as_dict() == parts.as_dict()


def test_queries_without_an_answer_in_a_language_are_skipped_and_counted():
    made = benchmark([[0, 2], [0, 2], [1]], [("a", "en"), ("a", "de"), ("b", "en")])
    found = measure_vectors(made, np.eye(4, dtype=np.float32)[[0, 2, 1]], np.eye(4, dtype=np.float32))
    assert found.skipped() == {"en-de": 1}
    assert not math.isnan(found.matrix()[0, 0])


def test_only_the_settings_asked_for_are_reported():
    made = benchmark([[0, 2]])
    found = measure_vectors(made, np.eye(4, dtype=np.float32)[:1], np.eye(4, dtype=np.float32), settings=["mono"])
    assert "mono" in found.as_dict()
    assert not {"cross", "multi", "rank_distance", "bias"} & found.as_dict().keys()
    assert "mono" in found.compared()
    assert set(found.compared()) == {each.key for each in registry.compared() if each.setting == "mono"}


def test_an_unknown_setting_is_refused_with_the_known_ones():
    with pytest.raises(DataError, match=r"Unknown setting bilingual\. Known: mono, cross, multi"):
        measure_vectors(benchmark([[0]]), np.ones((1, 2)), np.ones((4, 2)), settings=["bilingual"])


def test_vectors_of_another_benchmark_are_refused():
    with pytest.raises(DataError, match="but 2 and 4 vectors were given"):
        measure_vectors(benchmark([[0]]), np.ones((2, 2)), np.ones((4, 2)))


def test_an_empty_pool_and_no_answers_are_refused():
    with pytest.raises(DataError, match="empty pool"):
        benchmark([[]], pool=())
    with pytest.raises(DataError, match="no relevant candidate"):
        benchmark([[]])
    with pytest.raises(DataError, match="no queries"):
        Benchmark("none", (), (Candidate("0", "en", "x"),), ())


def bread_in_two_languages() -> Benchmark:
    pool = [("en", "bread"), ("en", "water"), ("ru", "хлеб"), ("ru", "вода")]
    return Benchmark(
        "bread",
        (Query("1", "en", "bread?"), Query("1", "ru", "хлеб?")),
        tuple(Candidate(str(row), code, text) for row, (code, text) in enumerate(pool)),
        ((0, 2), (0, 2)),
    )


def measured(encoder, made: Benchmark) -> Result:
    return evaluate(made, [encoder.name], lambda _: encoder).results[encoder.name]


def test_an_encoder_without_bias_is_perfect_and_one_with_bias_is_not(keyword_encoder, biased_encoder):
    fair = measured(keyword_encoder, bread_in_two_languages()).summary()
    biased = measured(biased_encoder, bread_in_two_languages()).summary()
    assert fair["multi"] > biased["multi"]
    assert fair["mono"] == biased["mono"] == 1
    assert fair["rank_distance"] < biased["rank_distance"]


def test_texts_are_encoded_once_and_then_come_from_the_cache(keyword_encoder):
    made = bread_in_two_languages()
    first = measured(keyword_encoder, made)
    calls = keyword_encoder.calls
    assert calls == 6
    assert measured(keyword_encoder, made).as_dict() == first.as_dict()
    assert keyword_encoder.calls == calls


def test_an_interrupted_encoding_keeps_what_was_done(keyword_encoder_type, monkeypatch: pytest.MonkeyPatch):
    from hybrid_search.train.measure import embeddings

    monkeypatch.setattr(embeddings, "SLICE", 2)
    remaining = iter([True, True])

    def stop() -> None:
        if not next(remaining, False):
            raise KeyboardInterrupt

    texts = [f"bread {number}" for number in range(6)]
    with pytest.raises(KeyboardInterrupt):
        embeddings.encode(keyword_encoder_type(before=stop), "pool", texts)
    again = keyword_encoder_type()
    vectors = embeddings.encode(again, "pool", texts)
    assert again.calls == 2
    assert np.allclose(vectors, keyword_encoder_type()._encode(texts))


def test_a_damaged_cache_is_made_again(keyword_encoder, home):
    made = bread_in_two_languages()
    first = measured(keyword_encoder, made).as_dict()
    for part in (home / "cache" / "embeddings").rglob("*.npz"):
        part.write_bytes(part.read_bytes()[:-40])
    assert measured(keyword_encoder, made).as_dict() == first
    assert keyword_encoder.calls == 12


def test_many_small_parts_of_the_cache_are_joined(keyword_encoder, home, monkeypatch: pytest.MonkeyPatch):
    from hybrid_search.train.measure import embeddings

    monkeypatch.setattr(kept, "MOST_PARTS", 3)
    for number in range(6):
        embeddings.encode(keyword_encoder, "pool", [f"text {number}"])
    texts = [f"text {number}" for number in range(6)]
    assert np.allclose(embeddings.encode(keyword_encoder, "pool", texts), keyword_encoder._encode(texts))
    assert len(list((home / "cache" / "embeddings").rglob("*.npz"))) <= 4


def test_search_by_words_scores_as_sqlite_does():
    import sqlite3

    from hybrid_search.engine.lexical import parse, tokens

    texts = [
        "bread and water",
        "water water everywhere",
        "Brot und Wasser",
        "der Mond",
        "面包和水",
        "Müller",
        "bread, bread, bread!",
    ]
    asked = ["water", "bread with water", "Brot", "面包", "水", "everyone", "Mueller", "nothing"]
    made = Benchmark(
        "words",
        tuple(Query(str(row), "en", text) for row, text in enumerate(asked)),
        tuple(Candidate(str(row), "en", text) for row, text in enumerate(texts)),
        tuple((0,) for _ in asked),
    )
    ours = words.scorer(made)(np.arange(len(texts)))(slice(0, len(asked)))
    store = sqlite3.connect(":memory:")
    store.execute("create virtual table t using fts5(terms, tokenize='ascii')")
    store.executemany(
        "insert into t(rowid, terms) values (?, ?)", [(n, " ".join(tokens(x))) for n, x in enumerate(texts)]
    )
    for row, text in enumerate(asked):
        found: dict[int, float] = {}
        for expression, weight in parse(text).expressions:
            for number, score in store.execute("select rowid, -bm25(t) from t where t match ?", (expression,)):
                found[number] = found.get(number, 0.0) + weight * score
        for column in range(len(texts)):
            expected = found.get(column, -math.inf)
            assert ours[row, column] == pytest.approx(expected, rel=1e-5)


def test_search_by_words_puts_what_it_does_not_find_last():
    found = measure_scores(bread_in_two_languages(), words.scorer(bread_in_two_languages()), encoder="bm25")
    assert found.summary()["mono"] == 1
    assert found.ranks.in_pool.tolist() == [[1, 4], [4, 1]]
    assert found.summary()["same_language_share"] == 1


def test_json_has_every_setting_and_pair():
    made, asked, passages = random_benchmark(1)
    found = measure_vectors(made, asked, passages).as_dict()
    codes = made.languages
    assert set(found["mono"]) == set(codes) == set(found["multi"])
    assert set(found["cross"]) == {f"{a}-{b}" for a, b in itertools.permutations(codes, 2)}


def test_graded_judgements_count_in_ndcg_only():
    made = benchmark([[0, 1]], grades=((3, 1),), pool=("en", "en", "en"))
    found = measure_vectors(made, np.array([[1, 0.5, 0.2]], np.float32), np.eye(3, dtype=np.float32)).summary()
    assert found["ndcg_at_10"] == 1
    swapped = measure_vectors(made, np.array([[0.5, 1, 0.2]], np.float32), np.eye(3, dtype=np.float32)).summary()
    assert swapped["ndcg_at_10"] == pytest.approx((1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3)))
    assert swapped["mono"] == 1


def test_thirteen_thousand_by_thirteen_thousand_is_never_held_at_once(monkeypatch: pytest.MonkeyPatch):
    from hybrid_search.train.measure import ranks

    sizes = []
    made, asked, passages = random_benchmark(3)

    def scorer(order):
        def scores(block):
            sizes.append((block.stop - block.start) * len(order) * 4)
            return asked[block] @ passages[order].T

        return scores

    monkeypatch.setattr(ranks, "BLOCK_BYTES", 2000)
    ranks.rank_scored(made, scorer)
    assert max(sizes) <= 2000
    assert len(sizes) > 3


def test_a_disk_that_is_full_costs_no_vector_that_was_kept(keyword_encoder, home, monkeypatch: pytest.MonkeyPatch):
    from hybrid_search.train.measure import embeddings

    monkeypatch.setattr(kept, "MOST_PARTS", 1)
    words = ["bread", "moon", "tree"]
    for word in words:
        embeddings.encode(keyword_encoder, "pool", [word])
    parts = set((home / "cache").rglob("*.npz"))

    def full(path, **_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "replacing_file", full)
    calls = keyword_encoder.calls
    embeddings.encode(keyword_encoder, "pool", words)
    assert keyword_encoder.calls == calls
    assert set((home / "cache").rglob("*.npz")) == parts
