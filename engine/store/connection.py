"""One connection to a library's database: opened without writing, its errors put into words, its transactions whole."""

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

# Readers never wait in WAL; a writer waits this long for another one to finish its transaction.
_BUSY_SECONDS = 10.0
_ASKED_EVERY = 0.2


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
        # Files that SQLite makes beside a database to read it, and that were not there before.
        self._leave_nothing = readonly and not self._beside("-shm").exists() and not self._beside("-wal").exists()
        # How the file was when it was opened without locks, where it can only be read so.
        self._frozen: tuple[int, int, bool] | None = None
        self._raw = self._opened(readonly)
        self._asking = _Asking(self)

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    def _opened(self, readonly: bool) -> sqlite3.Connection:
        if not os.path.isfile(self.path):  # noqa: PTH113 - says no where it may not look
            raise LibraryError(f"There is no library database at {self.path}.")
        require_database(self.path)
        modes = ["ro"] if readonly else ["rw"]
        if readonly and not self._beside("-wal").exists():
            # On a medium that nobody can write to, SQLite cannot keep its usual book about readers, nor need it.
            modes.append("ro&immutable=1")
        failure: LibraryError | None = None
        for mode in modes:
            raw: sqlite3.Connection | None = None
            try:
                raw = self._connected(mode)
                self._frozen = self._state() if "immutable" in mode else None
                raw.execute("PRAGMA foreign_keys=ON")
                # What somebody else wrote into the schema runs nothing, and damaged pages are seen where they are read.
                raw.execute("PRAGMA trusted_schema=OFF")
                raw.execute("PRAGMA cell_size_check=ON")
                # With WAL this keeps the file whole through a crash; only what a power cut catches may be rolled back.
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
        """Close it; what was committed stays, and who only read leaves no file behind."""
        self._raw.close()
        self._tidy()

    def _tidy(self) -> None:
        """Have SQLite take away the empty files that reading made: only it knows whether somebody else uses them."""
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
        """Raise LibraryError where the database was changed that is read without locks."""
        if self._frozen is not None and self._frozen != self._state():
            raise LibraryError(f"{self.path} was changed by another process while it was read.", hint="Open it again.")

    def _state(self) -> tuple[int, int, bool]:
        """What tells whether a database was changed that is read without locks."""
        facts = self.path.stat()
        return facts.st_size, facts.st_mtime_ns, self._beside("-wal").exists()

    def rows(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._asking:
            return self._raw.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        """The first row of a query, None where there is none."""
        with self._asking:
            found: Row | None = self._raw.execute(statement, values).fetchone()
            return found

    def value(self, statement: str, values: Sequence[Any] | dict[str, Any] = ()) -> Any:
        """The first column of the first row, None where there is none."""
        found = self.row(statement, values)
        return found[0] if found else None

    def blocks(self, statement: str, values: Sequence[Any] = (), *, size: int = 8192) -> Iterator[list[Row]]:
        """The rows of a query, `size` at a time, so that a large table never is in memory whole."""
        with self._asking:
            cursor = self._raw.execute(statement, values)
        while True:
            with self._asking:
                found = cursor.fetchmany(size)
            if not found:
                return
            yield found

    def raw_blocks(self, statement: str, values: Sequence[Any] = (), *, size: int = 2048) -> Iterator[list[Row]]:
        """As `blocks`, for what may be damaged: a text comes as `Text`, bytes that need not be UTF-8."""
        with self._asking:
            cursor = self._raw.execute(statement, values)
        while True:
            with self._asking:
                usual = self._raw.text_factory
                self._raw.text_factory = Text
                try:
                    found = cursor.fetchmany(size)
                finally:
                    self._raw.text_factory = usual
            if not found:
                return
            yield found

    def patiently(self, statement: str, going_on: Callable[[], None]) -> list[Row]:
        """All rows of a query that may take minutes, asked in a thread of its own.

        Args:
            statement: the query.
            going_on: called five times a second meanwhile; whatever it raises, as Ctrl-C does, ends the query.
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
        """Everything inside happens or nothing does; a transaction inside another one is part of it."""
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
        """Every query inside sees the same state, whatever another process writes meanwhile."""
        with self._lock:
            if self._raw.in_transaction:
                yield
                return
            with self._asking:
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


class _Asking:
    """Around every statement: one thread at a time, and what fails is put into words. Millions of them are run."""

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
                say(error, self._connection.path, changed=self._connection._raw.total_changes > 0)
        finally:
            self._lock.release()
