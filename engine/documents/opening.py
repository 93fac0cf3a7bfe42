"""Gives a file's bytes, decompressed if needed: its start, all, or block by block, never past a limit."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import UnreadableDocument
from .decoding import SAMPLE
from .kinds import COMPRESSED

_OPENERS: dict[str, Callable[..., Any]] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
_BLOCK = 8 * 1024 * 1024
# Texts, tables and logs unpack to 3 to 100 times their size; far more than that is a zip bomb.
_MOST_TIMES = 500
_NEVER_A_BOMB = 2 * 1024 * 1024


class Opened:
    """An open file.

    Attributes:
        head: its first bytes.
    """

    def __init__(self, file: BinaryIO, size: int, *, packed: bool) -> None:
        self._file = file
        self._size = size
        self._packed = packed
        # Bytes read and not yet returned.
        self._ahead = self._take(SAMPLE)
        self.head = self._ahead

    def check(self, limit: int, kind: str) -> None:
        """Refuse a file that is larger than the limit of its kind before reading more of it."""
        if not self._packed and self._size > limit:
            raise UnreadableDocument(
                f"it is too large: {megabytes(self._size)}, the limit for {kind} is {megabytes(limit)}"
            )

    def longer_than(self, number: int) -> bool:
        """Whether there are more than `number` bytes, unpacked; a packed file is read up to there to tell."""
        if not self._packed:
            return self._size > number
        self._ahead += self._take(max(0, number + 1 - len(self._ahead)))
        return len(self._ahead) > number

    def all(self, limit: int, kind: str) -> bytes:
        """All its bytes."""
        self.check(limit, kind)
        wanted = limit + 1 if self._packed else min(limit, self._size) + 1
        ahead, self._ahead = self._ahead, b""
        if len(ahead) < SAMPLE:
            data = ahead
        elif self._packed:
            data = ahead + self._take(max(0, wanted - len(ahead)))
        else:
            # Read from the start again: appending to the bytes read would briefly take twice the file's size.
            self._file.seek(0)
            data = self._take(wanted)
        self._refuse_more(len(data), limit, kind)
        return data

    def blocks(self, limit: int, kind: str) -> Iterator[bytes]:
        """All its bytes, in blocks of several megabytes."""
        self.check(limit, kind)
        block, self._ahead = self._ahead, b""
        total = 0
        while block:
            total += len(block)
            self._refuse_more(total, limit, kind)
            yield block
            block = self._take(min(_BLOCK, limit + 1 - total))

    def _refuse_more(self, number: int, limit: int, kind: str) -> None:
        if self._packed and number > max(_NEVER_A_BOMB, _MOST_TIMES * self._size):
            raise UnreadableDocument(f"it unpacks to more than {_MOST_TIMES} times its size, as no text does")
        if number > limit:
            how = "it unpacks to" if self._packed else "it is"
            raise UnreadableDocument(
                f"it is too large: {how} more than {megabytes(limit)}, which is the limit for {kind}"
            )

    def _take(self, number: int) -> bytes:
        try:
            return self._file.read(number)
        except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
            raise UnreadableDocument(f"its compressed data is damaged: {error}") from error
        except OSError as error:
            raise UnreadableDocument(_said(error)) from error


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """A file opened to be read once.

    Raises:
        UnreadableDocument: no permission, not a regular file, or damaged compressed data.

    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise UnreadableDocument("it is a folder" if stat.S_ISDIR(facts.st_mode) else "it is not a regular file")
        file = path.open("rb")
    except OSError as error:
        raise UnreadableDocument(_said(error)) from error
    except ValueError as error:
        raise UnreadableDocument(f"no file can have this name: {error}") from error
    with file:
        packing = COMPRESSED.get(path.suffix.lower(), "")
        try:
            if file.read(2) == b"\x1f\x8b":
                packing = "gzip"
            elif packing == "gzip":
                packing = ""
            file.seek(0)
        except OSError as error:
            raise UnreadableDocument(_said(error)) from error
        if not packing:
            yield Opened(file, facts.st_size, packed=False)
            return
        with _OPENERS[packing](file) as unpacked:
            yield Opened(unpacked, facts.st_size, packed=True)


def megabytes(size: int) -> str:
    """A number of bytes in words for people."""
    return f"{size / 1024 / 1024:,.0f} MB" if size >= 1024 * 1024 else f"{size:,} bytes"


def _said(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "there is no permission to read it"
    if isinstance(error, FileNotFoundError):
        return "it is gone"
    return (error.strerror or str(error)).lower()
