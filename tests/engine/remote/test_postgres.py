"""A library in PostgreSQL answers as the one on disk does; what goes wrong is said with the next step."""

from __future__ import annotations

from pathlib import Path

import pytest
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.places import Place, place_of, shown
from hybrid_search.engine.remote.conditions import Between, among, in_milvus, in_sql
from hybrid_search.engine.remote.engine import require_version

from tests.support.postgres_server import PostgresServer, programs
from tests.support.remote_server import COPIES, written

QUERIES = ("bread and water", "Mond", "дерево", "火", "nothing of this")


@pytest.fixture(scope="module")
def server():
    pytest.importorskip("pg8000", reason="needs the extra [pgvector]")
    if programs() is None:
        pytest.skip("no PostgreSQL with pgvector is installed")
    made = PostgresServer()
    yield made
    made.close()


@pytest.fixture(scope="module")
def encoders():
    from tests.conftest import KeywordEncoder

    return [KeywordEncoder("hybrid"), KeywordEncoder("mono", bias=2.0)]


@pytest.fixture(scope="module")
def library(tmp_path_factory, encoders):
    root = tmp_path_factory.mktemp("postgres")
    with Library.open(root / "library", create=True) as made:
        made.index([written(root / "texts")], encoders=encoders)
        yield made


@pytest.fixture(scope="module")
def pushed(server, library):
    from hybrid_search.engine.remote.library import RemoteLibrary
    from hybrid_search.engine.remote.pushing import push

    place = Place.parse(server.uri)
    report = push(library, place)
    assert report.sent == report.passages + sum(report.vectors.values()) > COPIES
    with RemoteLibrary.open(place) as remote:
        assert remote.notices == []
        yield remote


@pytest.mark.parametrize("languages", [(), ("de",), ("en", "ru"), ("xx",), ('d"e',), ("d'e;--",)])
def test_every_ranking_is_the_exact_one_with_its_scores(library, pushed, encoders, languages):
    for query in QUERIES:
        for encoder in encoders:
            for k in (1, 10, 1000):
                here = library.search(query, encoder=encoder, k=k, languages=languages, exact=True)
                there = pushed.search(query, encoder=encoder, k=k, languages=languages)
                assert there.hits == here.hits
                assert (there.searched, there.exact) == (here.searched, True)


def test_passages_neighbours_and_ranks_are_those_of_the_library(library, pushed, encoders):
    hits = library.search("moon", encoder=encoders[0], k=5).hits
    for hit in hits:
        assert pushed.passage(hit.passage.id) == library.passage(hit.passage.id)
        assert pushed.neighbours(hit.passage.id) == library.neighbours(hit.passage.id)
        assert pushed.translations(hit.passage.id) == library.translations(hit.passage.id)
    ids = [hit.passage.id for hit in hits]
    assert pushed.ranks("moon", encoders[0], ids) == library.ranks("moon", encoders[0], ids)
    assert pushed.languages() == library.languages()


def test_a_second_push_sends_what_has_changed_and_an_index_can_be_had(server, tmp_path, encoders):
    from hybrid_search.engine.remote.library import RemoteLibrary
    from hybrid_search.engine.remote.pushing import push

    place = Place.parse(f"{server.uri}#other")
    folder = written(tmp_path / "texts")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([folder], encoders=encoders[:1])
        push(library, place)
        assert push(library, place).sent == 0
        (folder / "en/bread.md").unlink()
        (folder / "en/fire.md").write_text("# Fire\n\nThe fire burns in the oven.")
        library.index([folder], encoders=encoders[:1])
        report = push(library, place, index="hnsw")
        assert report.sent == 2 and report.deleted == 2
        with RemoteLibrary.open(place) as remote:
            found = remote.search("fire", encoder=encoders[0], k=3)
            assert not found.exact
            assert found.hits == library.search("fire", encoder=encoders[0], k=3, exact=True).hits
        assert push(library, place, index="exact").sent == 0


def test_a_server_that_went_away_is_named_and_one_that_came_back_answers(server, pushed, encoders, monkeypatch):
    from hybrid_search.engine.remote import postgres
    from hybrid_search.engine.remote.library import RemoteLibrary

    before = pushed.search("moon", encoder=encoders[0], k=3).hits
    monkeypatch.setattr(postgres, "PATIENCE_SECONDS", 0.0)
    server.kill()
    try:
        with pytest.raises(LibraryError, match="cannot be reached") as raised:
            pushed.search("moon", encoder=encoders[0], k=3)
        assert "run the same command again" in raised.value.hint
        with pytest.raises(LibraryError, match="cannot be reached"):
            RemoteLibrary.open(Place.parse(server.uri))
    finally:
        server.start()
    assert pushed.search("moon", encoder=encoders[0], k=3).hits == before


def test_what_is_not_there_or_not_allowed_is_said(server):
    from hybrid_search.engine.remote.library import RemoteLibrary

    with pytest.raises(LibraryError, match=r"There is no library at .*#nothing"):
        RemoteLibrary.open(Place.parse(f"{server.uri}#nothing"))
    with pytest.raises(LibraryError, match="refuses access"):
        RemoteLibrary.open(Place.parse(server.uri.replace("tester", "stranger:secret")))
    with pytest.raises(LibraryError, match="failed") as raised:
        RemoteLibrary.open(Place.parse(server.uri.replace("/postgres", "/elsewhere")))
    assert "secret" not in raised.value.message
    with pytest.raises(LibraryError, match="too long"):
        RemoteLibrary.open(Place.parse(f"{server.uri}#{'x' * 60}"))


def test_an_address_of_postgresql_is_told_from_others_and_its_password_is_not_shown():
    place = Place.parse("postgres://me:s@cret@host:6543/base#notes")
    assert place == Place("postgresql://host:6543/base", "notes", "me:s@cret")
    assert place.postgres and not place.local and not Place.parse("http://host:19530").postgres
    assert "cret" not in str(place) and "cret" not in shown("postgres://me:s@cret@host/base")
    assert place_of(Path("postgresql:/host/base")) == Place("postgresql://host/base")


def test_conditions_say_the_same_to_every_engine():
    where = (*among("language", ["de", 'a"b']), Between("ordinal", 2, 5), *among("id", [7], negated=True))
    assert in_milvus(where) == 'language in ["de", "a\\"b"] and ordinal >= 2 and ordinal <= 5 and not (id in [7])'
    told, values = in_sql(where)
    assert told == (
        '"language" = ANY (CAST(:among0 AS text[])) AND "ordinal" BETWEEN :low1 AND :high1 '
        'AND NOT "id" = ANY (CAST(:among2 AS bigint[]))'
    )
    assert values == {"among0": ["de", 'a"b'], "low1": 2, "high1": 5, "among2": [7]}
    assert in_milvus(among("id", [])) == "" and in_sql(()) == ("TRUE", {})


@pytest.mark.parametrize("version", ["2.3.12", "v2.3.1", "v1.1.0-rc"])
def test_a_milvus_that_is_too_old_is_refused_with_the_version_needed(version):
    with pytest.raises(LibraryError, match=rf"Milvus {version.removeprefix('v')}; 2\.4 or later is needed"):
        require_version(Place("http://host:19530"), version)


@pytest.mark.parametrize("version", ["v2.4.0", "2.5.4", "v3.0-beta", "milvus-lite", ""])
def test_one_that_is_new_enough_or_tells_nothing_is_tried(version):
    require_version(Place("http://host:19530"), version)
