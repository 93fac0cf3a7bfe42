"""Wraps a connection to a library's database: opened without writing, with readable errors and atomic transactions."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..errors import LibraryError
from .failing import damaged, say, translated
from .own_files import require_database
from .sums import Text

Row = tuple[Any, ...]

# In WAL mode readers never wait; a writer waits this long for another one's transaction.
_BUSY_SECONDS = 10.0
_ASKED_EVERY = 0.2
_RAW_AT_ONCE = 2_048


class Connection:
    """SQLite with three promises: errors name the file, transactions are atomic, reading changes nothing.

    Args:
        path: the database file, which must exist.
        readonly: open it so that no statement can change it.
    """

    def __init__(self, path: Path, *, readonly: bool) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        # Whether SQLite creates files next to the database for reading that did not exist before.
        self._leave_nothing = readonly and not self._beside("-shm").exists() and not self._beside("-wal").exists()
        # The state of the file when it was opened without locks, if it can only be read so.
        self._frozen: tuple[int, int, bool] | None = None
        self._raw = self._opened(readonly)
        self._asking = _Asking(self)

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    def _opened(self, readonly: bool) -> sqlite3.Connection:
        if not os.path.isfile(self.path):  # noqa: PTH113 - False without permission
            raise LibraryError(f"There is no library database at {self.path}.")
        require_database(self.path)
        modes = ["ro"] if readonly else ["rw"]
        if readonly and not self._beside("-wal").exists():
            # On a read-only medium, SQLite cannot create its shared-memory file, and does not need it.
            modes.append("ro&immutable=1")
        failure: LibraryError | None = None
        for mode in modes:
            raw: sqlite3.Connection | None = None
            try:
                raw = self._connected(mode)
                self._frozen = self._state() if "immutable" in mode else None
                raw.execute("PRAGMA foreign_keys=ON")
                # Nothing in an untrusted schema is run, and damaged pages are detected when they are read.
                raw.execute("PRAGMA trusted_schema=OFF")
                raw.execute("PRAGMA cell_size_check=ON")
                # In WAL mode this keeps the file intact through a crash; a power failure may roll back the last
                # transactions.
                raw.execute("PRAGMA synchronous=NORMAL")
                raw.execute("PRAGMA temp_store=MEMORY")
                raw.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            except (sqlite3.Error, OSError, ValueError, TypeError) as error:
                if isinstance(error, sqlite3.Error):
                    failure = translated(error, self.path)
                else:
                    failure = damaged(self.path, str(error))
                failure.__cause__ = error
                if raw is not None:
                    raw.close()
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if code not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
                    break
            else:
                return raw
        self._tidy()
        assert failure is not None
        raise failure

    def _connected(self, mode: str) -> sqlite3.Connection:
        location = "file:" + quote(str(self.path.absolute()), errors="surrogateescape")
        return sqlite3.connect(
            f"{location}?mode={mode}",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )

    def close(self) -> None:
        """Close it; committed data is kept, and reading leaves no files behind."""
        self._raw.close()
        self._tidy()

    def has_changed(self) -> bool:
        """Whether something was stored through this connection, as far as that can be told once it is closed."""
        try:
            return self._raw.total_changes > 0
        except sqlite3.ProgrammingError:
            return False

    def _tidy(self) -> None:
        """Make SQLite remove the empty files that reading created: only it knows whether others use them."""
        if not self._leave_nothing:
            return
        log, shared = self._beside("-wal"), self._beside("-shm")
        with suppress(OSError, sqlite3.Error, ValueError, TypeError, LibraryError):
            if shared.exists() and log.stat().st_size == 0:
                require_database(self.path)
                raw = self._connected("rw")
                try:
                    raw.execute("PRAGMA busy_timeout=0")
                    raw.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
                finally:
                    raw.close()

    def must_be_as_opened(self) -> None:
        """Raise LibraryError if the database is read without locks and was changed."""
        if self._frozen is not None and self._frozen != self._state():
            raise LibraryError(f"{self.path} was changed by another process while it was read.", hint="Open it again.")

    def _state(self) -> tuple[int, int, bool]:
        """The state by which a change of a database read without locks is detected."""
        facts = self.path.stat()
        return facts.st_size, facts.st_mtime_ns, self._beside("-wal").exists()

    def rows(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._asking:
            return self._raw.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        """The first row of a query, or None."""
        with self._asking:
            found: Row | None = self._raw.execute(statement, values).fetchone()
            return found

    def value(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.row(statement, values)
        return found[0] if found else None

    def blocks(self, statement: str, values: Sequence[Any] = (), *, size: int = 8192) -> Iterator[list[Row]]:
        """The rows of a query, `size` at a time, so that a large table is never fully in memory."""
        with self._asking:
            cursor = self._raw.execute(statement, values)
        while True:
            with self._asking:
                found = cursor.fetchmany(size)
            if not found:
                return
            yield found

    def raw_blocks(self, statement: str, values: Sequence[Any] = ()) -> Iterator[list[Row]]:
        """Like `blocks`, for data that may be damaged: a text is a `Text`, bytes that need not be UTF-8."""
        with self._asking:
            cursor = self._raw.execute(statement, values)
        while True:
            with self._asking:
                usual = self._raw.text_factory
                self._raw.text_factory = Text
                try:
                    found = cursor.fetchmany(_RAW_AT_ONCE)
                finally:
                    self._raw.text_factory = usual
            if not found:
                return
            yield found

    def patiently(self, statement: str, going_on: Callable[[], None]) -> list[Row]:
        """All rows of a query that may take minutes, run in a separate thread.

        Args:
            statement: the query.
            going_on: called five times a second meanwhile; any exception that it raises, and Ctrl-C, ends the query.
        """
        found: list[Row] = []
        failures: list[BaseException] = []

        def ask() -> None:
            try:
                found.extend(self._raw.execute(statement).fetchall())
            except BaseException as error:
                failures.append(error)

        with self._asking:
            thread = threading.Thread(target=ask, daemon=True)
            thread.start()
            try:
                while thread.is_alive():
                    thread.join(_ASKED_EVERY)
                    going_on()
            except BaseException:
                self._raw.interrupt()
                thread.join()
                raise
            if failures:
                raise failures[0]
        return found

    def execute(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Run a statement; returns how many rows it changed."""
        with self._asking:
            return self._raw.execute(statement, values).rowcount

    def insert(self, statement: str, values: Sequence[Any]) -> int:
        """Run an INSERT; returns the id of the new row."""
        with self._asking:
            identity = self._raw.execute(statement, values).lastrowid
            assert identity is not None
            return identity

    def many(self, statement: str, values: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each set of values."""
        with self._asking:
            self._raw.executemany(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is stored or nothing; a transaction inside another one is part of it."""
        with self._lock:
            if self._depth:
                yield
                return
            with self._asking:
                self._raw.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                with self._asking:
                    self._raw.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._depth -= 1

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All queries inside see the same state, even if another process writes meanwhile."""
        with self._lock:
            with self._asking:
                within = self._raw.in_transaction
                if not within:
                    self._raw.execute("BEGIN")
            if within:
                yield
                return
            try:
                yield
            finally:
                self._roll_back()

    def _roll_back(self) -> None:
        # The error that caused it is the one to report; if this fails, SQLite rolls back by itself.
        if self._raw.in_transaction:
            with suppress(sqlite3.Error):
                self._raw.execute("ROLLBACK")


class _Asking:
    """Surrounds every statement: one thread at a time, with errors translated. It must be fast: there are millions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = connection._lock

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                self._connection.must_be_as_opened()
            else:
                say(error, self._connection.path, changed=self._connection.has_changed())
        finally:
            self._lock.release()
