"""Nothing in a library's folder but its own regular files is opened, followed or written to."""

from __future__ import annotations

import os
import socket
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.files import what_else
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.store.connection import Connection
from hybrid_search.engine.store.lock import WriterLock

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links, pipes and devices are POSIX")


@pytest.fixture
def library(tmp_path: Path, keyword_encoder) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("Bread and water under the moon.")
    with Library.open(tmp_path / "library", create=True) as made:
        made.index([tmp_path / "texts"], encoders=[keyword_encoder])
    return tmp_path / "library"


def a_link(path: Path) -> None:
    target = path.parent.parent / "precious"
    target.write_bytes(b"what must not be lost")
    path.symlink_to(target)


def a_link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        # The name of a socket is short, wherever the tests run.
        here = Path.cwd()
        os.chdir(path.parent)
        try:
            made.bind(path.name)
        finally:
            os.chdir(here)


def a_device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
    except OSError:
        pytest.skip("needs the right to make a device")


KINDS: dict[str, Callable[[Path], None]] = {
    "a link": a_link,
    "a link to a device": a_link_to_a_device,
    "a pipe": os.mkfifo,
    "a socket": a_socket,
    "a device": a_device,
    "a folder": Path.mkdir,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["library.db", "library.db-wal", "library.db-shm", "library.db-journal"])
def test_a_database_that_is_no_file_of_its_own_is_refused_by_readers_and_writers(library, name, kind):
    (library / name).unlink(missing_ok=True)
    KINDS[kind](library / name)
    for readonly in (True, False):
        with pytest.raises(LibraryError, match=rf"{name} is (a|no) .*it is not opened"):
            Library.open(library, readonly=readonly, create=not readonly)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_that_is_no_file_is_neither_opened_nor_emptied(library, kind):
    (library / "writer.lock").unlink()
    KINDS[kind](library / "writer.lock")
    with Library.open(library) as opened, pytest.raises(LibraryError, match=r"writer\.lock is .*it is not opened"):
        opened.check()
    precious = library.parent / "precious"
    assert not precious.exists() or precious.read_bytes() == b"what must not be lost"


def test_a_file_that_is_linked_to_the_lock_is_not_written_to(library):
    (library / "writer.lock").unlink()
    precious = library.parent / "precious"
    precious.write_bytes(b"")
    os.link(precious, library / "writer.lock")
    with WriterLock(library / "writer.lock").held():
        assert precious.read_bytes() == b""


def test_what_somebody_wrote_into_the_lock_stays(library):
    (library / "writer.lock").write_bytes(b"what must not be lost, however it came here")
    with Library.open(library) as opened:
        assert opened.check().ok
    assert (library / "writer.lock").read_bytes() == b"what must not be lost, however it came here"


def test_a_journal_that_names_another_file_is_refused_since_sqlite_would_remove_that(library):
    name = str(library.parent / "precious").encode()
    ending = len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + bytes.fromhex("d9d505f920a163d7")
    (library / "library.db-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(504) + name + ending)
    with pytest.raises(LibraryError, match="journal names a file outside"):
        Library.open(library)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW songs AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x FROM n",
        "CREATE TRIGGER more AFTER INSERT ON files BEGIN DELETE FROM passages; END",
        "CREATE VIRTUAL TABLE others USING fts5(x)",
        "ALTER TABLE documents ADD COLUMN more TEXT GENERATED ALWAYS AS (hex(zeroblob(400000000))) VIRTUAL",
        "CREATE INDEX more ON passages (length(hex(zeroblob(400000000))))",
        "CREATE INDEX more ON passages (id) WHERE heading LIKE '%a%b%c%d%e%f%'",
        "CREATE TABLE more (x TEXT CHECK (length(hex(x)) > 0))",
    ],
)
def test_a_library_with_something_in_it_that_runs_is_not_read(library, statement):
    with sqlite3.connect(library / "library.db") as database:
        database.execute(statement)
    database.close()
    for readonly in (True, False):
        with pytest.raises(LibraryError, match="which no library contains"):
            Library.open(library, readonly=readonly)


def test_what_is_told_of_a_path_needs_no_opening(tmp_path):
    assert what_else(tmp_path / "nothing") == "" == what_else(tmp_path, folder=True)
    (tmp_path / "file").touch()
    assert what_else(tmp_path / "file") == "" and what_else(tmp_path / "file", folder=True) == "a file"


def test_who_only_reads_leaves_nothing_behind(library, keyword_encoder):
    (library / "writer.lock").unlink()
    before = {path.name: path.read_bytes() for path in library.iterdir()}
    with Library.open(library, readonly=True) as reader:
        assert reader.search("moon", encoder=keyword_encoder).hits and reader.check().ok
    assert {path.name: path.read_bytes() for path in library.iterdir()} == before


def test_a_reader_that_ends_beside_a_writer_takes_nothing_from_it(library, keyword_encoder, tmp_path):
    reader = Library.open(library, readonly=True)
    assert reader.search("moon", encoder=keyword_encoder).hits
    with Library.open(library) as writer:
        (tmp_path / "texts" / "b.txt").write_text("The house stands by the water.")
        writer.index([tmp_path / "texts"], encoders=[keyword_encoder])
        assert reader.status().documents == 2
        reader.close()
        assert writer.status().documents == 2
        (tmp_path / "texts" / "c.txt").write_text("A fire burns.")
        writer.index([tmp_path / "texts"], encoders=[keyword_encoder])
    with Library.open(library, readonly=True) as again:
        assert again.status().documents == 3 and again.check().ok


def test_where_no_lock_can_be_had_a_change_meanwhile_is_said_and_never_half_read(library, monkeypatch):
    connect = sqlite3.connect

    def without_locks(location, **options):
        if location.endswith("mode=ro"):
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise error
        return connect(location, **options)

    monkeypatch.setattr(sqlite3, "connect", without_locks)
    reading = Connection(library / "library.db", readonly=True)
    assert reading.value("SELECT COUNT(*) FROM files") == 1
    with Library.open(library) as writer:
        writer.remove(library.parent / "texts")
    with pytest.raises(LibraryError, match="changed by another process"):
        reading.value("SELECT COUNT(*) FROM files")
    reading.close()
