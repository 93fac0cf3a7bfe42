"""Replaces files and folders atomically: writes next to them, moves into place, removes leftovers of killed runs."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import socket
import stat
import time
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import TextIO
from uuid import uuid4

from . import environment
from .errors import DataError

# Names of leftovers of killed processes: `.NAME.HOST-PID-RANDOM.partial`, or `.before` for a previous version.
_LEFT = re.compile(r"\.(?P<name>.+)\.(?P<host>[0-9a-f]{6})-(?P<pid>\d+)-[0-9a-f]{8}\.(?P<role>partial|before)")
# The most bytes of a settings file, or another one written by hand.
WRITTEN_BY_HAND = 16 * 1024 * 1024
# The most bytes of a name: file systems take 255, and the ending of a leftover's name takes about forty.
_LONGEST_NAME = 200
# Whether a process on another machine is alive cannot be known; after a week it is taken for dead.
_OTHERS_AFTER = 7 * 24 * 3600.0


@contextlib.contextmanager
def replacing_file(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """A path next to `path` to write to; at the end of the block it becomes `path`, on an exception it is removed.

    A reader finds the old file or the new one, never a part. Missing parent folders are created.

    Args:
        path: the file to write or replace; a link there is replaced, not followed.
        durable: wait until the data is on disk; not needed for a cache.

    Raises:
        OSError: it cannot be written; `path` is unchanged.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent)
    partial = _beside(path, "partial")
    try:
        yield partial
        if durable:
            _settle(partial)
        partial.replace(path)
        if durable:
            _settle_folder(path.parent)
    except OSError as error:
        # A full disk names no file, and nobody knows the partial one.
        if error.errno and str(error.filename) in ("None", str(partial)):
            error.filename = str(path)
        raise
    finally:
        with contextlib.suppress(OSError):  # on a read-only file system even what is missing cannot be removed
            partial.unlink()


@contextlib.contextmanager
def saving(path: Path | str) -> Iterator[Path]:
    """Like `replacing_file` for a file that a caller named, without waiting until it is on disk.

    Raises:
        DataError: it cannot be written.
    """
    try:
        with replacing_file(Path(path), durable=False) as partial:
            yield partial
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.") from error


@contextlib.contextmanager
def prepared(place: Path) -> Iterator[None]:
    """Word what keeps data from being prepared in the cache, such as a full disk or a home that is read-only.

    Raises:
        DataError: `place` cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{place} cannot be written: {error.strerror or error}.",
            hint=f"Make room there, or name another place for caches with {environment.HOME.name}.",
        ) from error


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Replace a file by a text in UTF-8; lone surrogates, which file names may contain, are kept.

    Raises:
        OSError: it cannot be written; `path` is unchanged.

    """
    with replacing_file(path, durable=durable) as partial:
        partial.write_bytes(text.encode("utf-8", "surrogatepass"))


