"""A push is finished by the next one, whatever stopped it; engines that go away take nothing with them."""

from __future__ import annotations

import pytest
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.library.library import Library

from tests.support.remote_server import Server, written

pytest.importorskip("pymilvus", reason="needs the extra [remote]")
pytest.importorskip("milvus_lite", reason="needs the extra [remote]")

from hybrid_search.engine.places import Place
from hybrid_search.engine.remote import errors as remote_errors
from hybrid_search.engine.remote import pushing as remote_push
from hybrid_search.engine.remote.engine import Engine
from hybrid_search.engine.remote.library import RemoteLibrary
from hybrid_search.engine.remote.pushing import push
from pymilvus.exceptions import MilvusException

QUERIES = ("bread and water", "Mond", "火", "nothing of this")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("server") / "data")
    made.start()
    yield made
    made.kill()


@pytest.fixture
def place(server, request) -> Place:
    """A name of its own on the server, so that tests do not meet."""
    if server.process is None:
        server.start()
    name = "".join(letter if letter.isalnum() else "_" for letter in request.node.name)
    return Place(server.uri, name)


@pytest.fixture
def library(tmp_path, keyword_encoder):
    with Library.open(tmp_path / "library", create=True) as made:
        made.index([written(tmp_path / "texts")], encoders=[keyword_encoder])
        yield made


@pytest.fixture(autouse=True)
def small_requests(monkeypatch):
    """Several requests for a few records, so that there is a middle to stop in."""
    monkeypatch.setattr(remote_push, "_RECORDS", 10)


def same(library: Library, place: Place, encoder, *, exact: bool = False) -> bool:
    with RemoteLibrary.open(place) as remote:
        assert remote.notices == []
        return all(
            remote.search(query, encoder=encoder, k=20, languages=codes, exact=exact).hits
            == library.search(query, encoder=encoder, k=20, languages=codes, exact=True).hits
            for query in QUERIES
            for codes in ((), ("de",))
        )


def test_only_what_differs_is_sent(library, place, tmp_path, keyword_encoder, keyword_encoder_type):
    first = push(library, place)
    total = first.passages
    assert (first.sent, first.deleted, first.vectors) == (2 * total, 0, {"keyword": total}) and total > 40
    assert push(library, place).sent == 0
    (tmp_path / "texts" / "en" / "moon.md").unlink()
    (tmp_path / "texts" / "de" / "moon.md").write_text("# Mond\n\nDer Mond ist ein Haus aus Brot.", "utf-8")
    (tmp_path / "texts" / "de" / "bread.md").rename(tmp_path / "texts" / "de" / "brot.md")
    other = keyword_encoder_type("other", bias=1.0)
    library.index([tmp_path / "texts"], encoders=[keyword_encoder, other])
    events = []
    second = push(library, place, progress=events.append)
    # The passages of the changed and of the renamed document with their vectors, and all vectors of the other encoder.
    assert second.sent == 4 + second.passages
    assert second.deleted == 2 * (total - second.passages + 2)
    assert {"passages sent", "vectors of keyword", "vectors of other"} <= {event.stage for event in events}
    assert same(library, place, keyword_encoder) and same(library, place, other)
    assert library.forget_encoder("other")
    push(library, place)
    with RemoteLibrary.open(place) as remote:
        assert remote.encoders() == ["keyword"]


def test_what_killed_pushes_left_of_encoders_is_taken_away_by_the_next(library, place):
    push(library, place)
    engine = Engine.connect(place)
    engine.make_vectors(remote_push.vectors_name("of an encoder that nothing tells of"), 4, "FLAT")
    assert len(engine.collections()) == 4
    push(library, place)
    assert sorted(engine.collections()) == sorted(
        ["facts", "passages", remote_push.vectors_name(library._reading.encoders()[0].fingerprint)]
    )
    engine.close()


@pytest.mark.parametrize("requests", [1, 6, 9])
def test_a_push_that_was_stopped_goes_on_where_it_ended(library, place, keyword_encoder, monkeypatch, requests):
    sent: list[int] = []
    real = Engine.put

    def put(self, name, records):
        if "whole" not in str(records):  # what is told about the library itself
            if len(sent) == requests:
                raise KeyboardInterrupt
            sent.append(len(records))
        real(self, name, records)

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "put", put)
        with pytest.raises(KeyboardInterrupt):
            push(library, place)
    with RemoteLibrary.open(place) as remote:
        assert "is not complete" in remote.notices[0]
        assert remote.pending(keyword_encoder) > 0
    rest = push(library, place)
    assert rest.sent == 2 * rest.passages - sum(sent)
    assert same(library, place, keyword_encoder)


