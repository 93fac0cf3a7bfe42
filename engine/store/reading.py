"""Reads from a library's SQLite database."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..encoders import Vectors
from ..lexical import VERSION, tokens
from .connection import Connection, Row
from .failing import in_words
from .records import (
    EncoderRow,
    Ids,
    IndexFile,
    KnownFile,
    Passage,
    Roster,
    StoredDocument,
    digest_of,
    lengths_of,
    typed,
    unpacked,
)

# A vector's row id has its encoder above these bits and its text below, so that vectors of one encoder are adjacent.
TEXT_BITS = 40

_PASSAGE = """
SELECT p.id, p.document_id, f.path, d.title, p.heading, p.ordinal, p.start, p."end", t.text, p.language, p.confidence,
       d.part
FROM passages p JOIN texts t ON t.id = p.text_id
JOIN documents d ON d.id = p.document_id JOIN files f ON f.id = d.file_id
"""

_DOCUMENT = """
SELECT d.id, f.path, d.part, d.title, COUNT(p.id), COALESCE(MAX(p."end"), 0)
FROM documents d JOIN files f ON f.id = d.file_id LEFT JOIN passages p ON p.document_id = d.id
"""

# Terms may change between versions; full-text entries can only be deleted by the terms they were entered with, so a
# library stores a digest of its terms, and its words are entered again if that differs.
_SAMPLE = "The bakers' Brötchen 面包を焼く ขนมปัง الخبزُ хлеб İstanbul ﬁne 2024 Łódź об’єкт می‌خواهم ४२ ex‐ample ज़मीन"


def words_version() -> str:
    """A digest of the terms that this version of the program makes of a sample."""
    return digest_of("\n".join([str(VERSION), *tokens(_SAMPLE)])).hex()


@in_words
class Reading:
    """Queries to a library's database, which never change it.

    Every method raises LibraryError if the database is damaged or not available.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def path(self) -> Path:
        """The database file."""
        return self.connection.path

    def revision(self) -> int:
        """A number that every change to the library increases."""
        return int(self.connection.value("SELECT value FROM facts WHERE name = 'revision'") or 0)

    def fact(self, name: str) -> str:
        """A fact about the library itself, "" if it is not known."""
        return str(self.connection.value("SELECT value FROM facts WHERE name = ?", (name,)) or "")

    # -- passages

    def passage(self, number: int) -> Passage | None:
        """One passage."""
        row = self.connection.row(f"{_PASSAGE} WHERE p.id = ?", (number,))
        return _passage(row) if row else None

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Passages in the order of `numbers`; missing ones are left out."""
        wanted = json.dumps([int(number) for number in numbers])
        rows = self.connection.rows(f"{_PASSAGE} WHERE p.id IN (SELECT value FROM json_each(?))", (wanted,))
        found = {row[0]: _passage(row) for row in rows}
        return [found[number] for number in map(int, numbers) if number in found]

    def passages_of_document(self, document: int, first: int, last: int) -> list[Passage]:
        """The passages of a document with ordinals from `first` to `last`, in order."""
        return [
            _passage(row)
            for row in self.connection.rows(
                f"{_PASSAGE} WHERE p.document_id = ? AND p.ordinal BETWEEN ? AND ? ORDER BY p.ordinal",
                (document, first, last),
            )
        ]

    def documents(self, after: int, limit: int) -> list[StoredDocument]:
        """The first `limit` documents with ids above `after`, in the order of their ids."""
        rows = self.connection.rows(
            f"{_DOCUMENT} WHERE d.id IN (SELECT id FROM documents WHERE id > ? ORDER BY id LIMIT ?) "
            "GROUP BY d.id ORDER BY d.id",
            (after, limit),
        )
        return [StoredDocument(*row) for row in rows if typed(row, "itttii")]

    def document(self, number: int) -> StoredDocument | None:
        """One document."""
        row = self.connection.row(f"{_DOCUMENT} WHERE d.id = ? GROUP BY d.id", (number,))
        return StoredDocument(*row) if row and typed(row, "itttii") else None

    def openings(self, language: str, limit: int) -> list[Passage]:
        """The first passages of the first `limit` documents that begin in a language."""
        return [
            _passage(row)
            for row in self.connection.rows(
                f"{_PASSAGE} WHERE p.language = ? AND p.ordinal = 0 ORDER BY p.id LIMIT ?", (language, limit)
            )
        ]

    def documents_at(self, paths: Collection[str], part: str) -> dict[str, tuple[int, int, int]]:
        """For each path in the library: document id, number of passages and length covered."""
        rows = self.connection.rows(
            """
            SELECT f.path, d.id, COUNT(p.id), COALESCE(MAX(p."end"), 0)
            FROM files f JOIN documents d ON d.file_id = f.id LEFT JOIN passages p ON p.document_id = d.id
            WHERE f.path IN (SELECT value FROM json_each(?)) AND d.part = ? GROUP BY d.id
            """,
            (json.dumps(list(paths)), part),
        )
        return {path: (document, count, length) for path, document, count, length in rows}

    def languages(self, below: str = "") -> dict[str, int]:
        """How many passages each language has, most first; with `below`, only those of files under a path."""
        if below:
            rows = self.connection.rows(
                """
                SELECT p.language, COUNT(*) FROM files f JOIN documents d ON d.file_id = f.id
                JOIN passages p ON p.document_id = d.id
                WHERE f.path = ? OR (f.path >= ? AND f.path < ?) GROUP BY p.language
                """,
                _scope(below),
            )
        else:
            rows = self.connection.rows("SELECT language, COUNT(*) FROM passages GROUP BY language")
        return dict(sorted(((row[0], row[1]) for row in rows if typed(row, "ti")), key=lambda row: (-row[1], row[0])))

    def roster(self) -> Roster:
        """Every passage's id, text and language."""
        codes: dict[str, int] = {}
        ids, texts, languages = [], [], []
        for block in self.connection.blocks("SELECT id, text_id, language FROM passages ORDER BY id"):
            for number, text, language in block:
                if type(text) is not int or type(language) is not str:
                    raise TypeError(f"passage {number} is not what was stored")
                ids.append(number)
                texts.append(text)
                languages.append(codes.setdefault(language, len(codes)))
        return Roster(
            np.array(ids, dtype=np.int64),
            np.array(texts, dtype=np.int64),
            np.array(languages, dtype=np.int16),
            tuple(codes),
        )

    def passages_of_texts(self, texts: Sequence[int]) -> list[tuple[int, int, str]]:
        """(passage id, text id, language) of every passage with one of the texts."""
        wanted = json.dumps([int(text) for text in texts])
        rows: list[Row] = self.connection.rows(
            "SELECT id, text_id, language FROM passages WHERE text_id IN (SELECT value FROM json_each(?))", (wanted,)
        )
        return [(row[0], row[1], row[2]) for row in rows if typed(row, "iit")]

    def texts(self, numbers: Sequence[int]) -> list[str]:
        """Texts in the order of `numbers`.

        Raises:
            KeyError: one of them does not exist.

        """
        rows = self.connection.rows(
            "SELECT id, text FROM texts WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([int(number) for number in numbers]),),
        )
        found: dict[int, str] = {number: text for number, text in rows if typed((text,), "t")}
        return [found[number] for number in numbers]

    def words_are_current(self) -> bool:
        """Whether the full-text index was written with the terms of this version of the program."""
        return self.fact("words") == words_version()

    def by_words(
        self, expressions: Sequence[tuple[str, float]], limit: int, languages: Sequence[str] = ()
    ) -> list[tuple[int, float]]:
        """(passage id, score) of the passages that match any of some FTS5 expressions, best first.

        A score is the sum of BM25 by each expression times its weight; a higher one is better.
        """
        if not expressions:
            return []
        languages_too = "WHERE p.language IN (SELECT value FROM json_each(:languages))" if languages else ""
        scored = " UNION ALL ".join(
            f"SELECT rowid AS id, -rank * :weight{row} AS score FROM words WHERE words MATCH :expression{row}"
            for row in range(len(expressions))
        )
        values: dict[str, Any] = {"limit": limit, "languages": json.dumps(list(languages))}
        for row, (expression, weight) in enumerate(expressions):
            values |= {f"expression{row}": expression, f"weight{row}": weight}
        rows = self.connection.rows(
            f"""
            SELECT p.id, SUM(found.score) AS score FROM ({scored}) found JOIN passages p ON p.id = found.id
            {languages_too} GROUP BY p.id ORDER BY score DESC, p.id LIMIT :limit
            """,
            values,
        )
        return [(number, float(score)) for number, score in rows]

    # -- counts

    def count(self, table: str) -> int:
        """The rows of a table."""
        assert table in ("files", "documents", "passages", "texts", "vectors", "failures", "folders")
        return int(self.connection.value(f"SELECT COUNT(*) FROM {table}"))

    def folders(self) -> list[str]:
        """The folders that were indexed."""
        rows = self.connection.rows("SELECT path FROM folders ORDER BY path")
        return [row[0] for row in rows if typed(row, "t")]

    def files_below(self, path: str) -> dict[str, KnownFile]:
        """The stored facts about the files under a path, or about the file itself, by path."""
        rows = self.connection.rows(
            """
            SELECT id, path, size, mtime_ns, digest, text_column FROM files
            WHERE path = ? OR (path >= ? AND path < ?)
            """,
            _scope(path),
        )
        return {row[1]: KnownFile(*typed(row, "itiibt")) for row in rows}

    def documents_below(self, path: str) -> dict[int, int]:
        """How many documents each file under a path has, by the file's id."""
        rows = self.connection.rows(
            """
            SELECT f.id, COUNT(d.id) FROM files f LEFT JOIN documents d ON d.file_id = f.id
            WHERE f.path = ? OR (f.path >= ? AND f.path < ?) GROUP BY f.id
            """,
            _scope(path),
        )
        return dict(rows)

    def failures_below(self, path: str = "") -> dict[str, str]:
        """Files that could not be read, with the reason, in order of their paths."""
        if not path:
            rows = self.connection.rows("SELECT path, reason FROM failures ORDER BY path")
        else:
            rows = self.connection.rows(
                "SELECT path, reason FROM failures WHERE path = ? OR (path >= ? AND path < ?) ORDER BY path",
                _scope(path),
            )
        return {row[0]: row[1] for row in rows if typed(row, "tt")}

    # -- encoders and vectors

    def encoders(self) -> list[EncoderRow]:
        """Encoders with vectors, in the order in which they were added; of two with one name only the later."""
        rows = self.connection.rows("SELECT id, name, fingerprint, dimension, revision FROM encoders ORDER BY id")
        latest = {row[1]: EncoderRow.of(row) for row in rows}
        return sorted(latest.values(), key=lambda encoder: encoder.id)

    def encoder(self, fingerprint: str) -> EncoderRow | None:
        """The encoder with a fingerprint."""
        row = self.connection.row(
            "SELECT id, name, fingerprint, dimension, revision FROM encoders WHERE fingerprint = ?", (fingerprint,)
        )
        return EncoderRow.of(row) if row else None

    def vector_count(self, encoder: EncoderRow) -> int:
        """How many texts have a vector of it."""
        return int(self.connection.value("SELECT COUNT(*) FROM vectors WHERE encoder_id = ?", (encoder.id,)))

    def pending(self, encoder: EncoderRow | None) -> int:
        """How many passages have no vector of it yet."""
        if encoder is None:
            return self.count("passages")
        if self.vector_count(encoder) == self.count("texts"):
            return 0
        return int(
            self.connection.value(
                """
                SELECT COUNT(*) FROM passages p
                WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.encoder_id = ? AND v.text_id = p.text_id)
                """,
                (encoder.id,),
            )
        )

    def missing_texts(self, encoder: EncoderRow) -> list[int]:
        """Texts without a vector of it, longest first, so that a batch has texts of similar length."""
        rows = self.connection.rows(
            """
            SELECT id FROM texts t
            WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.encoder_id = ? AND v.text_id = t.id)
            AND EXISTS (SELECT 1 FROM passages p WHERE p.text_id = t.id) ORDER BY length(CAST(text AS BLOB)) DESC, id
            """,
            (encoder.id,),
        )
        return [number for (number,) in rows]

    def texts_with_paths(self) -> Iterator[tuple[str, int]]:
        """(path, text id) of each passage, grouped by file."""
        for block in self.connection.blocks(
            """
            SELECT f.path, p.text_id FROM files f JOIN documents d ON d.file_id = f.id
            JOIN passages p ON p.document_id = d.id ORDER BY f.id
            """
        ):
            for path, text in block:
                typed((path, text), "ti")
                yield path, text

    def vector_texts(self, encoder: EncoderRow) -> Ids:
        """The ids of the texts that have a vector of it, in order."""
        rows = self.connection.rows("SELECT text_id FROM vectors WHERE encoder_id = ? ORDER BY text_id", (encoder.id,))
        return np.array([number for (number,) in rows], dtype=np.int64)

    def vector_blocks(self, encoder: EncoderRow, *, size: int = 8192) -> Iterator[tuple[Ids, Vectors]]:
        """All its vectors in the order of their texts, in blocks.

        Raises:
            LibraryError: a vector does not have the encoder's dimension.

        """
        low, high = encoder.id << TEXT_BITS, (encoder.id + 1) << TEXT_BITS
        statement = "SELECT text_id, vector FROM vectors WHERE id >= ? AND id < ? ORDER BY id"
        for block in self.connection.blocks(statement, (low, high), size=size):
            yield self._as_arrays(block, encoder)

    def vectors(self, encoder: EncoderRow, texts: Ids) -> tuple[Ids, Vectors]:
        """The vectors of some texts, in the order of text ids; texts without one are left out."""
        keys = json.dumps(((encoder.id << TEXT_BITS) + np.unique(texts)).tolist())
        rows = self.connection.rows(
            "SELECT v.text_id, v.vector FROM json_each(?) j JOIN vectors v ON v.id = j.value", (keys,)
        )
        return self._as_arrays(rows, encoder)

    def _as_arrays(self, rows: list[Row], encoder: EncoderRow) -> tuple[Ids, Vectors]:
        wanted = lengths_of(encoder.dimension)
        if any(type(blob) is not bytes or len(blob) not in wanted for _, blob in rows):
            from ..errors import LibraryError

            raise LibraryError(
                f"{self.path} holds vectors of {encoder.name} that are damaged.",
                hint="`hybrid-search check` removes them; index the folder again to make them again.",
            )
        ids = np.array([number for number, _ in rows], dtype=np.int64)
        return ids, unpacked([blob for _, blob in rows], encoder.dimension)

    def text_blocks(self) -> Iterator[list[Row]]:
        """(id, digest, text) of all texts."""
        return self.connection.blocks("SELECT id, digest, text FROM texts")

    def index_file(self, encoder: EncoderRow) -> IndexFile | None:
        """The stored facts about its index file, or None."""
        mac = "mac" if self.has_sums() else "''"
        row = self.connection.row(
            f"SELECT file, sha256, rows, dimension, fingerprint, revision, {mac} FROM indexes WHERE encoder_id = ?",
            (encoder.id,),
        )
        return IndexFile(*typed(row, "ttiitit")) if row else None

    def index_files(self) -> set[str]:
        """The names of all index files that are in use."""
        return {row[0] for row in self.connection.rows("SELECT file FROM indexes") if typed(row, "t")}

    def has_sums(self) -> bool:
        """Whether there are columns for checksums; a library of version 0.1 has none until it is first written to."""
        return self.connection.value("SELECT 1 FROM pragma_table_info('indexes') WHERE name = 'mac'") is not None


def _passage(row: Row) -> Passage:
    return Passage(*typed(row, "iitttiiittft"))


def _scope(path: str) -> tuple[str, str, str]:
    """A path, and the range of the paths below it."""
    bare = path.rstrip("/")
    return path, bare + "/", bare + "0"
