"""Allows one writer at a time, by a file lock that the system releases when its process dies."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from ..errors import LibraryBusy, LibraryError
from .own_files import require_own

_POLL_SECONDS = 0.1
# The wait between two tries doubles up to this long.
_LONGEST_PAUSE = 1.0
# The name of the lock file in the folder that it is about.
LOCK = "writer.lock"
_NEVER_THROUGH_A_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)

T = TypeVar("T")


def when_free(
    work: Callable[[], T], *, wait: float, say: Callable[[str], None], stopped: Callable[[], bool] = lambda: False
) -> T:
    """The result of `work`, which is repeated while another process is writing to the library.

    Args:
        work: raises LibraryBusy before it changes anything, or can be repeated.
        wait: seconds until the last try; infinity for no limit.
        say: receives one sentence when waiting begins.
        stopped: returns whether to give up.

    Raises:
        LibraryBusy: the library was not free in time, or `stopped` returned true.

    """
    until = time.monotonic() + wait
    pause = _POLL_SECONDS
    told = False
    while True:
        try:
            return work()
        except LibraryBusy as error:
            left = until - time.monotonic()
            if left <= 0 or stopped():
                raise
            if not told:
                say(f"{error.message} Waiting until it has finished{_at_most(wait)}.")
                told = True
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)


def _at_most(wait: float) -> str:
    return "" if wait == float("inf") else f", at most {wait:,.0f} s"


class WriterLock:
    """The writer's lock of a library. A thread may take it again: it is released when the outermost block ends.

    Args:
        path: the lock file; created at first use and never removed, since removing it would let two writers in.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1
        self._depth = 0
        # The file's lock is this process's: its threads are kept apart here.
        self._threads = threading.RLock()

    @contextmanager
    def held(self, wait: float = 0.0) -> Iterator[None]:
        """Hold the lock inside the block; if another holder has it, wait up to `wait` seconds.

        Raises:
            LibraryBusy: another process, thread or Library object is writing.
            LibraryError: the lock file cannot be written to, or the file system has no locks.

        """
        until = time.monotonic() + wait
        if not self._threads.acquire(timeout=min(wait, threading.TIMEOUT_MAX)):
            raise LibraryBusy(
                f"Another thread is writing to the library {self._path.parent}.",
                hint="Call it again when that has finished; searching works meanwhile.",
            )
        try:
            if not self._depth:
                self._take(until)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    os.close(self._handle)
                    self._handle = -1
        finally:
            self._threads.release()

    def taken(self) -> bool:
        """Whether somebody holds it now; nothing is created or changed."""
        try:
            handle = os.open(self._path, os.O_RDONLY | _NEVER_THROUGH_A_LINK)
        except OSError:
            return False
        try:
            _share(handle)
        except (BlockingIOError, PermissionError):
            return True
        except OSError:
            return False
        finally:
            os.close(handle)
        return False

    def _take(self, until: float) -> None:
        require_own(self._path)
        # `taken` may hold it for an instant.
        until = max(until, time.monotonic() + _POLL_SECONDS)
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | _NEVER_THROUGH_A_LINK, 0o644)
        except OSError as error:
            raise LibraryError(
                f"The library {self._path.parent} cannot be written to: {error.strerror}.",
                hint="Check the permissions of its folder.",
            ) from error
        try:
            while not _locked(handle):
                if time.monotonic() >= until:
                    raise BlockingIOError
                time.sleep(_POLL_SECONDS)
        except BlockingIOError as error:
            owner = _owner(handle)
            os.close(handle)
            raise LibraryBusy(
                f"Another process{owner} is writing to the library {self._path.parent}.",
                hint="Run the same command again when it has finished; searching works meanwhile.",
            ) from error
        except OSError as error:
            os.close(handle)
            raise LibraryError(
                f"The library {self._path.parent} cannot be locked for writing: {error.strerror or error}.",
                hint="Move it to a file system that supports locks.",
            ) from error
        self._handle = handle
        if not _is_ours(handle):
            return
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), _PID_AT) if hasattr(os, "pwrite") else None
        except OSError:
            # The process number only improves a message; a full disk must not prevent removals.
            return


def _locked(handle: int) -> bool:
    try:
        _lock(handle)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_ours(handle: int) -> bool:
    """Whether the content is that of a lock file, so that another file hard-linked to it is never written to."""
    facts = os.fstat(handle)
    if not stat.S_ISREG(facts.st_mode) or facts.st_nlink > 1 or facts.st_size > _PID_AT + _PID_LENGTH:
        return False
    os.lseek(handle, _PID_AT, os.SEEK_SET)
    try:
        return os.read(handle, _PID_LENGTH).strip(b"\0 ").isdigit() or not facts.st_size
    except OSError:
        return False


# Windows prevents reading locked bytes, too, so the process number comes after the locked first byte.
_PID_AT = 1
_PID_LENGTH = 20


def _owner(handle: int) -> str:
    try:
        os.lseek(handle, _PID_AT, os.SEEK_SET)
        number = os.read(handle, _PID_LENGTH).decode("ascii", "ignore").strip("\0 ")
    except OSError:
        return ""
    return f" ({number})" if number.isdigit() else ""


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    # Closing the file ends the lock.
    _share = _lock

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _share(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
