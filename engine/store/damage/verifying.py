"""Verifies a library's database by its checksums and its consistency, reading even invalid values."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from ..connection import Connection, Row
from ..failing import in_words
from ..reading import TEXT_BITS, Reading
from ..records import MOST_NUMBERS, digest_of, dimension_of, lengths_of, unpacked
from ..schema import SEALED
from ..sums import Text, Value, passage_sum, sum_of, vector_sum
from .described import unlike_made
from .flipped import unflipped
from .judged import damaged_judgements
from .words import GoingOn, Words, decoded

# SQLite's messages about one of its indexes, which can be rebuilt, and about a value of the wrong type, which the
# checks of values find again.
_INDEX = re.compile(r"row \d+ missing from index|wrong # of entries in index|non-unique entry in index")
_VALUE = re.compile(r"(NULL|TEXT|NUMERIC|non-\w+) value in ")

# The columns of the small tables, the key first, and their types.
SMALL = {
    "facts": (("name", "value"), "tt"),
    "folders": (("id", "path"), "it"),
    "files": (("id", "path", "size", "mtime_ns", "digest", "text_column"), "itiibt"),
    "failures": (("path", "reason"), "tt"),
    "documents": (("id", "file_id", "part", "title", "digest"), "iittb"),
    "indexes": (("encoder_id", "file", "sha256", "rows", "dimension", "fingerprint", "revision"), "ittiiti"),
}


@dataclass
class Integrity:
    """The faults that SQLite finds in its file: `indexes` can be rebuilt, `fatal` cannot be repaired."""

    indexes: list[str] = field(default_factory=list)
    fatal: list[str] = field(default_factory=list)


@dataclass
class TextsFound:
    """The faults of passages and texts.

    Attributes:
        passages: the file id, or None, of each damaged passage, by the passage's id.
        digests: intact texts whose digest is damaged.
        unused: damaged texts that no passage has.
        unsealed: how many passages have no checksum.
    """

    passages: dict[int, int | None] = field(default_factory=dict)
    digests: list[int] = field(default_factory=list)
    unused: list[int] = field(default_factory=list)
    unsealed: int = 0


@dataclass
class VectorsFound:
    """The faults of an encoder's vectors: row ids of damaged ones, and how many have no checksum."""

    number: int = 0
    damaged: list[int] = field(default_factory=list)
    unsealed: int = 0


