"""What a script gives a library by a slip: told as that, never taken for damage, and never silently for less."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
from hybrid_search import Library
from hybrid_search.engine.errors import DataError, EmptyLibrary, EncoderError, HybridSearchError, LibraryError

from tests.conftest import KeywordEncoder


@pytest.fixture
def library(tmp_path: Path, keyword_encoder: KeywordEncoder):
    for code, text in {"en": "bread and water", "de": "Brot und Wasser"}.items():
        (tmp_path / "texts" / code).mkdir(parents=True)
        (tmp_path / "texts" / code / "one.txt").write_text(text, "utf-8")
    with Library.open(tmp_path / "library", create=True) as made:
        made.index([tmp_path / "texts"], encoders=[keyword_encoder])
        yield made


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda library, one: library.index("texts", encoders=[one]), "folders is 'texts'; expected: a list"),
        (lambda library, one: library.index(Path("texts"), encoders=[one]), "folders is .* expected: a list"),
        (lambda library, one: library.index([], encoders="fair"), "encoders is 'fair'; expected: a list"),
        (lambda library, one: library.index([], encoders=[one], exclude="*.md"), r"exclude is '\*.md'"),
        (lambda library, one: library.index([], encoders=[one], asked="bread"), "asked is 'bread'"),
        (lambda library, one: library.search("bread", encoder=one, languages="de"), "languages is 'de'"),
        (lambda library, one: library.search("bread", encoder=one, languages=[None]), "has the entry None"),
        (lambda library, one: library.ranks("bread", one, [1], languages="de"), "languages is 'de'"),
        (lambda library, one: library.compare("bread", encoders="fair"), "encoders is 'fair'"),
        (lambda library, one: library.compare("bread", encoders=[one], languages="de"), "languages is 'de'"),
    ],
)
def test_one_text_is_not_taken_for_several(library, keyword_encoder, given, said):
    with pytest.raises(DataError, match=said):
        given(library, keyword_encoder)
    assert library.status().passages == 2


def test_a_generator_is_as_good_as_a_list(tmp_path, library, keyword_encoder):
    again = library.index((each for each in [tmp_path / "texts"]), encoders=(each for each in [keyword_encoder]))
    assert again.unchanged == 2
    found = library.compare(
        "bread", encoders=(each for each in [keyword_encoder, "bm25"]), languages=(each for each in ["en"])
    )
    assert {name: set(counts) for name, counts in found.languages.items()} == {"keyword": {"en"}, "bm25": {"en"}}
    ids = [hit.passage.id for hit in library.search("bread", encoder=keyword_encoder).hits]
    assert [each.id for each in library.passages(each for each in ids)] == ids
    assert library.ranks("bread", keyword_encoder, (each for each in ids)).keys() == set(ids)


def test_ids_of_arrays_name_passages(library, keyword_encoder):
    ids, _ = library.vectors(keyword_encoder)
    for number in ids:
        passage = library.passage(number)
        assert passage.id == number
        assert library.document(np.int32(passage.document_id)).id == passage.document_id
        assert library.passages_of(np.int64(passage.document_id)) == [passage]
        assert passage not in library.neighbours(number)
        assert passage.language not in library.translations(number)
    assert len(library.search("bread", encoder="bm25", k=np.int64(2)).hits) == 1


@pytest.mark.parametrize(
    "asked",
    [
        lambda library, one: library.passage("1"),
        lambda library, one: library.passage(None),
        lambda library, one: library.passages([1.5]),
        lambda library, one: library.document([1]),
        lambda library, one: library.documents(after="x"),
        lambda library, one: library.neighbours(1, before=0.5),
        lambda library, one: library.ranks("bread", one, ["1"]),
        lambda library, one: library.search("bread", encoder=one, k=2.5),
        lambda library, one: library.search("bread", encoder="bm25", k="3"),
    ],
)
def test_what_is_no_whole_number_is_no_damage_of_the_library(library, keyword_encoder, asked):
    with pytest.raises(LibraryError, match="expected: a whole number") as raised:
        asked(library, keyword_encoder)
    assert "damaged" not in str(raised.value)


def test_a_number_beyond_the_databases_is_a_passage_that_is_not_there(library):
    for number in (10**30, -(10**30)):
        with pytest.raises(LibraryError, match="has no passage"):
            library.passage(number)
        assert library.passages_of(number) == []
    assert len(library.documents(limit=10**30)) == 2
    assert library.passages_of(1, 0, 10**30) == library.passages_of(1)


@pytest.mark.parametrize("path", ["", "a\0b", None, 5, b"texts", ["texts"]])
def test_a_path_that_names_nothing_is_not_the_current_folder(tmp_path, library, keyword_encoder, monkeypatch, path):
    monkeypatch.chdir(tmp_path / "texts")
    for given in (library.remove, lambda path: library.index([path], encoders=[keyword_encoder])):
        with pytest.raises(LibraryError, match="names nothing"):
            given(path)
    assert library.status().passages == 2
    if path is not None:
        with pytest.raises(LibraryError, match="names nothing"):
            Library.open(path, create=True)
    assert sorted(each.name for each in Path().iterdir()) == ["de", "en"]


@pytest.mark.parametrize("query", [None, 5, b"bread", ["bread"]])
def test_a_question_that_is_no_text_is_refused(library, keyword_encoder, query):
    for ask in (
        lambda: library.search(query, encoder=keyword_encoder),
        lambda: library.search(query, encoder="bm25"),
        lambda: library.ranks(query, keyword_encoder, [1]),
        lambda: library.judge(query, 1, 2),
        lambda: library.judged(query),
    ):
        with pytest.raises(LibraryError, match=r"query is .*; expected: a text"):
            ask()


def test_what_is_no_encoder_is_refused(library):
    for given in (None, 5, ["hybrid"], object()):
        with pytest.raises(EncoderError, match="neither an encoder nor the name of one"):
            library.search("bread", encoder=given)


def test_the_language_of_a_question_is_the_librarys_however_it_is_written(library, keyword_encoder):
    for told in ("DE", "deu", "de-AT", "German", "Deutsch"):
        found = library.compare("Brot", encoders=[keyword_encoder], query_language=told)
        assert (found.query_language.code, found.library_share) == ("de", 0.5)
    for told in ("no language", "\0", 5):
        with pytest.raises(DataError, match="is not a language"):
            library.search("Brot", encoder=keyword_encoder, query_language=told)


def test_a_closed_library_says_so(library, keyword_encoder):
    library.close()
    for ask in (
        library.status,
        library.languages,
        library.judgements,
        lambda: library.passage(1),
        lambda: library.judged("bread"),
        lambda: library.vectors(keyword_encoder),
        lambda: library.search("bread", encoder=keyword_encoder),
        lambda: library.check(repair=False),
        lambda: library.remove("texts"),
    ):
        with pytest.raises(LibraryError, match=r"was closed\. Open it again"):
            ask()


def test_every_error_comes_back_from_another_process():
    for error in (EmptyLibrary(), HybridSearchError("what", hint="next"), LibraryError("what", hint="next")):
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert (type(again), str(again), again.hint) == (type(error), str(error), error.hint)


class Odd(KeywordEncoder):
    """An encoder of somebody's own, whose vectors are changed."""

    def __init__(self, change) -> None:
        super().__init__("odd")
        self._change = change

    def _encode(self, texts):
        return self._change(super()._encode(texts))