def test_a_cancelled_push_says_so(library, place, keyword_encoder):
    asked = iter([False] * 5 + [True] * 1000)
    stopped = push(library, place, cancelled=lambda: next(asked))
    assert stopped.cancelled and 0 < stopped.sent < 100
    assert not push(library, place).cancelled
    assert same(library, place, keyword_encoder)


def test_an_engine_killed_in_the_middle_loses_nothing(library, place, server, keyword_encoder, monkeypatch):
    real, calls = Engine.put, []

    def put(self, name, records):
        real(self, name, records)
        calls.append(name)
        if len(calls) == 8:
            server.kill()

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "put", put)
        with pytest.raises(LibraryError, match="cannot be reached") as said:
            push(library, place)
    assert "same command again" in said.value.hint
    server.start()
    report = push(library, place)
    assert report.sent < 2 * report.passages
    assert same(library, place, keyword_encoder)


def test_an_engine_that_goes_while_it_is_asked_is_missed_clearly_and_answers_when_it_is_back(
    library, place, server, keyword_encoder, monkeypatch
):
    push(library, place)
    with RemoteLibrary.open(place) as remote:
        before = remote.search("bread", encoder=keyword_encoder).hits
        server.kill()
        with monkeypatch.context() as patch:
            patch.setattr(remote_errors, "PATIENCE_SECONDS", 0)
            for ask in (
                lambda: remote.search("bread", encoder=keyword_encoder),
                remote.languages,
                remote.status,
                lambda: remote.vectors(keyword_encoder),
                lambda: RemoteLibrary.open(place),
            ):
                with pytest.raises(LibraryError, match="cannot be reached"):
                    ask()
        # However often it was asked meanwhile, it is not missed for longer than a call waits.
        server.start()
        assert remote.search("bread", encoder=keyword_encoder).hits == before


def test_a_call_waits_for_an_engine_that_is_away_for_a_moment_and_for_no_other_failure(monkeypatch):
    monkeypatch.setattr(remote_errors, "_PAUSE_SECONDS", 0)
    calls = []

    class Client:
        def search(self, *said):
            calls.append(said)
            if len(calls) < 4:
                raise MilvusException(code=2, message="Fail connecting to server")
            return "found"

        def flush(self):
            calls.append("flush")
            raise MilvusException(code=7, message="no such collection")

    patient = remote_errors.Patient(Client())
    assert patient.search("bread") == "found" and calls == [("bread",)] * 4
    with pytest.raises(MilvusException, match="no such collection"):
        patient.flush()
    assert calls.count("flush") == 1


def test_another_library_does_not_take_a_name_unasked(library, place, tmp_path, keyword_encoder):
    push(library, place)
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "fire.md").write_text("# Fire\n\nThe fire burns in the house.", "utf-8")
    with Library.open(tmp_path / "second", create=True) as second:
        second.index([tmp_path / "others"], encoders=[keyword_encoder])
        with pytest.raises(LibraryError, match="holds another library, pushed from"):
            push(second, place)
        assert same(library, place, keyword_encoder)
        beside = Place(place.uri, place.name + "_2")
        push(second, beside)
        assert same(second, beside, keyword_encoder) and same(library, place, keyword_encoder)
        push(second, place, replace=True)
        assert same(second, place, keyword_encoder)


def test_an_approximate_index_is_said_to_be_one_and_exact_search_stays_exact(library, place, keyword_encoder):
    push(library, place)
    report = push(library, place, index="hnsw")
    assert report.sent == 0
    with RemoteLibrary.open(place) as remote:
        assert not remote.search("bread", encoder=keyword_encoder).exact
        assert remote.search("bread", encoder=keyword_encoder, exact=True).exact
        assert remote.status().encoders[0].indexed
        ids = library.vectors(keyword_encoder)[0].tolist()
        assert remote.ranks("bread", keyword_encoder, ids) == library.ranks("bread", keyword_encoder, ids)
    assert same(library, place, keyword_encoder, exact=True)
    push(library, place, index="exact")
    assert same(library, place, keyword_encoder)


def test_an_index_change_that_was_stopped_is_finished_by_the_next_push(library, place, keyword_encoder, monkeypatch):
    push(library, place)

    def stopped(*_arguments, **_options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pymilvus.MilvusClient.create_index", stopped)
        with pytest.raises(KeyboardInterrupt):
            push(library, place, index="hnsw")
    push(library, place, index="exact")
    assert same(library, place, keyword_encoder)


def test_records_that_an_engine_lost_are_noticed(library, place, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "put_table", lambda self, name, records: None)
        with pytest.raises(LibraryError, match="holds 0 records of"):
            push(library, place)
