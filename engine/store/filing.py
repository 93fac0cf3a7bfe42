"""Stores a file document by document and block by block, inside one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .connection import Connection
from .entering import Entering
from .records import KnownFile, NewDocument, NewFile, NewPassage
from .sums import sum_begun, sum_of


class _Tables(Protocol):
    """The methods of the store that a filing needs."""

    @property
    def connection(self) -> Connection: ...

    def delete_documents(self, numbers: Sequence[int]) -> None: ...


@dataclass
class Tally:
    """How many documents of a file are new, changed, unchanged, or removed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    @property
    def present(self) -> int:
        """How many documents it has now."""
        return self.new + self.changed + self.unchanged


class Filing:
    """Stores a file, replacing its previous state; documents with unchanged part and text keep their passages.

    Create it inside a transaction, which the caller ends: until then readers see no change, and a kill leaves none.

    Attributes:
        tally: the counts so far.
    """

    def __init__(self, store: _Tables, entering: Entering, file: NewFile, known: KnownFile | None) -> None:
        self._store = store
        self._entering = entering
        self._path = file.path
        self.tally = Tally()
        self._before: dict[str, tuple[bytes, int]] = {}
        self._leaving: list[int] = []
        self._open: tuple[int, str, str, int] | None = None
        self._digest = file.digest
        facts = (file.path, file.size, file.stamp, file.digest, file.text_column)
        connection = store.connection
        if known is None:
            self._file = connection.insert(
                "INSERT INTO files (path, size, mtime_ns, digest, text_column) VALUES (?, ?, ?, ?, ?)", facts
            )
            return
        self._file = known.id
        connection.execute(
            "UPDATE files SET path = ?, size = ?, mtime_ns = ?, digest = ?, text_column = ? WHERE id = ?",
            (*facts, known.id),
        )
        for block in connection.blocks("SELECT id, part, digest FROM documents WHERE file_id = ?", (known.id,)):
            for number, part, digest in block:
                if part in self._before:
                    self._leaving.append(number)
                else:
                    self._before[part] = digest, number

    def put(self, document: NewDocument) -> None:
        """Store a complete document."""
        if self._is_other(document.part, document.digest):
            facts = document.part, document.title, document.digest
            number = self._document(*facts, sum_of((*facts, len(document.passages))))
            self._put_passages(number, *facts[:2], 0, document.passages)

    def begin(self, part: str, title: str) -> None:
        """Begin a document whose passages and digest follow."""
        self._open = self._document(part, title, b""), part, title, 0

    def add(self, passages: Sequence[NewPassage]) -> None:
        """Store the next passages of the open document."""
        assert self._open is not None
        number, part, title, count = self._open
        self._put_passages(number, part, title, count, passages)
        self._open = number, part, title, count + len(passages)

    def end(self, digest: bytes) -> None:
        """End the open document."""
        assert self._open is not None
        number, part, title, count = self._open
        self._open = None
        self._entering.flush()
        if self._is_other(part, digest):
            self._store.connection.execute(
                "UPDATE documents SET digest = ?, sum = ? WHERE id = ?",
                (digest, sum_of((part, title, digest, count)), number),
            )
        else:
            self._store.delete_documents([number])

    def drop(self) -> None:
        """Delete the open document, if there is one."""
        if self._open is not None:
            self._entering.flush()
            self._store.delete_documents([self._open[0]])
            self._open = None

    def close(self, failure: str = "") -> Tally:
        """End the file: delete documents that are no longer in it; `failure` says what could not be read."""
        self.tally.removed = len(self._before)
        if leaving := [*self._leaving, *(number for _, number in self._before.values())]:
            self._store.delete_documents(leaving)
        checksum = sum_of((self._path, self._digest, self.tally.present))
        self._entering.add_file(self._file, self._path, checksum, failure)
        return self.tally

    def _document(self, part: str, title: str, digest: bytes, checksum: int | None = None) -> int:
        """Insert a document; `checksum` covers the number of passages and is added later if that is not known yet."""
        return self._store.connection.insert(
            "INSERT INTO documents (file_id, part, title, digest, sum) VALUES (?, ?, ?, ?, ?)",
            (self._file, part, title, digest, checksum),
        )

    def _put_passages(self, number: int, part: str, title: str, first: int, passages: Sequence[NewPassage]) -> None:
        self._entering.add(number, sum_begun((self._path, part, title)), first, passages)

    def _is_other(self, part: str, digest: bytes) -> bool:
        """Count a document; returns whether it is new or changed."""
        before = self._before.pop(part, None)
        if before is None:
            self.tally.new += 1
        elif before[0] == digest:
            self.tally.unchanged += 1
            return False
        else:
            self.tally.changed += 1
            self._leaving.append(before[1])
        return True