def test_vectors_that_are_not_of_unit_length_are_refused_wherever_they_come_from(tmp_path, library, keyword_encoder):
    long = Odd(lambda vectors: vectors * 30)
    for use in (
        lambda: library.index([tmp_path / "texts"], encoders=[long]),
        lambda: library.encode_missing(long),
        lambda: library.derive(keyword_encoder, long, lambda vectors, _: vectors * 30),
    ):
        with pytest.raises(EncoderError, match="odd gave vectors that are not of unit length"):
            use()
    short = Odd(lambda vectors: vectors / np.float32(2))
    short.fingerprint = keyword_encoder.fingerprint
    with pytest.raises(EncoderError, match="odd gave vectors that are not of unit length"):
        library.search("bread", encoder=short)
    nothing = Odd(lambda vectors: vectors * 0)
    assert library.encode_missing(nothing) == 2
    assert [hit.score for hit in library.search("bread", encoder=nothing).hits] == [0.0, 0.0]


@pytest.mark.parametrize("error", [ValueError, TypeError, KeyError, MemoryError, OverflowError])
def test_an_error_of_ones_own_function_is_no_damage(tmp_path, library, keyword_encoder, error):
    def failing(*_: object) -> bool:
        raise error("one's own")

    for call in (
        lambda: library.check(progress=failing),
        lambda: library.check(cancelled=failing),
        lambda: library.check(repair=False, progress=failing),
        lambda: library.index([tmp_path / "texts"], encoders=[keyword_encoder], progress=failing),
        lambda: library.derive(keyword_encoder, Odd(lambda vectors: vectors), failing),
    ):
        with pytest.raises(error, match="one's own"):
            call()
    assert library.check().ok
