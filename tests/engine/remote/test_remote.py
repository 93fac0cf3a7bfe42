"""A library on an engine answers as the one on disk does: same passages, same scores, same order."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hybrid_search.engine.errors import EncoderError, LibraryError
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.places import Place, absolute, place_of
from hybrid_search.engine.remote.engine import Engine
from hybrid_search.engine.remote.engine import _client as client
from hybrid_search.engine.remote.errors import Patient

from tests.support.remote_server import COPIES, written

pytest.importorskip("pymilvus", reason="needs the extra [remote]")
pytest.importorskip("milvus_lite", reason="needs the extra [remote]")

QUERIES = ("bread and water", "Mond", "дерево", "火", "น้ำ", "nothing of this", "moon")


@pytest.fixture(scope="module")
def encoders(keyword_type):
    return [keyword_type("hybrid"), keyword_type("mono", bias=2.0)]


@pytest.fixture(scope="module")
def keyword_type():
    from tests.conftest import KeywordEncoder

    return KeywordEncoder


@pytest.fixture(scope="module")
def pushed(tmp_path_factory, encoders):
    """A library on disk, and the same one pushed to Milvus Lite."""
    from hybrid_search.engine.remote.library import RemoteLibrary
    from hybrid_search.engine.remote.pushing import push

    root = tmp_path_factory.mktemp("remote")
    with Library.open(root / "library", create=True) as library:
        library.index([written(root / "texts")], encoders=encoders)
        place = Place(str(root / "engine.db"))
        push(library, place)
        with RemoteLibrary.open(place) as remote:
            assert remote.notices == []
            yield library, remote


@pytest.mark.parametrize("languages", [(), ("de",), ("en", "ru"), ("xx",), ('d"e',)])
def test_every_ranking_is_the_exact_one_with_its_scores(pushed, encoders, languages):
    library, remote = pushed
    for query in QUERIES:
        for encoder in encoders:
            for k in (1, 10, 25, 1000):
                here = library.search(query, encoder=encoder, k=k, languages=languages, exact=True)
                there = remote.search(query, encoder=encoder, k=k, languages=languages)
                assert there.hits == here.hits
                assert (there.searched, there.exact, there.query_language) == (here.searched, True, here.query_language)


def test_of_equal_passages_those_with_the_lowest_ids_are_answered(pushed, encoders):
    library, remote = pushed
    hits = remote.search("water moon", encoder=encoders[0], k=10).hits
    assert len({hit.passage.text for hit in hits}) == 1 and COPIES > 10
    assert hits == library.search("water moon", encoder=encoders[0], k=10).hits


def test_comparisons_and_fused_rankings_are_the_same(pushed, encoders):
    library, remote = pushed
    here, there = (each.compare("bread", encoders=encoders, k=8) for each in pushed)
    assert there.overlap == here.overlap and there.languages == here.languages
    assert there.library_share == here.library_share and there.same_language_share == here.same_language_share
    rankings = [remote.search("bread", encoder=encoder) for encoder in encoders]
    assert remote.fuse(rankings, 5).hits == library.fuse(list(here.rankings.values()), 5).hits


def test_passages_have_the_same_neighbours_translations_and_ranks(pushed, encoders):
    library, remote = pushed
    ids, _ = library.vectors(encoders[0])
    for number in ids.tolist():
        assert remote.passage(number) == library.passage(number)
        assert remote.neighbours(number, 2, 2) == library.neighbours(number, 2, 2)
        assert remote.translations(number) == library.translations(number)
    assert any(remote.translations(number) for number in ids.tolist())
    for query in QUERIES[:3]:
        wanted = [*ids.tolist(), 10_000]
        assert remote.ranks(query, encoders[1], wanted) == library.ranks(query, encoders[1], wanted)
        assert remote.ranks(query, encoders[1], wanted[:3]) == library.ranks(query, encoders[1], wanted[:3])


def test_what_it_holds_is_told_as_on_disk(pushed, encoders):
    library, remote = pushed
    here, there = library.status(), remote.status()
    assert (there.passages, there.documents, there.files) == (here.passages, here.documents, here.files)
    assert there.encoders == here.encoders and there.folders == here.folders
    assert remote.languages() == library.languages() and remote.encoders() == library.encoders()
    assert remote.pending(encoders[0]) == 0
    for mine, its in zip(library.vectors(encoders[0]), remote.vectors(encoders[0]), strict=True):
        assert np.array_equal(mine, its)
    ids = [*library.vectors(encoders[0])[0].tolist(), 10_000]
    assert remote.languages_of(ids) == library.languages_of(ids)
    json.dumps(there.as_dict())


def test_what_it_cannot_do_is_said(pushed, encoders, keyword_type, monkeypatch):
    _, remote = pushed
    with pytest.raises(LibraryError, match="cannot be searched by words"):
        remote.search("bread", encoder="bm25")
    with pytest.raises(EncoderError, match="neither an encoder nor the name of one"):
        remote.search("bread", encoder=None)
    with pytest.raises(LibraryError, match=r"no vectors of other; it has hybrid, mono\."):
        remote.search("bread", encoder=keyword_type("other"))
    with pytest.raises(LibraryError, match="has changed since"):
        remote.search("bread", encoder=keyword_type("mono", bias=1.0))
    with pytest.raises(LibraryError, match="no passage 10000"):
        remote.passage(10_000)
    assert len(remote.search("bread", encoder=encoders[0], k=10**30).hits) == remote.status().passages
    monkeypatch.setattr("hybrid_search.engine.remote.library.MOST_HITS", 4)
    with pytest.raises(LibraryError, match="Ask for less"):
        remote.search("bread", encoder=encoders[0], k=3)
    assert remote.pending(keyword_type("other")) == remote.status().passages


def test_a_library_on_an_engine_is_not_opened_for_writing(pushed):
    for place in (pushed[1].path, "http://127.0.0.1:1", Path("http://127.0.0.1:1")):
        with pytest.raises(LibraryError, match="only be read there"):
            Library.open(place, create=True)


def test_places_are_told_from_folders(tmp_path):
    assert Place.parse("http://host:19530/") == Place("http://host:19530")
    assert Place.parse("milvus://host:19530#news") == Place("http://host:19530", "news")
    assert str(Place.parse("new.db#a1")) == "new.db#a1" and Place.parse("new.db").local
    # A path loses one of the slashes.
    assert place_of(Path("https://host:1/base#news")) == Place("https://host:1/base", "news")
    (tmp_path / "engine.db").mkdir()
    assert place_of(tmp_path / "engine.db") == Place(str(tmp_path / "engine.db"))
    (tmp_path / "engine.db" / "library.db").touch()
    for path in (tmp_path, tmp_path / "engine.db", tmp_path / "missing.db", "C:/texts", "library"):
        assert place_of(path) is None
    for wrong in ("ftp://host", "folder", "http://host#a b", "x.db#é"):
        with pytest.raises(LibraryError):
            Place.parse(wrong)
    with pytest.raises(LibraryError, match="'http://host:port' is not the address"):
        place_of(Path("http://me:secret@host:port"))


def test_without_the_extra_it_says_what_to_install(monkeypatch, tmp_path):
    from hybrid_search.engine.remote.library import RemoteLibrary

    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(LibraryError, match="pip install"):
        RemoteLibrary.open("http://127.0.0.1:1")


def test_a_missing_file_and_a_silent_address_are_said(tmp_path):
    from hybrid_search.engine.remote.library import RemoteLibrary

    with pytest.raises(LibraryError, match="There is no library at"):
        RemoteLibrary.open(str(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(LibraryError, match="cannot be reached"):
        RemoteLibrary.open("http://127.0.0.1:1")


def test_an_address_that_is_none_is_said_in_words():
    for wrong in ("http://[::1", "http://host:port", "http://host:99999", "tcp://#news", "http://ho st"):
        for asked in (Place.parse, place_of, Library.open):
            with pytest.raises(LibraryError, match="not the address of an engine"):
                asked(wrong)


@pytest.mark.parametrize(
    "address",
    [
        "http://root:Secret@127.0.0.1:1",
        "http://root:Secret@127.0.0.1:1#news",
        "http://root:Se#cr@Secret@127.0.0.1:1#news",
        "tcp:/root:Secret@127.0.0.1:1",
        "http://root:Secret@[::1",
        "http://root:Secret@127.0.0.1:port",
        "http://root:Secret@127.0.0.1:1#no name",
        "ftp://root:Secret@127.0.0.1",
    ],
)
def test_a_password_in_an_address_is_in_no_message(address):
    from hybrid_search.engine.remote import RemoteLibrary

    for asked in (RemoteLibrary.open, Library.open):
        with pytest.raises(LibraryError) as error:
            asked(address)
        assert "Secret" not in str(error.value)


def test_a_password_in_an_address_is_what_the_engine_is_given(monkeypatch):
    from hybrid_search.engine.remote import engine

    given = []
    place = Place.parse("http://root:a%2Fb@host:19530#news")
    assert place == Place("http://host:19530", "news", "root:a/b") and "a/b" not in repr(place)
    monkeypatch.setenv("HYBRID_SEARCH_TOKEN", "other")
    engine._client(lambda **named: given.append(named), place)
    engine._client(lambda **named: given.append(named), Place("http://host:19530"))
    assert [(each["uri"], each["token"]) for each in given] == [
        ("http://host:19530", "root:a/b"),
        ("http://host:19530", "other"),
    ]


def test_an_address_is_the_same_from_every_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for address in ("http://host:19530", "http:/host:19530", "tcp://host#news"):
        assert absolute(address) == address
    assert absolute("library") == str(tmp_path / "library")
    assert absolute("engine.db#news") == str(tmp_path / "engine.db#news")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("auth check failure, please check username and password are correct", "refuses access"),
        ("PrivilegeSearch: permission deny to reader", "refuses access"),
        ("invalid token", "refuses access"),
        ('cannot parse expression: path in ["/home/auth/token.md"], error: too long', "failed"),
        ("cannot open '/data/permission denied/auth failed.md'", "failed"),
        ("no space for /srv/authors/unauthenticated/x", "failed"),
        ('field "connection closed" not found', "failed"),
        ("bad path /data/timeout/unavailable.md", "failed"),
        ("cannot read /opt/milvus-lite/engine.db", "failed"),
        ("Fail connecting to server on auth-token.example:19530, illegal connection params", "cannot be reached"),
    ],
)
def test_words_that_only_stand_in_a_path_say_nothing_about_the_cause(message, said):
    from hybrid_search.engine.remote.errors import saying
    from pymilvus.exceptions import MilvusException

    with pytest.raises(LibraryError, match=said), saying(Place("http://auth-token.example:19530")):
        raise MilvusException(code=1, message=message)


@pytest.fixture
def engine(tmp_path):
    from hybrid_search.engine.remote.engine import Engine

    made = Engine.connect(Place(str(tmp_path / "facts.db")), create=True)
    yield made
    made.close()


def facts_of(folders: list[str]):
    from hybrid_search.engine.remote.facts import Facts

    return Facts("/source", True, 3, 2, 1, folders, {"en": 3}, [])


def test_a_library_of_many_folders_is_told_in_several_records(engine):
    from hybrid_search.engine.remote.facts import FACTS, Facts

    many = facts_of(
        [f"/home/some body/documents/häuser und gärten/数据 {n:04}/“quoted”/texts.md" for n in range(1_000)]
    )
    few = facts_of(["/home/texts"])
    assert Facts.read(engine) is None
    few.write(engine)
    assert Facts.read(engine) == few
    many.write(engine)
    assert Facts.read(engine) == many and engine.count(FACTS) > 2
    more = facts_of([*many.folders, "/one/more"])
    more.write(engine)
    assert Facts.read(engine) == more
    few.write(engine)
    assert Facts.read(engine) == few and engine.count(FACTS) == 1


def test_facts_that_another_version_wrote_are_said(engine):
    from hybrid_search.engine.remote.facts import FACTS, Facts

    facts_of([]).write(engine)
    for text in ('{"pieces": ["library-0"]}', '{"source": "/x"}', "[", '{"pieces": 7}', "[]"):
        engine.put_table(FACTS, [{"name": "library", "value": text}])
        with pytest.raises(LibraryError, match="another version"):
            Facts.read(engine)


def test_a_table_with_more_rows_than_one_answer_holds_is_looked_up_whole(pushed, encoders, monkeypatch):
    from hybrid_search.engine.remote import engine

    library, remote = pushed
    monkeypatch.setattr(engine, "MOST_HITS", 20)
    table = next(hit.passage for hit in library.search("water moon", encoder=encoders[0]).hits)
    found = remote._passages.documents_at([table.path], f"row {COPIES}")
    assert found == library._reading.documents_at([table.path], f"row {COPIES}") and len(found) == 1
    assert remote._passages.documents_at([table.path], 'no "row"') == {}
    ids = library.vectors(encoders[0])[0].tolist()
    assert remote.passages(ids) == library.passages(ids) and len(ids) > 40


class OldMilvus:
    """Answers as a Milvus of some version does that holds nothing."""

    def __init__(self, version):
        import grpc
        from pymilvus.grpc_gen import milvus_pb2, milvus_pb2_grpc

        class Answers(milvus_pb2_grpc.MilvusServiceServicer):
            def Connect(self, request, context):
                return milvus_pb2.ConnectResponse(identifier=1)

            def ShowCollections(self, request, context):
                return milvus_pb2.ShowCollectionsResponse()

            def GetVersion(self, request, context):
                return milvus_pb2.GetVersionResponse(version=version)

        self.server = grpc.server(ThreadPoolExecutor(2))
        milvus_pb2_grpc.add_MilvusServiceServicer_to_server(Answers(), self.server)
        self.uri = f"http://127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()


@pytest.mark.parametrize("create", [True, False])
def test_a_server_that_is_too_old_is_refused_before_anything_is_asked_of_it(create):
    old = OldMilvus("v2.3.12")
    try:
        with pytest.raises(LibraryError, match=r"Milvus 2\.3\.12; 2\.4 or later is needed"):
            Engine.connect(Place(old.uri), create=create)
    finally:
        old.server.stop(None).wait()


def test_a_server_that_is_new_enough_is_not():
    new = OldMilvus("v2.4.1")
    try:
        Engine.connect(Place(new.uri)).close()
    finally:
        new.server.stop(None).wait()


class LostAnswer:
    """A client whose answer to the making of an index is lost: it is asked again, and has it by then."""

    def __init__(self, made):
        self.made = made
        self.indexes = []

    def create_index(self, name, index):
        from pymilvus.exceptions import MilvusException

        if self.made and not self.indexes:
            self.indexes = ["vector"]
            raise MilvusException(message="GOAWAY received: unavailable")
        raise MilvusException(message="index already exists for field 'vector'; call drop_index first")

    def list_indexes(self, name):
        return self.indexes

    def describe_index(self, name, field):
        return {"index_type": "HNSW"}

    def __getattr__(self, name):
        return lambda *given, **named: IndexParams() if name == "prepare_index_params" else True


class IndexParams:
    def add_index(self, *given, **named):
        pass


def test_an_index_whose_making_was_not_answered_is_not_made_twice():
    engine = Engine(Place("http://host"), Patient(LostAnswer(made=True)))
    engine.make_vectors("vectors", 4, "HNSW")


def test_an_index_that_cannot_be_made_is_an_error():
    engine = Engine(Place("http://host"), Patient(LostAnswer(made=False)))
    with pytest.raises(LibraryError, match="index already exists"):
        engine.make_vectors("vectors", 4, "HNSW")


def test_milvus_lite_is_not_asked_so_often_that_it_hangs_up():
    asked = []
    client(lambda **options: asked.append(options["grpc_options"]), Place("/a/file.db"))
    client(lambda **options: asked.append(options["grpc_options"]), Place("http://host"))
    assert asked[0]["grpc.keepalive_time_ms"] > 300_000
    assert "grpc.keepalive_time_ms" not in asked[1]
