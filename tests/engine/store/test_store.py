"""The database: made by migrations, whole in every transaction, its errors in words."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.store import schema as store_schema
from hybrid_search.engine.store.connection import Connection
from hybrid_search.engine.store.failing import translated
from hybrid_search.engine.store.records import NewDocument, NewFile, NewPassage, digest_of
from hybrid_search.engine.store.sums import passage_sum, sum_begun, sum_of
from hybrid_search.engine.store.writing import Store
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def path(tmp_path):
    store_schema.migrate(tmp_path / "library.db")
    return tmp_path / "library.db"


@pytest.fixture
def store(path):
    connection = Connection(path, readonly=False)
    yield Store(connection)
    connection.close()


def new_file(path: str, *texts: str) -> NewFile:
    passages = tuple(NewPassage(0, len(text), "", text, "en", 1.0) for text in texts)
    return NewFile(path, 1, 1, digest_of(path), "", (NewDocument("", path, digest_of("".join(texts)), passages),))


def test_a_database_begins_current_in_wal_and_migrating_again_changes_nothing(path):
    connection = Connection(path, readonly=False)
    assert store_schema.is_current(connection)
    assert connection.value("PRAGMA journal_mode") == "wal"
    connection.close()
    store_schema.migrate(path)
    connection = Connection(path, readonly=True)
    assert connection.value("SELECT COUNT(*) FROM _sqlite_migrations") == len(store_schema.MIGRATIONS)
    connection.close()


def test_a_later_migration_is_applied_once_to_an_old_library(path, monkeypatch):
    def m002_notes(database):
        database.execute("CREATE TABLE notes (text TEXT)")

    monkeypatch.setattr(store_schema, "MIGRATIONS", (*store_schema.MIGRATIONS, m002_notes))
    connection = Connection(path, readonly=True)
    assert not store_schema.is_current(connection)
    connection.close()
    from hybrid_search.engine.library.library import Library

    with Library.open(path.parent) as library:
        assert library._connection.value("SELECT COUNT(*) FROM notes") == 0
    with Library.open(path.parent) as library:
        assert library.status().documents == 0


def test_a_library_of_a_newer_version_is_refused(path):
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('hybrid-search', 'm999', '')"
        )
    connection = Connection(path, readonly=True)
    with pytest.raises(LibraryError, match="newer version"):
        store_schema.is_current(connection)
    connection.close()


def test_a_transaction_happens_whole_or_not_at_all(store):
    with pytest.raises(RuntimeError), store.changing():
        store.put_files([(new_file("/a", "one"), None)])
        raise RuntimeError
    assert store.count("files") == store.count("texts") == 0 and store.revision() == 0
    store.put_files([(new_file("/a", "one"), None)])
    assert store.count("files") == 1 and store.revision() == 1


def test_a_snapshot_sees_one_state(store, path):
    other = Store(Connection(path, readonly=False))
    with store.connection.snapshot():
        assert store.count("files") == 0
        other.put_files([(new_file("/a", "one"), None)])
        assert store.count("files") == 0
    assert store.count("files") == 1
    other.connection.close()


def test_ids_are_never_used_again(store):
    store.put_files([(new_file("/a", "one", "two"), None)])
    first = set(store.roster().ids.tolist())
    store.take_out(list(store.files_below("/a").values()))
    store.sweep()
    store.put_files([(new_file("/a", "one", "two"), None)])
    assert not first & set(store.roster().ids.tolist())


@given(st.lists(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.none()), min_size=1), st.data())
def test_a_checksum_goes_on_from_values_that_many_begin_with(values, data):
    first = data.draw(st.integers(0, len(values) - 1))
    begun = sum_begun(values[:first]) if first else 0
    assert sum_of(values[first:], begun) == sum_of(values)


def test_passages_of_a_document_that_are_alike_share_a_text_and_keep_their_order(store):
    store.put_files([(new_file("/a", "The moon.", "A tree.", "The moon."), None), (new_file("/b", "A tree."), None)])
    rows = store.connection.rows(
        "SELECT p.ordinal, t.text, p.text_id, p.sum, f.path FROM passages p JOIN texts t ON t.id = p.text_id "
        "JOIN documents d ON d.id = p.document_id JOIN files f ON f.id = d.file_id ORDER BY p.id"
    )
    assert [(number, text, path) for number, text, _, _, path in rows] == [
        (0, "The moon.", "/a"), (1, "A tree.", "/a"), (2, "The moon.", "/a"), (0, "A tree.", "/b"),
    ]  # fmt: skip
    assert rows[0][2] == rows[2][2] != rows[1][2] == rows[3][2]
    for number, text, _, checksum, path in rows:
        assert checksum == passage_sum(path, "", path, number, 0, len(text), "", "en", 1.0, text)
    found = store.connection.rows("SELECT rowid FROM words WHERE words MATCH 'tree' ORDER BY rowid")
    assert found == store.connection.rows("SELECT id FROM passages WHERE text_id = ? ORDER BY id", (rows[1][2],))


def test_texts_wait_for_the_sweep_and_then_leave_with_their_vectors(store):
    import numpy as np

    store.put_files([(new_file("/a", "one", "two"), None), (new_file("/b", "two"), None)])
    row = store.add_encoder("e", "f", 2)
    texts = store.missing_texts(row)
    store.put_vectors(row, texts, np.eye(2, dtype=np.float32))
    store.take_out(list(store.files_below("/a").values()))
    assert store.count("texts") == 2 and store.count("vectors") == 2
    assert store.sweep() == 1
    assert store.count("texts") == store.count("vectors") == store.count("passages") == 1
    assert store.sweep() == 0


def test_a_read_only_connection_refuses_to_write(path):
    connection = Connection(path, readonly=True)
    with pytest.raises(LibraryError, match="read-only"):
        connection.execute("DELETE FROM files")
    connection.close()


def test_paths_with_spaces_percents_and_question_marks(tmp_path):
    path = tmp_path / "a b%20?#ü" / "library.db"
    path.parent.mkdir()
    store_schema.migrate(path)
    connection = Connection(path, readonly=True)
    assert store_schema.is_current(connection)
    connection.close()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (sqlite3.OperationalError("database or disk is full"), "is full"),
        (sqlite3.OperationalError("database is locked"), "in use by another process"),
        (sqlite3.DatabaseError("database disk image is malformed"), "damaged"),
        (sqlite3.DatabaseError("file is not a database"), "damaged"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "read-only"),
        (sqlite3.OperationalError("unable to open database file"), "cannot be opened"),
        (sqlite3.OperationalError("no such table: texts"), "lacks a part"),
        (sqlite3.OperationalError("something else"), "failed"),
    ],
)
def test_errors_name_the_file_and_the_cause(tmp_path, error, words):
    found = translated(error, tmp_path / "library.db")
    assert words in found.message and "library.db" in found.message
