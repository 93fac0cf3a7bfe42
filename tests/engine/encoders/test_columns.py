"""Columns without vectors: fusion and reranking in a library and over a benchmark, and the models that rank again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine import encoders
from hybrid_search.engine.encoders import Column, Encoder, Fused, Reranked, Whole, before_and_after
from hybrid_search.engine.encoders.columns import load
from hybrid_search.engine.encoders.columns.forms import Forms
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


# -- models that compare every passage


class ByLetters:
    """Scores texts by how often they have the query's first letter; it counts the collections that it was given."""

    fingerprint = "letters"

    def __init__(self) -> None:
        self.pools = 0

    def scores(self, query: str, texts: list[str]) -> np.ndarray:
        return np.array([text.count(query[0]) for text in texts], dtype=np.float32)

    def pool(self, texts: list[str]):
        self.pools += 1
        return lambda query: self.scores(query, texts)


def test_a_model_that_compares_every_passage_is_a_column_like_others(library, tmp_path: Path):
    column = Whole("sparse:x", ByLetters(), 10)
    assert isinstance(column, Encoder) and library.pending(column) == 0
    found = library.search("noon", encoder=column, k=3)
    counts = {name: text.count("n") for name, text in TEXTS.items()}
    assert [hit.score for hit in found.hits] == sorted(counts.values(), reverse=True)[:3]
    assert found.exact and found.searched == len(TEXTS) and paths(found)[0] == "d"
    assert {hit.passage.language for hit in library.search("noon", encoder=column, languages=["de"]).hits} == {"de"}
    every = library.search("noon", encoder=column, k=10)
    ids = [hit.passage.id for hit in every.hits]
    assert library.ranks("noon", column, ids) == {number: rank for rank, number in enumerate(ids, 1)}
    assert list(library.compare("noon", encoders=[column, KeywordEncoder("one")], k=3).rankings) == ["sparse:x", "one"]
    # The collection was read once; once it changes, it is read again.
    assert column.scorer.pools == 1
    (tmp_path / "texts" / "f.txt").write_text("nnnnnnnnnn and a moon", "utf-8")
    library.index([tmp_path / "texts"], encoders=[])
    assert paths(library.search("noon", encoder=column, k=1)) == ["f"] and column.scorer.pools == 2


def test_it_finds_what_others_rank_again_and_is_joined_with_others(library):
    column = Whole("sparse:x", ByLetters(), 10)
    again = library.search("noon", encoder=Reranked("rerank:x", column, ByLength(), depth=2), k=2)
    assert sorted(paths(again)) == sorted(paths(library.search("noon", encoder=column, k=2)))
    joined = library.search("noon", encoder=Fused("fuse:x", [column, "bm25"]), k=5)
    assert len(joined.hits) == len(TEXTS)


def test_evaluate_measures_it_as_a_library_ranks(library):
    column = Whole("sparse:x", ByLetters(), 10)
    result = evaluate(benchmark(), ["sparse:x"], lambda _: column).results["sparse:x"]
    for row, query in enumerate(("moon", "mond", "tree")):
        score = {Path(hit.passage.path).stem: hit.score for hit in library.search(query, encoder=column, k=5).hits}
        wanted = [
            sum(other >= score[list(TEXTS)[place]] for other in score.values()) for place in benchmark().relevant[row]
        ]
        assert [rank for rank in result.ranks.in_pool[row] if rank > 0] == wanted


def test_more_passages_than_it_takes_are_refused_with_what_would_do(library):
    column = Whole("multivector:x", ByLetters(), 4)
    for work in (
        lambda: library.search("noon", encoder=column),
        lambda: evaluate(benchmark(), ["multivector:x"], lambda _: column),
    ):
        with pytest.raises(EncoderError, match="up to 4; there are 5 here") as caught:
            work()
        assert "multivector:x#of=hybrid" in str(caught.value)
    with pytest.raises(EncoderError, match="on an engine"):
        column.ranking(object(), "noon", 3)


def test_a_score_that_is_none_is_refused_by_it_too(library):
    class Broken(ByLetters):
        def scores(self, query, texts):
            return np.full(len(texts), np.nan)

    with pytest.raises(EncoderError, match="did not give a score for each of 5"):
        library.search("noon", encoder=Whole("sparse:x", Broken(), 10))


def test_forms_of_a_collection_are_made_once_and_damaged_ones_again(home: Path):
    made: list[str] = []

    def make(texts: list[str]):
        made.extend(texts)
        return [(np.arange(len(text), dtype=np.int32), np.full(len(text), 0.5, dtype=np.float32)) for text in texts]

    first = Forms("print", make).of(["abc", "", "abc", "de"], on_disk=True)
    assert [len(form[0]) for form in first] == [3, 0, 3, 2] and sorted(made) == ["", "abc", "de"]
    again = Forms("print", make).of(["de", "abc", "new"], on_disk=True)
    assert sorted(made) == ["", "abc", "de", "new"]
    for one, other in zip(first[-1], again[0], strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(Forms("other", make).of(["de"])[0][0]) == 2 and made.count("de") == 2
    (part, *_) = sorted(part for part in home.rglob("*.npz") if "print" in str(part))
    for damage in (part.read_bytes()[:-40], b"", b"no file of arrays"):
        part.write_bytes(damage)
        assert [len(form[0]) for form in Forms("print", make).of(["abc", "de", "new"], on_disk=True)] == [3, 2, 3]


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
    with pytest.raises(EncoderError, match="no vectors to neutralise"):
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
        if kind != "rerank":
            whole = load(f"{kind}:{folder}", lambda _: KeywordEncoder("one"))
            assert isinstance(whole, Whole)
            for _ in range(2):
                np.testing.assert_allclose(whole.pool(texts)(query), wanted[kind], rtol=1e-4, atol=1e-5)
                whole = load(f"{kind}:{folder}", lambda _: KeywordEncoder("one"))
            assert len(library.search("moon", encoder=whole, k=9).hits) == len(TEXTS)
        (folder / "modules.json").unlink(missing_ok=True)
        (folder / "config.json").write_text("{")
        with pytest.raises(EncoderError, match="cannot be loaded as"):
            load(f"{kind}:{folder}#of=one", lambda _: KeywordEncoder("one"))
    wide = tiny_models.cross_encoder(tmp_path / "wide", labels=3)
    with pytest.raises(EncoderError, match="3 numbers for a query and a passage"):
        load(f"rerank:{wide}#of=one", lambda _: KeywordEncoder("one"))


def test_the_parts_of_a_column_are_loaded_in_the_precision_of_stored_vectors():
    stored = encoders.load("mono", precision="fp32").fingerprint
    assert encoders.load("mono").fingerprint != stored
    for asked in ({"stored": {stored}}, {"precision": "fp32"}):
        part, words = encoders.load("fuse:mono,bm25", **asked).parts
        assert (part.fingerprint, words) == (stored, encoders.BM25)
