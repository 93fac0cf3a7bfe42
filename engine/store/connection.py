"""One connection to a library's database: opened without writing, its errors put into words, its transactions whole."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..errors import LibraryBusy, LibraryError

Row = tuple[Any, ...]

# Readers never wait in WAL; a writer waits this long for another one to finish its transaction.
_BUSY_SECONDS = 10.0


class Connection:
    """SQLite with three promises: errors name the file, a transaction is all or nothing, reading changes nothing.

    Args:
        path: the database file; it has to exist.
        readonly: open it so that no statement can change it.
    """

    def __init__(self, path: Path, *, readonly: bool) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._raw = self._opened(readonly)

    def _opened(self, readonly: bool) -> sqlite3.Connection:
        if not os.path.isfile(self.path):  # noqa: PTH113 - says no where it may not look
            raise LibraryError(f"There is no library database at {self.path}.")
        location = "file:" + quote(str(self.path.absolute()), errors="surrogateescape")
        modes = ["ro"] if readonly else ["rw"]
        if readonly and not self.path.with_name(self.path.name + "-wal").exists():
            # On a medium that nobody can write to, SQLite cannot keep its usual book about readers, nor need it.
            modes.append("ro&immutable=1")
        failure: sqlite3.Error | None = None
        for mode in modes:
            raw: sqlite3.Connection | None = None
            try:
                raw = sqlite3.connect(
                    f"{location}?mode={mode}",
                    uri=True,
                    timeout=_BUSY_SECONDS,
                    isolation_level=None,
                    check_same_thread=False,
                )
                raw.execute("PRAGMA foreign_keys=ON")
                # With WAL this keeps the file whole through a crash; only what a power cut catches may be rolled back.
                raw.execute("PRAGMA synchronous=NORMAL")
                raw.execute("PRAGMA temp_store=MEMORY")
                raw.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            except sqlite3.Error as error:
                failure = error
                if raw is not None:
                    raw.close()
                if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                    break
            else:
                return raw
        assert failure is not None
        raise translated(failure, self.path)

    def close(self) -> None:
        """Close it; what was committed stays."""
        self._raw.close()

    def rows(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._lock, saying(self.path):
            return self._raw.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        """The first row of a query, None where there is none."""
        with self._lock, saying(self.path):
            found: Row | None = self._raw.execute(statement, values).fetchone()
            return found

    def value(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """The first column of the first row, None where there is none."""
        found = self.row(statement, values)
        return found[0] if found else None

    def blocks(self, statement: str, values: Sequence[Any] = (), *, size: int = 8192) -> Iterator[list[Row]]:
        """The rows of a query, `size` at a time, so that a large table never is in memory whole."""
        with self._lock, saying(self.path):
            cursor = self._raw.execute(statement, values)
        while True:
            with self._lock, saying(self.path):
                found = cursor.fetchmany(size)
            if not found:
                return
            yield found

    def execute(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Run a statement; returns how many rows it changed."""
        with self._lock, saying(self.path):
            return self._raw.execute(statement, values).rowcount

    def insert(self, statement: str, values: Sequence[Any]) -> int:
        """Run an INSERT; returns the id of the new row."""
        with self._lock, saying(self.path):
            identity = self._raw.execute(statement, values).lastrowid
            assert identity is not None
            return identity

    def many(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each set of values."""
        with self._lock, saying(self.path):
            self._raw.executemany(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens or nothing does; a transaction inside another one is part of it."""
        with self._lock:
            if self._depth:
                yield
                return
            with saying(self.path):
                self._raw.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                with saying(self.path):
                    self._raw.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._depth -= 1

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Every query inside sees the same state, whatever another process writes meanwhile."""
        with self._lock:
            if self._raw.in_transaction:
                yield
                return
            with saying(self.path):
                self._raw.execute("BEGIN")
            try:
                yield
            finally:
                self._roll_back()

    def _roll_back(self) -> None:
        # What made it necessary is the error to tell of; SQLite rolls back by itself where it cannot do so now.
        if self._raw.in_transaction:
            with suppress(sqlite3.Error):
                self._raw.execute("ROLLBACK")


@contextmanager
def saying(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into LibraryError with the file's name, the cause and the next step."""
    try:
        yield
    except sqlite3.Error as error:
        raise translated(error, path) from error


def translated(error: sqlite3.Error, path: Path) -> LibraryError:
    """SQLite's error as a LibraryError."""
    code = (getattr(error, "sqlite_errorname", None) or "").upper()
    words = str(error).lower()
    if "FULL" in code or "disk is full" in words:
        return LibraryError(
            f"The disk that holds {path} is full.",
            hint="What was stored before is kept: make room and run the same command again.",
        )
    if "BUSY" in code or "LOCKED" in code or "is locked" in words:
        return LibraryBusy(f"{path} is in use by another process.", hint="Wait until it has finished, then try again.")
    if "NOTADB" in code or "CORRUPT" in code or "malformed" in words or "not a database" in words:
        return LibraryError(
            f"The library's database {path} is damaged ({error}). It has not been changed.",
            hint="Restore it from a copy, or move it away and index the folders again.",
        )
    if "READONLY" in code or "readonly" in words:
        return LibraryError(
            f"{path} cannot be written to: it is read-only.", hint="Check the permissions of its folder."
        )
    if "CANTOPEN" in code or "unable to open" in words:
        return LibraryError(f"{path} cannot be opened.", hint="Check the permissions of the file and its folder.")
    if "IOERR" in code:
        return LibraryError(f"The disk that holds {path} reports an error ({error}).", hint="Check the disk.")
    if "no such table" in words or "no such column" in words:
        return LibraryError(
            f"The library's database {path} lacks a part it should have ({error}). It has not been changed.",
            hint="Restore it from a copy, or move it away and index the folders again.",
        )
    return LibraryError(f"The library's database {path} failed: {error}.")
