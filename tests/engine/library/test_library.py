"""A library's promises: killed, shared, damaged or out of room, nothing is lost, doubled or overwritten."""

from __future__ import annotations

import contextlib
import os
import random
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hybrid_search.engine.errors import LibraryBusy, LibraryError
from hybrid_search.engine.library.library import Library

COUNT = 120


@pytest.fixture
def folder(tmp_path) -> Path:
    root = tmp_path / "texts"
    for number in range(COUNT):
        path = root / f"{number % 7}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"The moon number {number} rises behind the tree beside the house. " * (1 + number % 30))
    return root


@pytest.fixture
def indexed(tmp_path, folder, keyword_encoder) -> Path:
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([folder / "1"], encoders=[keyword_encoder])
    return tmp_path / "library"


def contents(path: Path) -> Counter:
    """Every passage with its place, counted."""
    with contextlib.closing(sqlite3.connect(path / "library.db")) as database:
        rows = database.execute(
            'SELECT f.path, p.ordinal, p.start, p."end", t.text FROM passages p JOIN texts t ON t.id = p.text_id '
            "JOIN documents d ON d.id = p.document_id JOIN files f ON f.id = d.file_id"
        )
        return Counter(rows)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_instant_nothing_is_lost_or_doubled(tmp_path, folder, keyword_encoder_type):
    whole = tmp_path / "whole"
    began = time.monotonic()
    with Library.open(whole, create=True) as library:
        library.index([folder], encoders=[keyword_encoder_type()])
    expected = contents(whole)
    longest = min(0.5, time.monotonic() - began)
    chance = random.Random(2408)
    path = tmp_path / "killed"
    kills = 0
    while kills < 10:
        if child(path, folder, keyword_encoder_type, chance.uniform(0, longest)):
            shutil.rmtree(path)
            continue
        kills += 1
        if (path / "library.db").is_file():
            with contextlib.suppress(LibraryError), Library.open(path) as library:
                assert library.check(repair=False).findings == ()
            found = contents(path) if is_made(path) else Counter()
            assert set(found) <= set(expected) and max(found.values(), default=1) == 1
    encoder = keyword_encoder_type()
    with Library.open(path, create=True) as library:
        kept = library.status()
        done = kept.encoders[0].vectors if kept.encoders else 0
        report = library.index([folder], encoders=[encoder])
        assert report.new == COUNT - kept.documents and report.unchanged == kept.documents
        assert encoder.calls <= kept.passages + report.passages - done
        assert library.pending(encoder) == 0 and library.check().findings == ()
    assert contents(path) == expected


