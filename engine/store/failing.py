"""Turns errors of a library's database into messages with the file, the cause and the next step."""

from __future__ import annotations

import functools
import inspect
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from ..errors import LibraryBusy, LibraryError

T = TypeVar("T")


def in_words(cls: type[T]) -> type[T]:
    """Make the public methods of a class with a `path` raise LibraryError if they find an impossible value.

    A damaged database may contain anything: text for a number, bytes for text.
    """
    for name, member in list(vars(cls).items()):
        if not name.startswith("_") and inspect.isfunction(member):
            setattr(cls, name, _each_in_words(member) if inspect.isgeneratorfunction(member) else _in_words(member))
    return cls


def _in_words(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def worded(self: Any, *arguments: Any, **options: Any) -> Any:
        with saying(self.path):
            return method(self, *arguments, **options)

    return worded


def _each_in_words(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def worded(self: Any, *arguments: Any, **options: Any) -> Any:
        with saying(self.path):
            yield from method(self, *arguments, **options)

    return worded


class saying(AbstractContextManager[None]):
    """Turn errors of a database into LibraryError with the file's name, the cause and the next step.

    A value of another type than its column's, and text that is not UTF-8, count as damage, like a torn page.

    Args:
        path: the database.
        changed: whether something was stored since it was opened.
    """

    __slots__ = ("_changed", "_path")

    def __init__(self, path: Path, *, changed: bool = False) -> None:
        self._path = path
        self._changed = changed

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise the error that replaces `error`, if there is one."""
        if error is not None:
            say(error, self._path, changed=self._changed)


def say(error: BaseException, path: Path, *, changed: bool = False) -> None:
    """Raise the LibraryError that replaces an error, if there is one."""
    if isinstance(error, sqlite3.Error):
        raise translated(error, path, changed=changed) from error
    if isinstance(error, (ValueError, TypeError, OverflowError, MemoryError)):
        raise damaged(path, str(error), changed=changed) from error


def damaged(path: Path, cause: str, *, changed: bool = False) -> LibraryError:
    """The error for a database with impossible content."""
    return LibraryError(
        f"The library's database {path} is damaged ({cause}). {_kept(changed)}",
        hint="`hybrid-search check` says what is wrong; restore it from a copy, or move it away and index the "
        "folders again.",
    )


def _kept(changed: bool) -> str:
    return "What was stored before is kept." if changed else "It has not been changed."


def translated(error: sqlite3.Error, path: Path, *, changed: bool = False) -> LibraryError:
    """SQLite's error as a LibraryError."""
    code = (getattr(error, "sqlite_errorname", None) or "").upper()
    words = str(error).lower()
    if "FULL" in code or "disk is full" in words:
        return LibraryError(
            f"The disk that holds {path} is full.",
            hint="What was stored before is kept: free some space and run the same command again.",
        )
    if "BUSY" in code or "LOCKED" in code or "is locked" in words:
        return LibraryBusy(f"{path} is in use by another process.", hint="Wait until it has finished, then try again.")
    if "NOTADB" in code or "CORRUPT" in code or "malformed" in words or "not a database" in words:
        return damaged(path, str(error), changed=changed)
    if "READONLY" in code or "readonly" in words:
        return LibraryError(
            f"{path} cannot be written to: it is read-only.", hint="Check the permissions of its folder."
        )
    if "CANTOPEN" in code or "unable to open" in words:
        return LibraryError(f"{path} cannot be opened.", hint="Check the permissions of the file and its folder.")
    if "IOERR" in code:
        return LibraryError(f"The disk that holds {path} reports an error ({error}).", hint="Check the disk.")
    if "closed database" in words:
        return LibraryError(f"The library {path.parent} was closed.", hint="Open it again.")
    if "no such table" in words or "no such column" in words:
        return LibraryError(
            f"The library's database {path} lacks a part it should have ({error}). {_kept(changed)}",
            hint="Restore it from a copy, or move it away and index the folders again.",
        )
    if isinstance(error, sqlite3.DataError) or "decode to utf-8" in words or "too big" in words:
        return damaged(path, str(error), changed=changed)
    return LibraryError(f"The library's database {path} failed: {error}.")
