"""One file to its documents: unpacked, decoded, and given to the reader of its kind."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..errors import UnreadableDocument
from .decoding import Undecodable, decode
from .kinds import BY_SUFFIX, COMPRESSED, SAMPLE, kind_by_content, kind_by_name, suffixes
from .markup import read_html
from .model import Document
from .plain import read_plain

SIZE_LIMIT = 100 * 1024 * 1024
_OPENERS: dict[str, Callable[..., Any]] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}


def read(path: Path | str, *, text_column: str | None = None, size_limit: int = SIZE_LIMIT) -> Iterator[Document]:
    """The documents of a file: one, or one for each row of a csv, tsv or jsonl file.

    `size_limit` is in bytes, after unpacking. Texts have newlines as line ends and no NUL or lone surrogates; those of
    plain text files are otherwise as in the file.

    Raises:
        UnreadableDocument: with the reason as its message (the path is the caller's); for a table it may come after
            good rows were given.

    """
    path = Path(path)
    data = _bytes(path, size_limit)
    kind = kind_by_name(path)
    if kind not in BY_SUFFIX.values() or (kind in ("docx", "odt", "pptx", "epub") and not data.startswith(b"PK")):
        kind = kind_by_content(data[:SAMPLE]) if kind != "no reader" else kind
    if kind == "no reader":
        raise UnreadableDocument(f"there is no reader for {suffixes(path)[0]} files")
    if kind == "":
        raise UnreadableDocument("it is a binary file")
    if kind == "pdf":
        from .pdf import read_pdf

        yield read_pdf(path, data)
    elif kind in ("docx", "odt", "pptx", "epub"):
        from .office import read_office

        yield read_office(path, data, kind, size_limit)
    else:
        yield from _texts(path, data, kind, text_column)


def _texts(path: Path, data: bytes, kind: str, text_column: str | None) -> Iterator[Document]:
    try:
        text = decode(data)
    except Undecodable as error:
        raise UnreadableDocument(str(error)) from error
    if kind == "html":
        yield read_html(path, text)
    elif kind in ("csv", "tsv", "jsonl"):
        from .tables import read_table

        yield from read_table(path, text, kind, text_column)
    else:
        yield read_plain(path, text, kind)


def _bytes(path: Path, limit: int) -> bytes:
    """A file's bytes, unpacked if packed.

    Raises:
        UnreadableDocument: no permission, too large, or damaged.

    """
    try:
        size = path.stat().st_size
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