@contextlib.contextmanager
def replacing_folder(path: Path, *, keep: bool = False) -> Iterator[Path]:
    """An empty folder next to `path` to fill; at the end of the block it becomes `path`, on an exception it is removed.

    A previous folder is first renamed, restored if the new one cannot be moved into place, and otherwise removed after
    that. If the process is killed between the two moves, the next `sweep` restores it.

    Args:
        path: the folder to write or replace.
        keep: if another process has written the same folder in the meantime, keep its result and drop this one.

    Raises:
        OSError: it cannot be written; `path` is unchanged.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent)
    partial, before = _beside(path, "partial"), _beside(path, "before")
    partial.mkdir()
    try:
        yield partial
        for file in partial.rglob("*"):
            if file.is_file() and not file.is_symlink():
                _settle(file)
        if not (keep and path.is_dir() and any(path.iterdir())):
            _exchange(partial, path, before)
        _settle_folder(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if path.exists():
            shutil.rmtree(before, ignore_errors=True)


def read_regular(path: Path, most: int = WRITTEN_BY_HAND, *, follow: bool = True) -> bytes:
    """The bytes of a regular file; a pipe, a device or a folder is refused before anything is read from it.

    Args:
        path: the file.
        most: the most bytes it may have.
        follow: whether a link in the last part of the path is followed.

    Raises:
        OSError: it cannot be opened, is not a regular file, or is larger.

    """
    with open_regular(path, most, follow=follow) as file:
        return file.read(most)


def read_given(path: Path) -> bytes:
    """The bytes of a file that a person named; it may be a shell's pipe (`<(…)`, /dev/stdin).

    Raises:
        OSError: it cannot be opened, is larger than a file written by hand, or is another pipe, device or socket.

    """
    refuse_waiting(path)
    with path.open("rb") as file:
        found = file.read(WRITTEN_BY_HAND + 1)
    if len(found) > WRITTEN_BY_HAND:
        raise OSError(f"it has more than {WRITTEN_BY_HAND:,} bytes")
    return found


def refuse_waiting(path: Path) -> None:
    """Refuse a pipe, a device or a socket, or a link to one, outside /dev and /proc.

    Raises:
        OSError: it is one, or does not exist.

    """
    try:
        mode = path.stat().st_mode
    except ValueError as error:
        # A zero byte in the name.
        raise FileNotFoundError(errno.ENOENT, "no such file", str(path)) from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode) and path.parts[:2] not in (("/", "dev"), ("/", "proc")):
        raise OSError("it is no regular file")


@contextlib.contextmanager
def open_regular(path: Path, most: int | None = None, *, follow: bool = True) -> Iterator[BufferedReader]:
    """A regular file opened for reading, with the conditions of `read_regular`.

    Raises:
        OSError: it cannot be opened, is not a regular file, or is larger than `most` bytes.

    """
    with os.fdopen(_descriptor(path, os.O_RDONLY, follow=follow), "rb") as file:
        size = _size_if_regular(file.fileno())
        if most is not None and size > most:
            raise OSError(f"it is too large: {size:,} bytes")
        yield file


@contextlib.contextmanager
def appending(path: Path) -> Iterator[TextIO]:
    """A regular file in UTF-8, new or not, opened to write at its end; line ends are written as given.

    Raises:
        OSError: it cannot be opened, or is a link, a pipe or a device, of which nothing is opened or written.

    """
    descriptor = _descriptor(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, follow=False)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        _size_if_regular(descriptor)
        yield file


def _descriptor(path: Path, flags: int, *, follow: bool) -> int:
    # Without O_NONBLOCK, opening a pipe waits for its other end.
    flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, flags if follow else flags | getattr(os, "O_NOFOLLOW", 0), 0o666)


def _size_if_regular(descriptor: int) -> int:
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        raise OSError("it is not a regular file")
    return facts.st_size


def what_else(path: Path, *, folder: bool = False) -> str:
    """What a path is, in words, if it is neither a regular file (or a folder) nor missing; else "".

    Links are not followed: the author of a folder can make a link in it lead anywhere.
    """
    try:
        mode = path.lstat().st_mode
    except OSError:
        # A missing or inaccessible path is reported by the code that opens it.
        return ""
    if stat.S_ISDIR(mode) if folder else stat.S_ISREG(mode):
        return ""
    kinds = {
        stat.S_IFLNK: "a link",
        stat.S_IFDIR: "a folder",
        stat.S_IFREG: "a file",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "no regular file")


def remove_folder(path: Path) -> None:
    """Remove a folder; it is renamed first, so that no part of it stays under its name if the process is killed."""
    if path.is_dir() and not path.is_symlink():
        aside = _beside(path, "partial")
        with contextlib.suppress(OSError):
            path.replace(aside)
            path = aside
        shutil.rmtree(path, ignore_errors=True)


def identity_of(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, which change when another one takes its name; None if there is none."""
    try:
        facts = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def size_of(folder: Path) -> int:
    """The bytes of all files in a folder; one that disappears meanwhile (SQLite removes its own) is not counted."""
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += (Path(parent) / name).lstat().st_size
    return size


def sweep(folder: Path) -> None:
    """Remove leftovers of killed processes in a folder, and restore a previous version that was not replaced."""
    with contextlib.suppress(OSError):
        for left in list(folder.iterdir()):
            found = _LEFT.fullmatch(left.name)
            if found is None or _may_be_at_work(found["host"], int(found["pid"]), left):
                continue
            place = folder / found["name"]
            with contextlib.suppress(OSError):
                if found["role"] == "before" and not place.exists():
                    left.replace(place)
                elif left.is_dir() and not left.is_symlink():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()


def is_folder_name(name: str) -> bool:
    """Whether a name that a person chose can be a new folder's: one visible part of a path, printable, not too long."""
    sound = name == Path(name).name and name.strip() and name.isprintable() and not name.startswith(".")
    return bool(sound) and len(name.encode()) <= _LONGEST_NAME


def is_leftover(name: str) -> bool:
    """Whether a name is that of a leftover."""
    return _LEFT.fullmatch(name) is not None


def _exchange(partial: Path, path: Path, before: Path) -> None:
    if not path.exists():
        partial.replace(path)
        return
    path.replace(before)
    try:
        partial.replace(path)
    except OSError:
        before.replace(path)
        raise


def _beside(path: Path, role: str) -> Path:
    name = path.name.encode("utf-8", "surrogateescape")[:_LONGEST_NAME].decode("utf-8", "ignore")
    return path.with_name(f".{name}.{_host()}-{os.getpid()}-{uuid4().hex[:8]}.{role}")


def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode("utf-8", "replace")).hexdigest()[:6]


def _may_be_at_work(host: str, pid: int, left: Path) -> bool:
    if host != _host() or os.name == "nt":
        return time.time() - left.lstat().st_mtime < _OTHERS_AFTER
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _settle(file: Path) -> None:
    """Wait until a file is on disk; Windows requires a writable descriptor."""
    descriptor = os.open(file, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _settle_folder(folder: Path) -> None:
    """Wait until a folder's entries are on disk, if the system supports it."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