@in_words
class Verifying:
    """Checks everything in a database, and changes nothing.

    Args:
        connection: to the database.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.path = connection.path
        self._reading = Reading(connection)
        self._with_sums = self._reading.has_sums()
        self.sealed = self._with_sums and self._fact(SEALED) == "yes"

    def _fact(self, name: str) -> str:
        rows = [row for block in self.connection.raw_blocks("SELECT name, value FROM facts") for row in block]
        return next((value.decode("utf-8", "replace") for key, value in rows if key == name.encode()), "")

    def integrity(self, going_on: GoingOn) -> Integrity:
        """The result of SQLite's check of every page and every index."""
        found = Integrity()
        going_on(0, 0)
        for (message,) in self.connection.patiently("PRAGMA integrity_check(200)", lambda: going_on(0, 0)):
            if message == "ok" or _VALUE.search(message):
                continue
            (found.indexes if _INDEX.search(message) else found.fatal).append(str(message))
        return found

    def lost(self) -> set[int]:
        """The ids of files with documents or passages that are in SQLite's own indexes but not in the tables."""
        passages = self._pairs("SELECT id, document_id FROM passages NOT INDEXED")
        documents = self._pairs("SELECT id, file_id FROM documents NOT INDEXED")
        of_file = self._pairs("SELECT id, file_id FROM documents INDEXED BY documents_of_file")
        of_document = self._pairs("SELECT id, document_id FROM passages INDEXED BY passages_in_order")
        found = {file for document, file in of_file.items() if document not in documents}
        found |= {documents.get(each) for number, each in of_document.items() if passages.get(number) != each}
        return {file for file in found if isinstance(file, int)}

    def incomplete(self) -> set[int]:
        """The ids of files that lack stored documents, or whose documents lack stored passages."""
        found = set(
            self._pairs(
                """
                SELECT d.file_id, 0 FROM passages p JOIN documents d ON d.id = p.document_id GROUP BY p.document_id
                HAVING MIN(p.ordinal) <> 0 OR MAX(p.ordinal) <> COUNT(*) - 1
                """
            )
        )
        for parts in (
            f"""
            SELECT f.id, {self._sum("f")}, f.path, f.digest, (SELECT COUNT(*) FROM documents d WHERE d.file_id = f.id)
            FROM files f
            """,
            f"""
            SELECT d.file_id, {self._sum("d")}, d.part, d.title, d.digest,
                   (SELECT COUNT(*) FROM passages p WHERE p.document_id = d.id)
            FROM documents d
            """,
        ):
            for block in self.connection.raw_blocks(parts):
                for file, stored, *values in block:
                    # Without a digest, the next index run reads it again anyway.
                    forgotten = values[-2] == b""
                    if not forgotten and (stored != sum_of(values) if stored is not None else self.sealed):
                        found.add(file)
        return {file for file in found if isinstance(file, int)}

    def _pairs(self, statement: str) -> dict[Value, Value]:
        return dict(row for block in self.connection.raw_blocks(statement) for row in block)

    def schema(self) -> list[str]:
        """The names of the tables and indexes whose definitions have changed."""
        return unlike_made(self.connection)

    def orphans(self) -> Counter[str]:
        """How many rows of each table refer to missing rows."""
        return Counter(str(row[0]) for row in self.connection.rows("PRAGMA foreign_key_check"))

    def small(self) -> Iterator[tuple[str, Value, str]]:
        """(table, key, column) of each value of the small tables that is of the wrong type, or not UTF-8."""
        for table, (columns, kinds) in SMALL.items():
            chosen = ", ".join(columns)
            for block in self.connection.raw_blocks(f"SELECT {chosen} FROM {table}"):
                for row in block:
                    for column, value, kind in zip(columns, row, kinds, strict=True):
                        if not _is(value, kind):
                            yield table, row[0], column

    def paths(self, files: list[int]) -> dict[int, str]:
        """The paths of some files by their ids; bytes that cannot be decoded are replaced."""
        rows = [
            row
            for block in self.connection.raw_blocks(
                "SELECT id, path FROM files WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(files),)
            )
            for row in block
        ]
        return {number: decoded(path) for number, path in rows}

    def judgements(self) -> dict[int, tuple[str, Value] | None]:
        """The ids of damaged judgements: (column, right value) if it is one flipped bit, else None."""
        return damaged_judgements(self.connection)

    # -- passages

    def texts(self, going_on: GoingOn) -> TextsFound:
        """Compare every passage and text with checksums, digests and offsets."""
        found = TextsFound()
        wrong = self._wrong_texts(going_on)
        vouched: set[int] = set()
        total, done = self._reading.count("passages"), 0
        for block in self.connection.raw_blocks(
            f"""
            SELECT p.id, d.file_id, p.text_id, {self._sum("p")}, f.path, d.part, d.title, p.ordinal, p.start, p."end",
                   p.heading, p.language, p.confidence, t.text
            FROM passages p LEFT JOIN texts t ON t.id = p.text_id LEFT JOIN documents d ON d.id = p.document_id
            LEFT JOIN files f ON f.id = d.file_id ORDER BY p.id
            """
        ):
            for number, file, text, stored, *values in block:
                found.unsealed += stored is None
                whole = self._is_whole(stored, values)
                if whole and (text not in wrong or stored is not None):
                    vouched.add(text)
                else:
                    found.passages[number] = file if isinstance(file, int) else None
            done += len(block)
            going_on(done, total)
        used = {text for (text,) in self.connection.rows("SELECT DISTINCT text_id FROM passages")}
        found.digests = [text for text in wrong if text in vouched]
        found.unused = [text for text in wrong if text not in used]
        return found

    def flipped(self, passages: Iterable[int]) -> Iterator[tuple[str, str, int, Value]]:
        """(table, column, row id, right value) for each of some passages that is damaged by one flipped bit."""
        tables = ("files", "documents", "documents", *["passages"] * 6, "texts")
        columns = ("path", "part", "title", "ordinal", "start", '"end"', "heading", "language", "confidence", "text")
        # SQLite's index of paths has a second copy of each path.
        paths = self._pairs("SELECT id, path FROM files INDEXED BY sqlite_autoindex_files_1")
        for number in passages:
            for block in self.connection.raw_blocks(
                f"""
                SELECT f.id, d.id, p.id, t.id, {self._sum("p")}, f.path, d.part, d.title, p.ordinal, p.start, p."end",
                       p.heading, p.language, p.confidence, t.text
                FROM passages p JOIN texts t ON t.id = p.text_id JOIN documents d ON d.id = p.document_id
                JOIN files f ON f.id = d.file_id WHERE p.id = ?
                """,
                (number,),
            ):
                for file, document, passage, text, stored, *values in block:
                    ids = {"files": file, "documents": document, "passages": passage, "texts": text}
                    other = [paths.get(file), *values[1:]]
                    if stored == sum_of(other):
                        yield "files", "path", file, other[0]
                        continue
                    right = unflipped(values, stored) if isinstance(stored, int) else None
                    if right is not None:
                        yield tables[right[0]], columns[right[0]], ids[tables[right[0]]], right[1]

    def _is_whole(self, stored: Value, values: list[Value]) -> bool:
        """Whether a passage's values match its checksum, have the right types, and are consistent."""
        if not all(map(_is, values, "tttiiittft")):
            return False
        start, end, text = values[4], values[5], values[9]
        assert isinstance(start, int) and isinstance(end, int) and isinstance(text, bytes)
        if start < 0 or end - start != len(text.decode("utf-8")):
            return False
        return not self.sealed if stored is None else stored == passage_sum(*values)

    def _wrong_texts(self, going_on: GoingOn) -> set[int]:
        wrong: set[int] = set()
        total, done = self._reading.count("texts"), 0
        for block in self.connection.raw_blocks("SELECT id, digest, text FROM texts"):
            for number, digest, text in block:
                if not _is(text, "t") or digest_of(text.decode("utf-8")) != digest:
                    wrong.add(number)
            done += len(block)
            going_on(done, total)
        return wrong

    def _sum(self, table: str) -> str:
        return f"{table}.sum" if self._with_sums else "NULL"

    def words(self, going_on: GoingOn) -> str:
        """Why the full-text index does not match the texts; "" if it does."""
        return Words(self.connection).problem(going_on)

    # -- encoders

    def encoders(self) -> dict[int, list[Value] | None]:
        """(name, fingerprint, dimension) of each encoder by its id; None if it is damaged."""
        found: dict[int, list[Value] | None] = {}
        statement = f"SELECT id, {self._sum('e')}, revision, name, fingerprint, dimension FROM encoders e"
        for block in self.connection.raw_blocks(statement):
            for number, stored, revision, *values in block:
                whole = all(map(_is, values, "tti")) and _is(revision, "i") and 0 < values[2] <= MOST_NUMBERS
                whole = whole and (stored == sum_of(values) if stored is not None else not self.sealed)
                found[number] = values if whole else None
        return found

    def dimension(self, encoder: int) -> int:
        """The length of an encoder's vectors by the intact ones among them, 0 if there are none."""
        low, high = encoder << TEXT_BITS, (encoder + 1) << TEXT_BITS
        statement = f"SELECT id, vector, {self._sum('v')} FROM vectors v WHERE id >= ? AND id < ? LIMIT 200"
        lengths = Counter(
            dimension_of(vector)
            for block in self.connection.raw_blocks(statement, (low, high))
            for number, vector, stored in block
            if _is(vector, "b") and stored == vector_sum(number, vector)
        )
        return lengths.most_common(1)[0][0] if lengths else 0

    def vectors(self, encoder: int, dimension: int, going_on: GoingOn) -> VectorsFound:
        """Compare every vector of an encoder with its checksum, its length and its owner."""
        found = VectorsFound()
        low, high = encoder << TEXT_BITS, (encoder + 1) << TEXT_BITS
        total = int(self.connection.value("SELECT COUNT(*) FROM vectors WHERE id >= ? AND id < ?", (low, high)))
        for block in self.connection.raw_blocks(
            f"SELECT id, encoder_id, text_id, vector, {self._sum('v')} FROM vectors v WHERE id >= ? AND id < ?",
            (low, high),
        ):
            right = [row for row in block if self._is_right(row, encoder, dimension)]
            with np.errstate(over="ignore", invalid="ignore"):
                lengths = np.linalg.norm(unpacked([row[3] for row in right], dimension), axis=1)
            good = np.isfinite(lengths) & (lengths > 0.5) & (lengths < 2.0)
            sound = {row[0] for row, fine in zip(right, good, strict=True) if fine}
            found.damaged += [row[0] for row in block if row[0] not in sound]
            found.unsealed += sum(row[4] is None for row in block)
            found.number += len(block)
            going_on(found.number, total)
        return found

    def astray(self) -> dict[int, list[int]]:
        """Row ids of vectors in no encoder's range, by the encoder that they name: no query finds them."""
        found: dict[int, list[int]] = {}
        statement = f"SELECT encoder_id, id FROM vectors WHERE (id >> {TEXT_BITS}) NOT IN (SELECT id FROM encoders)"
        for block in self.connection.raw_blocks(statement):
            for owner, number in block:
                found.setdefault(owner if isinstance(owner, int) else 0, []).append(number)
        return found

    def _is_right(self, row: Row, encoder: int, dimension: int) -> bool:
        number, owner, text, vector, stored = row
        if owner != encoder or number != (encoder << TEXT_BITS) + (text if isinstance(text, int) else -1):
            return False
        if not _is(vector, "b") or len(vector) not in lengths_of(dimension):
            return False
        return bool(stored == vector_sum(number, vector)) if stored is not None else not self.sealed


def _is(value: Value, kind: str) -> bool:
    """Whether a value is of a column's type; texts have to be UTF-8."""
    if kind == "t":
        if not isinstance(value, Text):
            return False
        try:
            value.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True
    return type(value) is {"i": int, "f": float, "b": bytes}[kind]
