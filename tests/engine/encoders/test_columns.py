"""Columns without vectors: fusion and reranking in a library and over a benchmark, and the models that rank again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders import Column, Encoder, Fused, Reranked, before_and_after
from hybrid_search.engine.encoders.columns import load
from hybrid_search.engine.encoders.endpoints import consent
from hybrid_search.engine.errors import EncoderError, UnknownEncoder
from hybrid_search.engine.library.library import Library
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure.evaluation import evaluate

from tests.conftest import KeywordEncoder
from tests.support import tiny_models
from tests.support.endpoints import running

TEXTS = {
    "a": "Bread and water.",
    "b": "Der Mond über dem Haus.",
    "c": "Луна и огонь над домом у воды.",
    "d": "The moon and the moon and the moon again.",
    "e": "A tree.",
}


class ByLength:
    """Finds longer passages better."""

    fingerprint = "length"

    def scores(self, query: str, texts: list[str]) -> np.ndarray:
        return np.array([len(text) for text in texts], dtype=np.float32)


@pytest.fixture
def library(tmp_path: Path):
    (tmp_path / "texts").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "texts" / f"{name}.txt").write_text(text, "utf-8")
    with Library.open(tmp_path / "library", create=True) as made:
        made.index([tmp_path / "texts"], encoders=[KeywordEncoder("one"), KeywordEncoder("two", bias=2.0)])
        yield made


def paths(ranking) -> list[str]:
    return [Path(hit.passage.path).stem for hit in ranking.hits]


def test_fusion_is_a_column_like_others(library):
    one, two = KeywordEncoder("one"), KeywordEncoder("two", bias=2.0)
    column = Fused("fuse:one,two,bm25", [one, two, "bm25"])
    assert isinstance(column, Encoder)
    found = library.search("moon", encoder=column, k=3)
    each = [library.search("moon", encoder=part, k=100) for part in (one, two, "bm25")]
    wanted = library.fuse(each, 3)
    assert found.encoder == "fuse:one,two,bm25" and found.hits == wanted.hits and found.trace == wanted.trace
    assert library.pending(column) == 0
    comparison = library.compare("moon", encoders=[one, column], k=3)
    assert list(comparison.rankings) == ["one", column.name]


def test_what_another_finds_is_ranked_again(library):
    column = Reranked("rerank:x", KeywordEncoder("one"), ByLength(), depth=3)
    first = library.search("moon", encoder=column.first, k=3)
    found = library.search("moon", encoder=column, k=2)
    assert paths(found) == sorted(paths(first), key=lambda name: -len(TEXTS[name]))[:2]
    assert [hit.rank for hit in found.hits] == [1, 2] and found.hits[0].score == len(TEXTS[paths(found)[0]])
    ids = [hit.passage.id for hit in first.hits]
    ranks = library.ranks("moon", column, [*ids, 10**6])
    assert ranks == {
        hit.passage.id: rank for rank, hit in enumerate(library.search("moon", encoder=column, k=3).hits, 1)
    }
    assert [each if isinstance(each, str) else each.name for each in before_and_after([column, "bm25"])] == [
        "one",
        "rerank:x",
        "bm25",
    ]


def test_a_filter_is_kept_and_nothing_found_is_nothing(library):
    column = Reranked("rerank:x", "bm25", ByLength())
    assert {hit.passage.language for hit in library.search("moon", encoder=column, languages=["en"]).hits} == {"en"}
    assert library.search("unheard", encoder=column).hits == ()


def test_a_column_makes_no_vectors_and_says_so_before_anything_is_read(library, tmp_path: Path):
    column = Reranked("rerank:x", KeywordEncoder("one"), ByLength())
    for work in (
        lambda: library.index([tmp_path / "texts"], encoders=[column]),
        lambda: library.encode_missing(column),
        lambda: library.vectors(column),
        lambda: column.encode_query(["x"]),
    ):
        with pytest.raises(EncoderError, match="makes no vectors"):
            work()


def test_scores_that_are_none_are_refused(library):
    class Broken(ByLength):
        def __init__(self, given):
            self.given = given

        def scores(self, query, texts):
            return self.given

    for given in (np.array([1.0]), np.full(5, np.nan), np.zeros((5, 1, 1))):
        with pytest.raises(EncoderError, match="did not give a score"):
            library.search("moon", encoder=Reranked("rerank:x", KeywordEncoder("one"), Broken(given)))


def benchmark() -> Benchmark:
    pool = tuple(
        Candidate(name, "ru" if name == "c" else "de" if name == "b" else "en", text) for name, text in TEXTS.items()
    )
    queries = (Query("q1", "en", "moon"), Query("q1", "de", "mond"), Query("q2", "en", "tree"))
    return Benchmark("tiny", queries, pool, ((1, 2, 3), (1, 2, 3), (4,)))


def test_evaluate_measures_columns_as_a_library_ranks(library):
    one, two = KeywordEncoder("one"), KeywordEncoder("two", bias=2.0)
    made = {
        "one": one,
        "fuse:one,two": Fused("fuse:one,two", [one, two]),
        "rerank:x": Reranked("rerank:x", two, ByLength(), depth=3),
        "two": two,
    }
    found = evaluate(benchmark(), ["fuse:one,two", "rerank:x", "one"], made.__getitem__)
    # What was there before it was ranked again is shown too.
    assert list(found.results) == ["fuse:one,two", "two", "rerank:x", "one"]
    for name in ("fuse:one,two", "rerank:x"):
        ranks = found.results[name].ranks.in_pool
        for row, query in enumerate(("moon", "mond", "tree")):
            hits = library.search(query, encoder=made[name], k=5).hits
            # Equal scores of a fusion do not help: all get the last of their places.
            fused = name.startswith("fuse")
            score = {Path(hit.passage.path).stem: round(hit.score, 6) if fused else -hit.rank for hit in hits}
            wanted = [
                sum(other >= score[list(TEXTS)[place]] for other in score.values())
                for place in benchmark().relevant[row]
            ]
            assert [rank for rank in ranks[row] if rank > 0] == wanted, (name, query)


# -- names


def test_names_say_what_is_asked_first_and_how_deep():
    def other(name: str) -> KeywordEncoder:
        return KeywordEncoder(name)

    column = load("fuse:one,bm25,a%2Cb#depth=7", other)
    assert [part if isinstance(part, str) else part.name for part in column.parts] == ["one", "bm25", "a,b"]
    assert column.depth == 7
    for name in ("fuse:one", "fuse:", "fuse:a,b#depth=0", "rerank:/nowhere/at/all", "sparse:nowhere", "fuse:a,b#of=c"):
        with pytest.raises(UnknownEncoder):
            load(name, other)
    with pytest.raises(EncoderError, match="no vectors to make neutral"):
        encoders.load("fuse:one,bm25+neutral")


# -- rerankers behind endpoints


@pytest.mark.parametrize("protocol", ["tei", "cohere", "voyage"])
def test_an_endpoint_ranks_again(protocol: str, library, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(consent, "_named", set())
    with running(protocol, key="secret") as server:
        name = f"rerank:{server.name}#of=one&depth=4"
        with pytest.raises(EncoderError, match="not named yourself"):
            load(name, lambda _: KeywordEncoder("one"))
        encoders.remember(name)
        monkeypatch.setenv("HYBRID_SEARCH_KEY", "secret")
        column = load(name, lambda _: KeywordEncoder("one"))
        found = library.search("moon", encoder=column, k=4)
        assert [len(hit.passage.text) for hit in found.hits] == sorted(
            (len(h.passage.text) for h in found.hits), reverse=True
        )
        assert server.asked[-1].body["query"] == "moon" and "4 passages ranked" in column.told()
        for lie in (lambda rows: [], lambda rows: {"results": "x", "data": 1}, lambda rows: "text"):
            server.script = [lie]
            with pytest.raises(EncoderError, match="did not give a score for each of 4 passages"):
                library.search("moon", encoder=column, k=4)


def test_a_protocol_without_reranking_is_named():
    with pytest.raises(UnknownEncoder, match="Ollama has no reranking"):
        load("rerank:ollama:m", lambda _: KeywordEncoder("hybrid"))


# -- models of sentence-transformers


@pytest.mark.slow
def test_models_of_sentence_transformers_score_as_they_do_there(tmp_path: Path, library):
    from sentence_transformers import CrossEncoder, MultiVectorEncoder, SparseEncoder

    places = {
        "rerank": tiny_models.cross_encoder(tmp_path / "cross"),
        "sparse": tiny_models.sparse_encoder(tmp_path / "sparse"),
        "multivector": tiny_models.multi_vector_encoder(tmp_path / "multi"),
    }
    query, texts = "brot mond", ["mond mond", "bread water", "luna", "tree"]
    sparse, multi = SparseEncoder(str(places["sparse"])), MultiVectorEncoder(str(places["multivector"]))
    wanted = {
        "rerank": CrossEncoder(str(places["rerank"])).predict([(query, text) for text in texts]),
        "sparse": sparse.similarity(sparse.encode_query([query]), sparse.encode_document(texts))[0].numpy(),
        "multivector": multi.similarity(multi.encode_query([query]), multi.encode_document(texts))[0].numpy(),
    }
    for kind, folder in places.items():
        column = load(f"{kind}:{folder}#of=one", lambda _: KeywordEncoder("one"))
        assert isinstance(column, Column) and isinstance(column, Reranked)
        for _ in range(2):
            np.testing.assert_allclose(column.order(texts, query), wanted[kind], rtol=1e-4, atol=1e-5)
        assert len(library.search("moon", encoder=column, k=5).hits) == 5
        (folder / "modules.json").unlink(missing_ok=True)
        (folder / "config.json").write_text("{")
        with pytest.raises(EncoderError, match="cannot be loaded as"):
            load(f"{kind}:{folder}#of=one", lambda _: KeywordEncoder("one"))
    wide = tiny_models.cross_encoder(tmp_path / "wide", labels=3)
    with pytest.raises(EncoderError, match="3 numbers for a query and a passage"):
        load(f"rerank:{wide}#of=one", lambda _: KeywordEncoder("one"))