def is_made(path: Path) -> bool:
    with contextlib.closing(sqlite3.connect(path / "library.db")) as database:
        return bool(database.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'passages'").fetchone()[0])


def child(path: Path, folder: Path, encoder_type, seconds: float) -> bool:
    """Index in another process, which is killed after some seconds; whether it finished first."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        os.close(reading)
        code = 1
        try:
            with Library.open(path, create=True) as library:
                library.index([folder], encoders=[encoder_type()])
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    # The pipe reads as ended when the child does.
    select.select([reading], [], [], seconds)
    os.close(reading)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


WRITER = """
import sys
from hybrid_search.engine.library.library import Library

with Library.open(sys.argv[1]) as library, library._lock.held():
    print("writing", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def writer(indexed):
    """Another process that holds the writer's lock until it is told to end, or dies."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(indexed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "writing\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_writer_gets_a_clear_message_and_readers_go_on(indexed, writer, folder, keyword_encoder):
    with Library.open(indexed) as library:
        for attempt in (
            lambda: library.index([folder], encoders=[]),
            lambda: library.encode_missing(keyword_encoder),
            lambda: library.remove(folder),
            lambda: library.check(),
        ):
            with pytest.raises(
                LibraryError, match=rf"Another process \({writer.pid}\) is writing.*when it has finished"
            ):
                attempt()
        assert library.search("moon", encoder=keyword_encoder).hits
        assert library.check(repair=False).ok and library.busy
    writer.kill()
    writer.wait()
    with Library.open(indexed) as library:
        assert not library.busy
        assert library.index([folder], encoders=[]).new > 0


def test_who_comes_while_the_library_is_brought_up_to_date_gets_a_sentence(indexed, writer, monkeypatch):
    monkeypatch.setattr("hybrid_search.engine.library.library.is_current", lambda _connection: False)
    monkeypatch.setattr("hybrid_search.engine.library.library._MOMENT", 0)
    with pytest.raises(LibraryBusy, match="is writing"):
        Library.open(indexed)
    with pytest.raises(LibraryError, match="older version"):
        Library.open(indexed, readonly=True)


def test_two_libraries_in_one_process_are_two_writers(indexed, folder, keyword_encoder_type):
    with Library.open(indexed) as one, Library.open(indexed) as other:

        def before() -> None:
            with pytest.raises(LibraryError, match="is writing"):
                other.remove(folder)

        one.index([folder], encoders=[keyword_encoder_type("new", before=before)])
        assert other.remove(folder) == COUNT


def test_a_reader_sees_whole_files_while_another_writes(indexed, folder, keyword_encoder_type):
    seen = []

    def before() -> None:
        with Library.open(indexed, readonly=True) as reader:
            seen.append((reader.status().documents, len(reader.search("moon", encoder="bm25", k=1000).hits)))

    with Library.open(indexed) as library:
        library.index([folder], encoders=[keyword_encoder_type("new", before=before)])
        documents, passages = library.status().documents, library.status().passages
    assert seen and set(seen) == {(documents, passages)}


def test_a_reader_that_stays_open_sees_what_was_written(indexed, folder, keyword_encoder):
    with Library.open(indexed, readonly=True) as reader:
        before = reader.search("moon", encoder=keyword_encoder, k=1000)
        with Library.open(indexed) as library:
            library.index([folder], encoders=[keyword_encoder])
        after = reader.search("moon", encoder=keyword_encoder, k=1000)
        assert len(after.hits) > len(before.hits)
        assert sum(reader.languages().values()) == len(after.hits)


def test_a_library_that_is_not_there(tmp_path):
    with pytest.raises(LibraryError, match=r"no library at .*none.*hybrid-search index"):
        Library.open(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_library_cannot_be_made_where_a_file_is(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="No library can be created"):
        Library.open(tmp_path / "file", create=True)


def test_reading_changes_no_byte(indexed, keyword_encoder):
    with Library.open(indexed) as library:
        library._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (indexed / "library.db").read_bytes()
    with Library.open(indexed, readonly=True) as reader:
        reader.search("moon", encoder=keyword_encoder)
        reader.status()
        with pytest.raises(LibraryError, match="for reading only"):
            reader.remove(indexed)
    assert (indexed / "library.db").read_bytes() == before


def damage_head(data: bytearray) -> bytearray:
    return bytearray(b"not a database at all ") + data[22:]


def damage_middle(data: bytearray) -> bytearray:
    # Every page but the first, so that no statement gets by without meeting one.
    return data[:16384] + bytearray(b"\xa5" * (len(data) - 16384))


def cut(data: bytearray) -> bytearray:
    return data[: len(data) // 3]


@pytest.mark.parametrize("damage", [damage_head, damage_middle, cut])
def test_a_damaged_database_is_named_and_never_overwritten(indexed, folder, keyword_encoder, damage):
    database = indexed / "library.db"
    with Library.open(indexed) as library:
        library._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytes(damage(bytearray(database.read_bytes())))
    database.write_bytes(data)

    def search() -> None:
        with Library.open(indexed, readonly=True) as library:
            library.search("moon", encoder=keyword_encoder, k=1000)

    def index() -> None:
        with Library.open(indexed, create=True) as library:
            library.index([folder], encoders=[keyword_encoder])

    def check() -> None:
        with Library.open(indexed) as library:
            library.check()

    for use in (search, index, check):
        with pytest.raises(LibraryError, match=r"library\.db.*(damaged|lacks)") as caught:
            use()
        assert caught.value.hint and "not been changed" in caught.value.message
    assert database.read_bytes() == data


def test_a_database_of_something_else_is_left_alone(tmp_path, folder):
    path = tmp_path / "other"
    path.mkdir()
    with contextlib.closing(sqlite3.connect(path / "library.db")) as database:
        database.execute("CREATE TABLE songs (name)")
    before = (path / "library.db").read_bytes()
    with pytest.raises(LibraryError, match="not a library"):
        Library.open(path, create=True)
    assert (path / "library.db").read_bytes() == before


def test_an_empty_database_is_named_for_readers_and_filled_for_writers(tmp_path, folder):
    path = tmp_path / "empty"
    path.mkdir()
    (path / "library.db").touch()
    with pytest.raises(LibraryError, match="is empty"):
        Library.open(path, readonly=True)
    with Library.open(path, create=True) as library:
        assert library.index([folder], encoders=[]).new == COUNT


def test_a_damaged_vector_is_found_and_made_anew(indexed, folder, keyword_encoder):
    with Library.open(indexed) as library:
        library._connection.execute("UPDATE vectors SET vector = x'00ff' WHERE id = (SELECT MIN(id) FROM vectors)")
        library._connection.execute("UPDATE facts SET value = value + 1")
        with pytest.raises(LibraryError, match="check"):
            library.search("moon", encoder=keyword_encoder)
        report = library.check()
        assert report.ok and "1 vectors of keyword are damaged" in report.findings[0].problem
        assert library.encode_missing(keyword_encoder) == 1
        assert library.check().findings == ()
        assert library.search("moon", encoder=keyword_encoder).hits


def test_a_text_that_changed_in_the_database_is_found(indexed):
    with Library.open(indexed) as library:
        library._connection.execute("UPDATE texts SET text = text || '!' WHERE id = 1")
        report = library.check()
        assert not report.ok and "texts are not what was stored" in report.findings[0].problem


def test_words_that_are_out_of_step_are_entered_anew(indexed):
    with Library.open(indexed) as library:
        before = [hit.passage.id for hit in library.search("moon", encoder="bm25", k=100).hits]
        library._connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        assert library.search("moon", encoder="bm25").hits == ()
        assert library.check().findings[0].repaired
        assert [hit.passage.id for hit in library.search("moon", encoder="bm25", k=100).hits] == before


def test_words_of_an_older_version_are_entered_anew_before_anything_is_written(indexed, folder):
    with Library.open(indexed) as library:
        library._connection.execute("UPDATE facts SET value = 'older' WHERE name = 'words'")
        library._connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        library.remove(folder / "1" / "1.txt")
        assert library.check().findings == ()
        assert library.search("moon", encoder="bm25").hits
        assert len([notice for notice in library.notices if "index of words" in notice]) == 1
    with Library.open(indexed, notify=pytest.fail) as library:
        library.remove(folder / "1" / "2.txt")


def test_a_full_disk_is_named_and_what_was_stored_is_kept(indexed, folder, keyword_encoder_type):
    kept = contents(indexed)
    encoder = keyword_encoder_type("second")
    with Library.open(indexed) as library:
        pages = library._connection.value("PRAGMA page_count")
        library._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(LibraryError, match=r"disk .* is full.*free some space"):
            library.index([folder], encoders=[encoder])
    assert set(kept) <= set(contents(indexed))
    with Library.open(indexed) as library:
        assert library.check().ok
        library.index([folder], encoders=[encoder])
        assert library.status().documents == COUNT and library.pending(encoder) == 0


@pytest.fixture
def small_disk(tmp_path):
    """A file system of three megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip("needs the right to mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], capture_output=True)


def test_on_a_disk_that_is_really_full(small_disk, folder, keyword_encoder):
    with Library.open(small_disk / "library", create=True) as library:
        library.index([folder / "1"], encoders=[keyword_encoder])
        documents = library.status().documents
        filler = small_disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        with pytest.raises(LibraryError, match="full"):
            library.index([folder], encoders=[keyword_encoder])
        assert library.search("moon", encoder=keyword_encoder).hits
        assert library.status().documents >= documents
    filler.unlink()
    with Library.open(small_disk / "library") as library:
        assert library.check().ok
        assert library.index([folder / "1", folder / "2"], encoders=[keyword_encoder]).passages > 0


def test_a_library_on_a_medium_that_cannot_be_written_can_be_read(indexed, keyword_encoder):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    for path in (indexed / "library.db", indexed):
        path.chmod(0o555)
    with Library.open(indexed, readonly=True) as reader:
        assert reader.search("moon", encoder=keyword_encoder).hits


def test_a_library_on_a_disk_that_became_read_only_can_be_read(small_disk, folder, keyword_encoder):
    with Library.open(small_disk / "library", create=True) as library:
        library.index([folder / "1"], encoders=[keyword_encoder])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with Library.open(small_disk / "library", readonly=True) as reader:
        assert reader.search("moon", encoder=keyword_encoder).hits
        assert reader.status().passages
    with pytest.raises(LibraryError, match="cannot be"), Library.open(small_disk / "library") as library:
        library.index([folder], encoders=[keyword_encoder])


def test_neighbours_are_in_order_and_leave_the_passage_out(indexed, folder):
    with Library.open(indexed) as library:
        library.index([folder], encoders=[])
        hit = next(h for h in library.search("moon", encoder="bm25", k=500).hits if h.passage.ordinal == 1)
        found = library.neighbours(hit.passage.id)
        assert [each.ordinal for each in found] in ([0, 2], [0])
        assert {each.document_id for each in found} == {hit.passage.document_id}
        assert library.neighbours(hit.passage.id, before=0, after=0) == []


def test_a_passage_that_is_gone_is_said_to_be(indexed):
    with Library.open(indexed) as library, pytest.raises(LibraryError, match="no passage 99999"):
        library.passage(99999)


PARALLEL = {
    "site/en/bread.md": "# Bread\n\nBread is baked from flour and water.",
    "site/de/bread.md": "# Brot\n\nDas Brot wird aus Mehl und Wasser gebacken.",
    "site/zh_CN/bread.md": "# 面包\n\n面包是用面粉和水烤成的。",
    "site/pt-BR/other.md": "# Lua\n\nA lua nasce atrás da árvore.",
    "faq.en.html": "<h1>Moon</h1><p>The moon rises behind the tree.</p>",
    "faq.de.html": "<h1>Mond</h1><p>Der Mond geht hinter dem Baum auf.</p>",
    "notes/moon_fr.txt": "La lune se lève derrière l'arbre de la maison.",
    "notes/moon_ja.txt": "月が木の後ろから昇り、家を照らしている。",
    "notes/moon.txt": "The moon alone has no language in its name.",
}


def test_translations_are_parallel_files_by_their_names(tmp_path):
    for name, text in PARALLEL.items():
        (tmp_path / "p" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "p" / name).write_text(text, "utf-8")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([tmp_path / "p"], encoders=[])
        found = {}
        for query in ("flour", "Mond Baum", "lua nasce", "lune", "language alone"):
            passage = library.search(query, encoder="bm25", k=1).hits[0].passage
            found[query] = {code: Path(p.path).name for code, p in library.translations(passage.id).items()}
    assert found["flour"] == {"de": "bread.md", "zh": "bread.md"}
    assert found["Mond Baum"] == {"en": "faq.en.html"}
    assert found["lua nasce"] == {} and found["language alone"] == {}
    assert found["lune"] == {"ja": "moon_ja.txt"}


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm"))}


def test_an_older_library_is_not_changed_by_who_only_reads_it(indexed, monkeypatch):
    from hybrid_search.engine.store import schema

    def m999_later(database) -> None:
        database.execute("CREATE TABLE later (id INTEGER PRIMARY KEY)")

    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, m999_later))
    before = files_of(indexed)
    with pytest.raises(LibraryError, match="made by an older version") as error:
        Library.open(indexed, readonly=True)
    assert "hybrid-search check" in error.value.hint and files_of(indexed) == before
    Library.open(indexed).close()
    with Library.open(indexed, readonly=True) as library:
        assert library.status().passages


def test_who_only_reads_makes_no_library(tmp_path):
    with pytest.raises(LibraryError, match="There is no library"):
        Library.open(tmp_path / "none", create=True, readonly=True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "library.db").touch()
    with pytest.raises(LibraryError, match="is empty"):
        Library.open(tmp_path, create=True, readonly=True)
    assert (tmp_path / "library.db").stat().st_size == 0


def test_files_that_vanish_while_their_sizes_are_added_up_are_left_out(indexed, monkeypatch):
    there = next(path for path in indexed.iterdir() if path.name == "library.db")
    monkeypatch.setattr("os.walk", lambda folder: [(str(folder), [], ["library.db", "gone.hnsw"])])
    with Library.open(indexed, readonly=True) as library:
        assert library.status().size == there.stat().st_size


def test_documents_are_listed_in_pages_and_opened_passage_by_passage(tmp_path, keyword_encoder):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "rows.csv").write_text("text\nBread and water\nThe moon\nA tree in the garden\n", "utf-8")
    (tmp_path / "texts" / "de.md").write_text("# Brot\n\nDas Brot wird aus Mehl und Wasser gebacken.", "utf-8")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([tmp_path / "texts"], encoders=[keyword_encoder])
        first = library.documents(limit=3)
        rest = library.documents(after=first[-1].id, limit=3)
        assert len(first) == 3 and len(rest) == 1
        for each in [*first, *rest]:
            assert library.document(each.id) == each
            passages = library.passages_of(each.id)
            assert len(passages) == each.passages == 1 and passages[0].end == each.length
            assert library.passages_of(each.id, first=1) == []
        assert [each.text for each in library.openings("de", 5)] == ["Das Brot wird aus Mehl und Wasser gebacken."]
        with pytest.raises(LibraryError, match="no document 999"):
            library.document(999)


def test_a_library_that_was_stopped_before_its_first_indexing_is_sound(tmp_path):
    with Library.open(tmp_path / "library", create=True) as library:
        assert library.check(repair=False).findings == ()
