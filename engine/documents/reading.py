"""One file to its documents: unpacked, decoded, and given to the reader of its kind."""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import UnreadableDocument
from .building import one_line
from .decoding import SAMPLE
from .kinds import BY_NAME, COMPRESSED, kind_by_content, kind_by_name, kind_under_another_name, suffixes
from .model import Document, Source

Reader = Callable[[Source], Iterable[Document]]

SIZE_LIMIT = 100 * 1024 * 1024
_BLANK = b" \t\r\n\f\v\x00\xef\xbb\xbf\xff\xfe"
_OPENERS: dict[str, Callable[..., Any]] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}


def read(path: Path | str, *, text_column: str | None = None, size_limit: int = SIZE_LIMIT) -> Iterator[Document]:
    """The documents of a file: one, or one for each row of a csv, tsv or jsonl file.

    `size_limit` is in bytes, after unpacking. Texts have newlines as line ends and no NUL or lone surrogates; those of
    plain text files are otherwise as in the file.

    Raises:
        UnreadableDocument: with the reason as its message (the path is the caller's); for a table it may come after
            good rows were given.

    """
    yield from _guarded(_documents(Path(path), text_column, size_limit))


def _documents(path: Path, text_column: str | None, limit: int) -> Iterator[Document]:
    data = _bytes(path, limit)
    reader = reader_of(_kind(path, data[:SAMPLE]))
    yield from _not_empty(reader(Source(path, data, limit, text_column)), data)


def _kind(path: Path, head: bytes) -> str:
    name = kind_by_name(path)
    if name == "no reader":
        name = kind_under_another_name(head)
        if not name:
            raise UnreadableDocument(f"there is no reader for {suffixes(path)[0]} files")
    if name not in BY_NAME or not BY_NAME[name].fits(head):
        name = kind_by_content(head)
    if not name:
        raise UnreadableDocument("it is a binary file")
    return name


def reader_of(kind: str) -> Reader:
    """The reader of a kind, by the kind's name."""
    module, _, function = BY_NAME[kind].reader.partition(":")
    reader: Reader = getattr(import_module(f".{module}", __package__), function)
    return reader


def _guarded(documents: Iterator[Document]) -> Iterator[Document]:
    """The documents; whatever reading raises is this file's reason, so that no file ends the reading of others."""
    try:
        yield from documents
    except (UnreadableDocument, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except RecursionError as error:
        raise UnreadableDocument("it is nested too deeply") from error
    except MemoryError as error:
        raise UnreadableDocument("it takes more memory than there is") from error
    except BaseException as error:
        # A panic in a library written in Rust is no `Exception`.
        raise UnreadableDocument(f"its reader failed ({type(error).__name__}: {one_line(str(error))[:200]})") from error


def _not_empty(documents: Iterable[Document], data: bytes) -> Iterator[Document]:
    """The documents; a file that holds something and gives no text is unreadable, like a scan without a text layer.

    An empty file is an empty document: nothing of it is lost.
    """
    found = False
    empty: Document | None = None
    for document in documents:
        if found or document.text.strip():
            found = True
            yield document
        else:
            empty = empty or document
    if found:
        return
    if data.strip(_BLANK):
        raise UnreadableDocument("it holds no text")
    if empty is not None:
        yield empty


def _bytes(path: Path, limit: int) -> bytes:
    """A file's bytes, unpacked if packed.

    Raises:
        UnreadableDocument: no permission, too large, or damaged.

    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise UnreadableDocument("it is a folder" if stat.S_ISDIR(facts.st_mode) else "it is no regular file")
        size = facts.st_size
        if size > limit:
            raise UnreadableDocument(f"it is too large: {_megabytes(size)}, the limit is {_megabytes(limit)}")
        with path.open("rb") as file:
            packing = COMPRESSED.get(path.suffix.lower(), "")
            if file.read(2) == b"\x1f\x8b":
                packing = "gzip"
            elif packing == "gzip":
                packing = ""
            file.seek(0)
            if not packing:
                return file.read(limit)
            with _OPENERS[packing](file) as unpacked:
                data: bytes = unpacked.read(limit + 1)
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise UnreadableDocument(f"its compressed data is damaged: {error}") from error
    except OSError as error:
        raise UnreadableDocument(_said(error)) from error
    except ValueError as error:
        raise UnreadableDocument(f"its name is none that a file can have: {error}") from error
    if len(data) > limit:
        raise UnreadableDocument(f"it is too large: it unpacks to more than {_megabytes(limit)}")
    return data


def _said(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "there is no permission to read it"
    if isinstance(error, FileNotFoundError):
        return "it is gone"
    return (error.strerror or str(error)).lower()


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:,.0f} MB" if size >= 1024 * 1024 else f"{size:,} bytes"
