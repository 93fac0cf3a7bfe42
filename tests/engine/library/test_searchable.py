"""One protocol for every library that can be asked: on disk or on an engine, the same answers to the same questions."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.library.searchable import Searchable
from hybrid_search.engine.places import Place
from hybrid_search.engine.search import neutralised

from tests.conftest import KeywordEncoder
from tests.support.remote_server import written

QUERIES = ("bread and water", "Mond", "огонь", "水")
# Enough texts of each language for a mean of its own.
MORE = {
    "en": ("bread", "water", "moon", "tree", "fire", "house"),
    "de": ("Brot", "Wasser", "Mond", "Baum", "Feuer", "Haus"),
    "ru": ("хлеб", "вода", "луна", "дерево", "огонь", "дом"),
}


@pytest.fixture(scope="module")
def encoder():
    return KeywordEncoder("mono", bias=2.0)


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory, encoder):
    root = tmp_path_factory.mktemp("searchable")
    texts = written(root / "texts")
    for code, words in MORE.items():
        for number, word in enumerate(words * 2):
            (texts / code / f"{number}.txt").write_text(f"{word} {number} {words[number % 3]}", "utf-8")
    with Library.open(root / "library", create=True) as library:
        library.index([texts], encoders=[encoder])
        yield library


@pytest.fixture(scope="module")
def on_engine(tmp_path_factory, on_disk):
    pytest.importorskip("pymilvus", reason="needs the extra [remote]")
    pytest.importorskip("milvus_lite", reason="needs the extra [remote]")
    from hybrid_search.engine.remote import RemoteLibrary, push

    place = Place(str(tmp_path_factory.mktemp("engine") / "engine.db"))
    push(on_disk, place)
    with RemoteLibrary.open(place) as library:
        yield library


@pytest.fixture(params=["on_disk", "on_engine"])
def library(request):
    return request.getfixturevalue(request.param)


def test_both_are_what_the_protocol_asks_for(library):
    assert isinstance(library, Searchable)
    names = [name for name in vars(Searchable) if not name.startswith("_")]
    assert len(names) > 15
    for name in names:
        promised, kept = getattr(Searchable, name), getattr(type(library), name)
        assert (kept is promised) == (name in ("compare", "fuse")), name
        if inspect.isfunction(promised):
            assert inspect.signature(kept) == inspect.signature(promised), name


def test_a_library_on_an_engine_inherits_nothing_of_one_on_disk(on_engine):
    assert type(on_engine).__mro__[1:] == Searchable.__mro__


def test_passages_come_in_the_order_asked_for_and_missing_ones_are_left_out(library, encoder):
    ids = library.vectors(encoder)[0].tolist()
    wanted = [ids[5], 10_000, ids[0], ids[3], ids[0]]
    assert library.passages(wanted) == [library.passage(ids[n]) for n in (5, 0, 3, 0)]
    assert library.passages([]) == []
    with pytest.raises(LibraryError, match="no passage 10000"):
        library.passage(10_000)


@pytest.mark.parametrize("neutral", [False, True])
@pytest.mark.parametrize("languages", [(), ("de",), ("en", "ru"), ("xx",)])
def test_a_passage_ranks_where_the_search_has_it(library, encoder, languages, neutral):
    ids = library.vectors(encoder)[0].tolist()
    for query in QUERIES:
        found = library.search(query, encoder=encoder, k=1000, languages=languages, exact=True, neutral=neutral)
        ranks = library.ranks(query, encoder, [*ids, 10_000], languages=languages, neutral=neutral)
        assert ranks == {hit.passage.id: hit.rank for hit in found.hits}
        assert found.searched == len(found.hits)
        some = [hit.passage.id for hit in found.hits[3:5]]
        assert library.ranks(query, encoder, some, languages=languages, neutral=neutral) == {
            number: rank for rank, number in enumerate(some, 4)
        }


def test_neutral_is_each_vector_without_the_mean_of_its_language(library, encoder):
    ids, vectors = library.vectors(encoder)
    codes = np.array(library.languages_of(ids))
    means = {code: vectors[codes == code].mean(axis=0) for code in set(codes) if (codes == code).sum() >= 8}
    assert {"en", "de", "ru"} <= set(means)
    other = np.mean([means[code] for code in sorted(means)], axis=0)

    def without(vector, code):
        rest = vector - means.get(code, other)
        return rest / max(np.linalg.norm(rest), 1e-12)

    found = library.search("Brot und Feuer", encoder=encoder, k=1000, neutral=True)
    assert found.query_language.code == "de" and found.exact and found.encoder == "mono"
    asked = without(encoder.encode_query(["Brot und Feuer"])[0], "de")
    expected = {int(n): float(without(v, c) @ asked) for n, v, c in zip(ids, vectors, codes, strict=True)}
    assert [hit.score for hit in found.hits] == pytest.approx(
        [expected[hit.passage.id] for hit in found.hits], abs=1e-5
    )
    assert len(found.hits) == len(ids)
    best_first = sorted(found.hits, key=lambda hit: (-hit.score, hit.passage.id))
    assert list(found.hits) == best_first, "of equals the lower id first"
    plain = library.search("Brot und Feuer", encoder=encoder, k=10)
    own = [sum(hit.passage.language == "de" for hit in ranking.hits[:10]) for ranking in (plain, found)]
    assert own[1] < own[0], "the bias towards the question's language is gone"


def test_a_question_s_language_may_be_told(library, encoder):
    told = library.search("Brot", encoder=encoder, neutral=True, query_language="ru")
    assert told.query_language.code == "ru" and told.query_language.confidence == 1.0
    assert told.hits != library.search("Brot", encoder=encoder, neutral=True, query_language="de").hits
    assert library.compare("Brot", encoders=[encoder], query_language="ru").query_language.code == "ru"


def test_both_give_the_same_comparison(on_disk, on_engine, encoder):
    for languages in ((), ("en", "de"), ("ru",)):
        for neutral in (False, True):
            here, there = (
                library.compare("bread", encoders=[encoder], k=7, languages=languages, exact=True, neutral=neutral)
                for library in (on_disk, on_engine)
            )
            assert here.rankings["mono"].hits == there.rankings["mono"].hits
            assert (here.shares, here.library_share, here.bias) == (there.shares, there.library_share, there.bias)


def test_means_are_estimated_once_for_many_questions(library, encoder, monkeypatch):
    made = []
    monkeypatch.setattr(neutralised, "fit", lambda *given, fit=neutralised.fit: made.append(given) or fit(*given))
    library.search("bread", encoder=encoder, neutral=True)
    made.clear()
    for query in QUERIES:
        library.search(query, encoder=encoder, neutral=True, languages=("de",))
        library.ranks(query, encoder, [1], neutral=True)
    assert made == []


def test_means_are_estimated_anew_when_the_library_has_changed(tmp_path, keyword_encoder):
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(9):
        (texts / f"{number}.txt").write_text(f"bread and water and house {number}")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([texts], encoders=[keyword_encoder])
        before = library.search("moon", encoder=keyword_encoder, neutral=True)
        (texts / "new.txt").write_text("the moon shines on the house")
        library.index([texts], encoders=[keyword_encoder])
        after = library.search("moon", encoder=keyword_encoder, neutral=True)
        assert (before.searched, after.searched) == (9, 10)
        assert after.hits[0].passage.path.endswith("new.txt")


def test_another_push_is_noticed_by_a_library_that_is_open(tmp_path, keyword_encoder):
    pytest.importorskip("milvus_lite", reason="needs the extra [remote]")
    from hybrid_search.engine.remote import RemoteLibrary, push

    texts, place = tmp_path / "texts", Place(str(tmp_path / "engine.db"))
    texts.mkdir()
    for number in range(9):
        (texts / f"{number}.txt").write_text(f"bread and water and house {number}")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([texts], encoders=[keyword_encoder])
        push(library, place)
        with RemoteLibrary.open(place) as remote:
            remote.search("moon", encoder=keyword_encoder, neutral=True)
            # As many passages as before.
            (texts / "0.txt").write_text("the moon shines on the house")
            library.index([texts], encoders=[keyword_encoder])
            push(library, place)
            found = remote.search("moon", encoder=keyword_encoder, neutral=True)
            assert found.hits == library.search("moon", encoder=keyword_encoder, neutral=True).hits
            assert found.hits[0].passage.path.endswith("0.txt")


def test_words_stay_words_when_neutral(on_disk):
    plain, neutral = (on_disk.search("bread", encoder="bm25", neutral=neutral).hits for neutral in (False, True))
    assert plain == neutral != ()


def test_nothing_to_compare_is_said(library):
    with pytest.raises(LibraryError, match="nothing to compare"):
        library.compare("bread", encoders=[])
