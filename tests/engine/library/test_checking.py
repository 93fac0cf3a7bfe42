"""Whatever is damaged in a library is found, and mended from what is sound or named; only then is it in order."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hybrid_search.engine.errors import HybridSearchError, LibraryError
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.progress import IndexProgress

TEXTS = {
    "bread.md": "# Bread\n\nBread is baked from flour and water.\n\n## Fire\n\nThe fire burns in the house.",
    "moon.md": "# Mond\n\nDer Mond scheint über dem Haus.\n\n## Baum\n\nDer Baum steht am Wasser.",
    "tree.txt": "A tree stands beside the house, and the moon rises behind it.",
}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "texts" / name).write_text(text, "utf-8")
    return tmp_path / "texts"


@pytest.fixture
def library(tmp_path: Path, texts: Path, keyword_encoder, biased_encoder) -> Path:
    with Library.open(tmp_path / "library", create=True) as made:
        made.index([texts], encoders=[keyword_encoder, biased_encoder])
    return tmp_path / "library"


@contextlib.contextmanager
def database(library: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(library / "library.db")) as connection, connection:
        yield connection


def contents(library: Path) -> list[tuple]:
    with database(library) as connection:
        return connection.execute(
            'SELECT f.path, d.title, d.part, p.ordinal, p.start, p."end", p.heading, p.language, p.confidence, t.text '
            "FROM passages p JOIN texts t ON t.id = p.text_id JOIN documents d ON d.id = p.document_id "
            "JOIN files f ON f.id = d.file_id ORDER BY f.path, p.ordinal"
        ).fetchall()


def checked(library: Path, *, repair: bool = True):
    with Library.open(library, readonly=not repair) as opened:
        return opened.check(repair=repair)


def indexed(library: Path, texts: Path, *encoders) -> None:
    with Library.open(library) as opened:
        opened.index([texts], encoders=list(encoders))


# Each changes what checksums cover by more than one bit: only the file has what was there.
LOST = {
    "a text": "UPDATE texts SET text = 'Bread is baked from stones and water.' WHERE id = 1",
    "a text that is no text": "UPDATE texts SET text = CAST(x'c3c3c328' AS TEXT) WHERE id = 1",
    "a heading": "UPDATE passages SET heading = 'Other' WHERE id = 2",
    "a heading that is no text": "UPDATE passages SET heading = CAST(x'ff41' AS TEXT) WHERE id = 2",
    "a title": "UPDATE documents SET title = 'Other' WHERE id = 1",
    "a title that is no text": "UPDATE documents SET title = CAST(x'ffff' AS TEXT) WHERE id = 1",
    "offsets": 'UPDATE passages SET start = start + 3, "end" = "end" + 3 WHERE id = 1',
    "a language": "UPDATE passages SET language = 'xx' WHERE id = 1",
    "a language that is no text": "UPDATE passages SET language = CAST(x'ff' AS TEXT) WHERE id = 1",
    "how sure a language is": "UPDATE passages SET confidence = 0.123 WHERE id = 1",
    "a checksum": "UPDATE passages SET sum = 5 WHERE id = 1",
    "a checksum that is gone": "UPDATE passages SET sum = NULL WHERE id = 1",
    "texts that changed places": "UPDATE passages SET text_id = 3 - text_id WHERE text_id IN (1, 2)",
    "a passage that is gone": "DELETE FROM passages WHERE id = 1",
    "the last passage of a document": "DELETE FROM passages WHERE id = 2",
    "all passages of a document": "DELETE FROM passages WHERE document_id = 1",
    "a document": "DELETE FROM passages WHERE document_id = 1; DELETE FROM documents WHERE id = 1",
    "a document's digest": "UPDATE documents SET digest = x'0011' WHERE id = 1",
    "a file's digest": "UPDATE files SET digest = x'0011' WHERE id = 1",
    "a text that is gone": "DELETE FROM texts WHERE id = 1",
}


@pytest.mark.parametrize("statement", LOST.values(), ids=LOST)
def test_damaged_passages_are_named_with_their_file_and_read_anew_by_the_next_index(
    library, texts, statement, keyword_encoder, biased_encoder
):
    before = contents(library)
    with database(library) as connection:
        connection.executescript(statement)
    assert not checked(library, repair=False).ok
    report = checked(library)
    assert not report.ok and "hybrid-search index" in " ".join(each.problem for each in report.findings)
    with Library.open(library) as opened:
        for name in ("bm25", keyword_encoder):
            opened.search("moon bread", encoder=name)
        opened.status()
    indexed(library, texts, keyword_encoder, biased_encoder)
    assert contents(library) == before
    report = checked(library)
    assert report.findings == () and report.checked == {"passages": 5, "vectors": 10, "indexes": 0}


def test_a_damaged_passage_is_named_with_its_file(library, texts):
    with database(library) as connection:
        connection.execute("UPDATE passages SET language = 'xx' WHERE id = 2")
    (finding,) = checked(library, repair=False).findings
    assert str(texts / "bread.md") in finding.problem and not finding.repaired


def test_a_document_whose_path_is_damaged_is_said_to_lie_in_no_folder(library, tmp_path):
    with database(library) as connection:
        connection.execute("UPDATE files SET path = '/else/where.md' WHERE id = 1")
    (finding,) = checked(library).findings
    assert "/else/where.md" in finding.problem and "hybrid-search remove" in finding.problem


MENDED = {
    "words that lost an entry": "INSERT INTO words (words, rowid, tokens) VALUES ('delete', 1, 'bread')",
    "words that were entered in another place": (
        "INSERT INTO words (words, rowid, tokens) VALUES ('delete', 1, 'bread');"
        "INSERT INTO words (rowid, tokens) VALUES (2, 'bread')"
    ),
    "words that were cut": "UPDATE words_data SET block = substr(block, 1, length(block) - 20) WHERE id > 10",
    "words without their beginning": "DELETE FROM words_data WHERE id = 10",
    "words with rows cut": "DELETE FROM words_data WHERE id > 10",
    "how long passages are": "UPDATE words_docsize SET sz = x'01' WHERE id = 1",
    "how many words there are": "UPDATE words_data SET block = x'0501' WHERE id = 1",
    "a length that is none": "UPDATE words_docsize SET sz = x'' WHERE id = 1",
    "words that nobody has": "INSERT INTO words (rowid, tokens) VALUES (99, 'bread')",
    "a vector": "UPDATE vectors SET vector = zeroblob(length(vector)) WHERE id = (SELECT MIN(id) FROM vectors)",
    "a vector under a number of no encoder": (
        "UPDATE vectors SET id = -2147483649 WHERE id = (SELECT MIN(id) FROM vectors)"
    ),
    "a vector that is too short": "UPDATE vectors SET vector = x'00ff' WHERE id = (SELECT MIN(id) FROM vectors)",
    "vectors that changed places": (
        "UPDATE vectors SET vector = (SELECT o.vector FROM vectors o WHERE o.encoder_id = vectors.encoder_id "
        "AND o.text_id = 3 - vectors.text_id) WHERE text_id = 1"
    ),
    "a vector's checksum": "UPDATE vectors SET sum = 7 WHERE text_id = 1",
    "the length of vectors": "UPDATE encoders SET dimension = 40 WHERE id = 1",
    "an encoder": "UPDATE encoders SET fingerprint = 'other' WHERE id = 1",
    "a text's digest": "UPDATE texts SET digest = x'00' WHERE id = 1",
    "a text that nobody has": "INSERT INTO texts (digest, text) VALUES (x'00', 'nobody')",
    "vectors of nothing": "INSERT INTO vectors (id, encoder_id, text_id, vector) VALUES (99, 77, 1, x'00')",
    "an index of nothing": "INSERT INTO indexes VALUES (1, '../../pipe', 'x', 1, 13, 'f', 1, '')",
    "a reason": "INSERT INTO failures VALUES (CAST(x'ff' AS TEXT), 'x')",
}


@pytest.mark.parametrize("statements", MENDED.values(), ids=MENDED)
def test_what_can_be_made_from_what_is_sound_is_made_again(library, texts, statements, keyword_encoder, biased_encoder):
    before = contents(library)
    asked = [(name, query) for name in ("bm25", keyword_encoder, biased_encoder) for query in ("moon", "bread tree")]
    with Library.open(library) as opened:
        answers = [opened.search(query, encoder=name).hits for name, query in asked]
    with database(library) as connection:
        for statement in statements.split(";"):
            connection.execute(statement)
    assert not checked(library, repair=False).ok
    report = checked(library)
    assert report.findings and report.ok
    assert checked(library).findings == ()
    indexed(library, texts, keyword_encoder, biased_encoder)
    with Library.open(library) as opened:
        assert [opened.search(query, encoder=name).hits for name, query in asked] == answers
        assert opened.check().findings == ()
    assert contents(library) == before


def places_of(data: bytes, library: Path) -> dict[str, list[int]]:
    """Where in the file the texts, headings, titles and vectors stand."""
    with database(library) as connection:
        texts = [
            row[0].encode() for row in connection.execute("SELECT text FROM texts UNION SELECT title FROM documents")
        ]
        vectors = [row[0] for row in connection.execute("SELECT vector FROM vectors")]
    found: dict[str, list[int]] = {"texts": [], "vectors": []}
    for kind, values in (("texts", texts), ("vectors", vectors)):
        for value in values:
            place = data.find(value)
            assert place >= 0
            found[kind] += range(place, place + len(value))
    return found


@pytest.mark.parametrize("kind", ["texts", "vectors"])
def test_every_single_flipped_bit_of_a_text_or_a_vector_is_seen_and_put_right(library, kind, texts, keyword_encoder):
    before = contents(library)
    data = (library / "library.db").read_bytes()
    places = places_of(data, library)[kind]
    chance = random.Random(17)
    for place in chance.sample(places, 25):
        damaged = bytearray(data)
        damaged[place] ^= 1 << chance.randrange(8)
        (library / "library.db").write_bytes(damaged)
        report = checked(library)
        assert report.findings and report.ok, place
        assert contents(library) == before
        (library / "writer.lock").unlink()


def test_blocks_that_changed_places_are_named_and_nothing_is_changed(library):
    data = bytearray((library / "library.db").read_bytes())
    size = 16_384
    with database(library) as connection:
        one, other = (
            connection.execute("SELECT rootpage - 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0] * size
            for name in ("passages_by_language", "passages_of_text")
        )
    data[one : one + size], data[other : other + size] = data[other : other + size], data[one : one + size]
    (library / "library.db").write_bytes(data)
    problems = []
    for repair in (False, True):
        try:
            report = checked(library, repair=repair)
            problems += [each.problem for each in report.findings]
        except LibraryError as error:
            problems.append(error.message)
    assert problems and all("index" in each or "damaged" in each for each in problems)


def test_an_index_of_the_database_that_lost_a_row_is_made_anew(library):
    with database(library) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, '(language)', '(language) WHERE id < 0') "
            "WHERE name = 'passages_by_language'"
        )
    with database(library) as connection:
        connection.execute("REINDEX passages_by_language")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ' WHERE id < 0', '') WHERE name = 'passages_by_language'"
        )
    report = checked(library)
    assert report.ok and "did not fit its table" in report.findings[0].problem
    assert checked(library).findings == ()


def test_a_table_that_is_described_otherwise_is_named(library):
    with database(library) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'TEXT NOT', 'TEXU NOT') WHERE name = 'failures'"
        )
    with contextlib.suppress(LibraryError):
        report = checked(library)
        assert not report.ok and "'failures'" in report.findings[0].problem


def test_values_of_new_libraries_are_of_their_columns_types(library):
    if sqlite3.sqlite_version_info < (3, 37):
        pytest.skip("this SQLite knows no strict tables")
    with database(library) as connection, pytest.raises(sqlite3.IntegrityError, match="cannot store"):
        connection.execute("UPDATE passages SET start = 'abc' WHERE id = 1")


def test_values_of_another_kind_in_an_old_library_are_errors_in_words_and_named_by_check(
    library, texts, keyword_encoder, biased_encoder
):
    before = contents(library)
    with database(library) as connection:
        (statement,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'passages'").fetchone()
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = ? WHERE name = 'passages'", (statement.replace("STRICT", ""),)
        )
    with database(library) as connection:
        connection.execute("UPDATE passages SET start = 'abc', language = x'00', confidence = 'sure' WHERE id = 1")
    with Library.open(library, readonly=True) as opened:
        for attempt in (
            lambda: opened.search("bread", encoder=keyword_encoder),
            lambda: opened.search("bread", encoder="bm25"),
            opened.status,
        ):
            with pytest.raises(LibraryError, match=r"damaged.*hybrid-search check"):
                attempt()
    assert not checked(library).ok
    indexed(library, texts, keyword_encoder, biased_encoder)
    assert contents(library) == before


def test_an_empty_library_is_in_order_before_and_after_something_was_in_it(tmp_path, texts):
    with Library.open(tmp_path / "empty", create=True) as opened:
        assert opened.check().findings == ()
        opened.index([texts], encoders=[])
        opened.remove(texts)
        assert opened.check().findings == () and opened.check(repair=False).findings == ()


def test_a_check_shows_how_far_it_is_and_stops_when_asked(library):
    seen: list[IndexProgress] = []
    with Library.open(library) as opened:
        assert opened.check(progress=seen.append).ok
        stages = {each.stage for each in seen}
        assert {"passages", "words", "vectors of keyword", "vectors of biased"} <= stages
        for last in sorted(stages):
            told: list[str] = []
            report = opened.check(
                progress=lambda event, told=told: told.append(event.stage),
                cancelled=lambda told=told, last=last: last in told,
            )
            assert report.stopped and not report.ok and report.as_dict()["stopped"], last
        assert opened.check().findings == ()


def test_a_query_of_the_database_that_takes_long_is_ended_by_ctrl_c(library):
    class Pressed(BaseException):
        """As KeyboardInterrupt is raised: anywhere."""

    def press() -> None:
        raise Pressed

    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(*) FROM n"
    with Library.open(library) as opened:
        with pytest.raises(Pressed):
            opened._connection.patiently(endless, press)
        assert opened.check().ok


def broken(data: bytes, chance: random.Random) -> bytes:
    """A file as disks, transfers and mischief leave it."""
    found = bytearray(data)
    used = [place for place, byte in enumerate(data) if byte]
    for _ in range(chance.choice((1, 1, 2, 8))):
        place, length = chance.choice(used), chance.randrange(1, 300)
        how = chance.choice(("flip", "zeros", "noise", "copy", "swap", "cut"))
        if how == "flip":
            found[place] ^= 1 << chance.randrange(8)
        elif how == "zeros":
            found[place : place + length] = bytes(length)
        elif how == "noise":
            found[place : place + length] = chance.randbytes(length)
        elif how == "copy":
            other = chance.choice(used)
            found[place : place + length] = found[other : other + length]
        elif how == "swap":
            one, other = (chance.randrange(len(data) // 16_384) * 16_384 for _ in range(2))
            found[one : one + 16_384], found[other : other + 16_384] = (
                found[other : other + 16_384],
                found[one : one + 16_384],
            )
        elif chance.random() < 0.3:
            return bytes(found[:place])
        found = found[: len(data)].ljust(len(data), b"\0")
    return bytes(found)


@contextlib.contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Fail, rather than hang, where the system can be asked to."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise AssertionError("it hangs")

    previous = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def asked(library: Path, encoder) -> list[Callable[[Library], object]]:
    return [
        lambda opened: opened.search("moon bread", encoder=encoder),
        lambda opened: opened.search("moon", encoder="bm25"),
        lambda opened: opened.search("moon", encoder=encoder, neutral=True),
        lambda opened: opened.compare("bread", encoders=[encoder, "bm25"]),
        lambda opened: opened.status().as_dict(),
        lambda opened: opened.vectors(encoder),
        lambda opened: opened.translations(1),
        lambda opened: opened.check(),
    ]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("first", range(0, 60, 20))
def test_a_damaged_database_gives_answers_or_errors_in_words_and_never_hangs(library, keyword_encoder, first):
    data = (library / "library.db").read_bytes()
    for seed in range(first, first + 20):
        (library / "library.db").write_bytes(broken(data, random.Random(seed)))
        for readonly in (True, False):
            with (
                at_most(60),
                contextlib.suppress(HybridSearchError),
                Library.open(library, readonly=readonly) as opened,
            ):
                for ask in asked(library, keyword_encoder):
                    with contextlib.suppress(HybridSearchError):
                        ask(opened)
            for ending in ("-wal", "-shm"):
                (library / f"library.db{ending}").unlink(missing_ok=True)
