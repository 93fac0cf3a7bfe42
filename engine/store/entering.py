"""Stores what is known of passages and files after they were read: that of many files by the same few statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from ..lexical import terms_of
from .connection import Connection
from .records import NewPassage, digest_of
from .sums import sum_of_new

# Rows are stored when they are so many.
_HELD = 2000


def put_failures(connection: Connection, failures: Iterable[tuple[str, str]], read: Iterable[str]) -> None:
    """Record (path, reason) of files that could not be read, and remove the records of those that could."""
    connection.many("DELETE FROM failures WHERE path = ?", [(path,) for path in read])
    connection.many("INSERT OR REPLACE INTO failures (path, reason) VALUES (?, ?)", failures)


class Entering:
    """Passages and the ends of files, to be stored inside a transaction; the caller ends with `flush`.

    Most files have few passages, so statements for each file would take longer than their rows.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._texts: list[tuple[bytes, str]] = []
        self._passages: list[tuple[Any, ...]] = []
        self._words: list[str] = []
        self._files: list[tuple[int, int]] = []
        self._failures: list[tuple[str, str]] = []
        self._read: list[str] = []

    def add(self, document: int, begun: int, first: int, passages: Sequence[NewPassage]) -> None:
        """Add passages of a document, numbered from `first`.

        `begun` is the checksum of its file's path, its part and its title, with which those of its passages begin.
        """
        for ordinal, each in enumerate(passages, first):
            digest = digest_of(each.text)
            facts = ordinal, each.start, each.end, each.heading, each.language, float(each.confidence)
            self._texts.append((digest, each.text))
            self._passages.append((document, *facts, digest, sum_of_new(begun, *facts, each.text)))
            self._words.append(terms_of(each.heading, each.text) if each.terms is None else each.terms)
        if len(self._texts) >= _HELD:
            self.flush()

    def add_file(self, number: int, path: str, checksum: int, failure: str) -> None:
        """Add the checksum of a file, and what could not be read of it, "" if it was read completely."""
        self._files.append((checksum, number))
        if failure:
            self._failures.append((path, failure))
        else:
            self._read.append(path)

    def flush(self) -> None:
        """Store what was added."""
        connection = self._connection
        if self._texts:
            self._flush_passages()
        connection.many("UPDATE files SET sum = ? WHERE id = ?", self._files)
        put_failures(connection, self._failures, self._read)
        self._files, self._failures, self._read = [], [], []

    def _flush_passages(self) -> None:
        connection = self._connection
        connection.many("INSERT INTO texts (digest, text) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING", self._texts)
        # The ids are those that SQLite would choose; with them, words find their passages without a search.
        first = 1 + connection.value(
            """
            SELECT MAX(COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'passages'), 0),
                       COALESCE((SELECT MAX(id) FROM passages), 0))
            """
        )
        connection.many(
            """
            INSERT INTO passages
                (id, document_id, ordinal, start, "end", heading, language, confidence, text_id, sum)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM texts WHERE digest = ?), ?)
            """,
            [(number, *row) for number, row in zip(count(first), self._passages, strict=False)],
        )
        connection.many("INSERT INTO words (rowid, tokens) VALUES (?, ?)", zip(count(first), self._words, strict=False))
        self._texts, self._passages, self._words = [], [], []
