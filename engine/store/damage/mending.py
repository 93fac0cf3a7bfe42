"""Repairs a library's database: makes damaged data again from intact data, or makes it readable and reports it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...errors import LibraryError
from ..failing import in_words
from ..reading import TEXT_BITS
from ..records import digest_of
from ..schema import SEALED
from ..sums import Text, Value, passage_sum, sum_of, vector_sum
from ..writing import Store
from .verifying import SMALL

_AT_ONCE = 2_000
_NO_WORDS = (
    "DELETE FROM words_data",
    "DELETE FROM words_idx",
    "DELETE FROM words_docsize",
    "INSERT INTO words_data (id, block) VALUES (1, x''), (10, x'00000000000000')",
    "INSERT OR REPLACE INTO words_config (k, v) VALUES ('version', 4)",
)
_EMPTY: dict[str, Value] = {"i": 0, "t": "", "b": b""}


@in_words
class Mending(Store):
    """A store that repairs; it deletes only what can be made again from a text or a file."""

    def seal(self) -> int:
        """Add checksums of the current values to everything without one; returns how many passages and vectors.

        Only a library of version 0.1 lacks them; if it is stopped, the next call continues.
        """
        if self.fact(SEALED) == "yes":
            return 0
        number = self._fill(
            "passages",
            """
            SELECT p.id, f.path, d.part, d.title, p.ordinal, p.start, p."end", p.heading, p.language, p.confidence,
                   t.text
            FROM passages p JOIN texts t ON t.id = p.text_id JOIN documents d ON d.id = p.document_id
            JOIN files f ON f.id = d.file_id WHERE p.sum IS NULL AND p.id > ? ORDER BY p.id
            """,
            lambda row: passage_sum(*row[1:]),
        )
        number += self._fill(
            "vectors",
            "SELECT id, vector FROM vectors WHERE sum IS NULL AND id > ? ORDER BY id",
            lambda row: vector_sum(row[0], row[1]),
        )
        self._fill(
            "files",
            "SELECT id, path, digest, (SELECT COUNT(*) FROM documents d WHERE d.file_id = f.id) FROM files f "
            "WHERE sum IS NULL AND id > ? ORDER BY id",
            lambda row: sum_of(row[1:]),
        )
        self._fill(
            "documents",
            "SELECT id, part, title, digest, (SELECT COUNT(*) FROM passages p WHERE p.document_id = d.id) "
            "FROM documents d WHERE sum IS NULL AND id > ? ORDER BY id",
            lambda row: sum_of(row[1:]),
        )
        self._fill(
            "encoders",
            "SELECT id, name, fingerprint, dimension FROM encoders WHERE sum IS NULL AND id > ? ORDER BY id",
            lambda row: sum_of(row[1:]),
        )
        self.set_fact(SEALED, "yes")
        return number

    def _fill(self, table: str, statement: str, sum_: Callable[[Sequence[Any]], int]) -> int:
        number, last = 0, -1
        while rows := self._raw_rows(f"{statement} LIMIT {_AT_ONCE}", (last,)):
            with self.connection.transaction():
                self.connection.many(f"UPDATE {table} SET sum = ? WHERE id = ?", [(sum_(row), row[0]) for row in rows])
            last, number = rows[-1][0], number + len(rows)
        return number

    def _raw_rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return [row for block in self.connection.raw_blocks(statement, values) for row in block]

    def reindex(self) -> None:
        """Rebuild SQLite's own indexes from their tables; raises LibraryError if the tables contradict them."""
        with self.changing():
            self.connection.execute("REINDEX")

    def remake_words(self) -> int:
        """Rebuild the full-text index, however damaged it is."""
        try:
            return self.enter_words()
        except LibraryError:
            # FTS5 cannot open a table whose first records are damaged, not even to clear it, so these are restored
            # first.
            with self.changing():
                for statement in _NO_WORDS:
                    self.connection.execute(statement)
            return self.enter_words()

    def drop_orphans(self) -> None:
        """Delete rows that refer to missing rows: they can neither be shown nor searched."""
        with self.changing():
            for statement in (
                "DELETE FROM documents WHERE file_id NOT IN (SELECT id FROM files)",
                "UPDATE files SET digest = x'', size = -1, mtime_ns = 0 WHERE id IN (SELECT d.file_id FROM documents d "
                "JOIN passages p ON p.document_id = d.id WHERE p.text_id NOT IN (SELECT id FROM texts))",
                "UPDATE documents SET digest = x'' WHERE id IN "
                "(SELECT document_id FROM passages WHERE text_id NOT IN (SELECT id FROM texts))",
                "DELETE FROM passages WHERE document_id NOT IN (SELECT id FROM documents) "
                "OR text_id NOT IN (SELECT id FROM texts)",
                "DELETE FROM vectors WHERE encoder_id NOT IN (SELECT id FROM encoders) "
                "OR text_id NOT IN (SELECT id FROM texts)",
                "DELETE FROM indexes WHERE encoder_id NOT IN (SELECT id FROM encoders)",
                "UPDATE encoders SET revision = revision + 1",
            ):
                self.connection.execute(statement)
            self.set_fact("unused texts", "yes")

    def make_readable(self, wrong: Iterable[tuple[str, Value, str]]) -> None:
        """Replace values of the wrong type in the small tables by valid ones; the original values are lost."""
        with self.changing():
            for table, key, column in wrong:
                columns, kinds = SMALL[table]
                if table in ("facts", "failures", "folders", "indexes"):
                    self._delete(table, columns[0], key)
                    continue
                kind = kinds[columns.index(column)]
                value = _EMPTY[kind]
                if kind == "t":
                    rows = self._raw_rows(f"SELECT {column} FROM {table} WHERE id = ?", (key,))
                    value = _text(rows[0][0]) if rows else ""
                    if column == "path":
                        value = f"{value} (damaged, {key!r})"
                self.connection.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (value, key))
                file = "SELECT file_id FROM documents WHERE id = ?" if table == "documents" else "?"
                self.connection.execute(
                    f"UPDATE files SET digest = x'', size = -1, mtime_ns = 0 WHERE id = ({file})", (key,)
                )
            if not self.fact("revision"):
                self.set_fact("revision", "1")

    def _delete(self, table: str, column: str, key: Value) -> None:
        """Delete a row by a key that need not be UTF-8."""
        if isinstance(key, Text):
            self.connection.execute(f"DELETE FROM {table} WHERE CAST({column} AS BLOB) = ?", (bytes(key),))
        else:
            self.connection.execute(f"DELETE FROM {table} WHERE {column} IS ?", (key,))

    def put_right(self, values: Iterable[tuple[str, str, int, Value]]) -> int:
        """Store corrected values; returns how many were changed."""
        number = 0
        with self.changing():
            for table, column, row, value in values:
                right = str(value, "utf-8") if isinstance(value, Text) else value
                number += self.connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE id = ? AND {column} IS NOT ?", (right, row, right)
                )
        return number

    def drop_judgements(self, numbers: Sequence[int]) -> None:
        """Delete judgements that are damaged beyond repair."""
        with self.connection.transaction():
            self.connection.execute(
                "DELETE FROM judgements WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(numbers)),)
            )

    def forget_files(self, files: Iterable[int]) -> None:
        """Forget the digests of files and their documents, so that the next index run reads them again."""
        with self.changing():
            chosen = json.dumps(list(files))
            for statement in (
                "UPDATE files SET digest = x'', size = -1, mtime_ns = 0 WHERE id IN (SELECT value FROM json_each(?))",
                "UPDATE documents SET digest = x'' WHERE file_id IN (SELECT value FROM json_each(?))",
            ):
                self.connection.execute(statement, (chosen,))

    def set_aside(self, passages: dict[int, int | None]) -> None:
        """Make damaged passages readable, and forget their files' digests: the next index run reads those again.

        Their text gets another digest, so that a new passage never shares it.
        """
        with self.changing():
            for number in passages:
                rows = self._raw_rows(
                    """
                    SELECT p.document_id, p.text_id, p.heading, p.language, p.confidence, p.ordinal, p.start, p."end",
                           t.text, t.digest FROM passages p JOIN texts t ON t.id = p.text_id WHERE p.id = ?
                    """,
                    (number,),
                )
                if rows:
                    self._set_aside(number, rows[0])
            self.forget_files({file for file in passages.values() if file is not None})

    def _set_aside(self, number: int, row: Sequence[Any]) -> None:
        document, text_id, heading, language, confidence, ordinal, start, end, text, digest = row
        whole = _text(text)
        if digest_of(whole) != digest:
            self.connection.execute(
                "UPDATE texts SET text = ?, digest = ? WHERE id = ?",
                (whole, digest_of(f"\0damaged {text_id}"), text_id),
            )
        if type(start) is not int or type(end) is not int or start < 0 or end - start != len(whole):
            start, end = 0, len(whole)
        self.connection.execute(
            'UPDATE passages SET heading = ?, language = ?, confidence = ?, start = ?, "end" = ? WHERE id = ?',
            (
                _text(heading),
                _text(language) if isinstance(language, Text) else "und",
                confidence if isinstance(confidence, float) else 0.0,
                start,
                end,
                number,
            ),
        )
        if type(ordinal) is not int:
            self.connection.execute(
                "UPDATE passages SET ordinal = (SELECT 1 + COALESCE(MAX(ordinal), 0) FROM passages "
                "WHERE document_id = ? AND typeof(ordinal) = 'integer') WHERE id = ?",
                (document, number),
            )

    def set_digests(self, texts: Iterable[int]) -> None:
        """Restore the digests of intact texts."""
        with self.changing():
            for number, text in self._raw_rows(
                "SELECT id, text FROM texts WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(texts)),)
            ):
                self.connection.execute(
                    "UPDATE OR IGNORE texts SET digest = ? WHERE id = ?", (digest_of(_text(text)), number)
                )

    def drop_texts(self, texts: Sequence[int]) -> None:
        """Delete texts that no passage has, with their vectors."""
        with self.changing():
            chosen = json.dumps(list(texts))
            for statement in (
                "DELETE FROM vectors WHERE text_id IN (SELECT value FROM json_each(?))",
                "DELETE FROM texts WHERE id IN (SELECT value FROM json_each(?))",
            ):
                self.connection.execute(statement, (chosen,))
            self.connection.execute("UPDATE encoders SET revision = revision + 1")

    def drop_vectors(self, encoder: int, vectors: Sequence[int]) -> None:
        """Delete vectors by their row ids, so that they are made again."""
        with self.changing():
            self.connection.execute(
                "DELETE FROM vectors WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(vectors)),)
            )
            self.connection.execute("UPDATE encoders SET revision = revision + 1 WHERE id = ?", (encoder,))
            # An index cannot add a text again that was deleted from it, so it is rebuilt.
            self.connection.execute("DELETE FROM indexes WHERE encoder_id = ?", (encoder,))

    def set_dimension(self, encoder: int, dimension: int) -> bool:
        """Correct an encoder's dimension, if that makes its checksum match; returns whether it did."""
        for name, fingerprint, stored in self._raw_rows(
            "SELECT name, fingerprint, sum FROM encoders WHERE id = ?", (encoder,)
        ):
            if dimension and stored == sum_of((name, fingerprint, dimension)):
                with self.changing():
                    self.connection.execute("UPDATE encoders SET dimension = ? WHERE id = ?", (dimension, encoder))
                return True
        return False

    def drop_encoder(self, number: int) -> None:
        """Delete an encoder whose name or fingerprint is lost, with its vectors."""
        with self.changing():
            self.connection.execute("DELETE FROM vectors WHERE encoder_id = ?", (number,))
            self.connection.execute(
                "DELETE FROM vectors WHERE id >= ? AND id < ?", (number << TEXT_BITS, (number + 1) << TEXT_BITS)
            )
            self.connection.execute("DELETE FROM indexes WHERE encoder_id = ?", (number,))
            self.connection.execute("DELETE FROM encoders WHERE id = ?", (number,))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)
