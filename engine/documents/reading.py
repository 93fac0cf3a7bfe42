"""Reads one file into documents: decompresses, decodes, and calls the reader of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import UnreadableDocument
from .building import one_line
from .kinds import BY_NAME, LARGEST, Kind, kind_by_content, kind_by_name, kind_under_another_name, suffixes
from .model import Document, LongDocument, Source, Stream
from .opening import Opened, opened

Reader = Callable[[Source], Iterable[Document]]

SIZE_LIMIT = LARGEST
# A file larger than this is read in pieces, if its kind allows it.
_LONG = 8 * 1024 * 1024
_BLANK = b" \t\r\n\f\v\x00\xef\xbb\xbf\xff\xfe"


def read(path: Path | str, *, text_column: str | None = None, size_limit: int | None = None) -> Iterator[Document]:
    """The documents of a file: one, or one for each row of a csv, tsv or jsonl file.

    `size_limit` is in bytes, after unpacking; without it each kind has its own. Texts have newlines as line ends and no
    NUL or lone surrogates; the text of a plain text file is otherwise unchanged.

    Raises:
        UnreadableDocument: its message is the reason, without the path; for a table it may be raised after the good
            rows were yielded.

    """
    for document in read_in_pieces(path, text_column=text_column, size_limit=size_limit):
        if isinstance(document, Document):
            yield document
        else:
            yield Document(document.path, document.part, document.title, "".join(document.pieces))


def read_in_pieces(
    path: Path | str, *, text_column: str | None = None, size_limit: int | None = None
) -> Iterator[Document | LongDocument]:
    """Like `read`, but a plain text of many megabytes is a `LongDocument`, read while its pieces are iterated.

    Raises:
        UnreadableDocument: as `read`; for a long document also while its pieces are iterated.

    """
    with guarded():
        for document in _documents(Path(path), text_column, size_limit):
            if isinstance(document, LongDocument):
                pieces = _guarded_pieces(document.pieces)
                yield LongDocument(document.path, document.part, document.title, pieces)
            else:
                yield document


def _documents(path: Path, text_column: str | None, asked: int | None) -> Iterator[Document | LongDocument]:
    with opened(path) as file:
        named = BY_NAME.get(kind_by_name(path))
        file.check(asked or (named.limit if named else LARGEST), named.name if named else "any file")
        kind = _kind(path, file.head)
        limit = kind.limit if asked is None else asked
        if kind.long_reader and (blocks := _if_long(file, limit, kind)) is not None:
            yield from _imported(kind.long_reader)(Stream(path, blocks))
            return
        data = file.all(limit, kind.name)
    holds = bool(file.head.strip(_BLANK) or data.strip(_BLANK))
    source = Source(path, data, limit, text_column)
    del data
    yield from _not_empty(reader_of(kind.name)(source), holds)


def _if_long(file: Opened, limit: int, kind: Kind) -> Iterator[bytes] | None:
    """The blocks of a file that is long and not blank, None for any other."""
    file.check(limit, kind.name)
    if not file.longer_than(_LONG) or not file.head.strip(_BLANK):
        return None
    return file.blocks(limit, kind.name)


def _kind(path: Path, head: bytes) -> Kind:
    name = kind_by_name(path)
    if name == "no reader":
        name = kind_under_another_name(head)
        if not name:
            raise UnreadableDocument(f"there is no reader for {suffixes(path)[0]} files")
    if name not in BY_NAME or not BY_NAME[name].fits(head):
        name = kind_by_content(head)
    if not name:
        raise UnreadableDocument("it is a binary file")
    return BY_NAME[name]


def reader_of(kind: str) -> Reader:
    """The reader of a kind, by the kind's name."""
    reader: Reader = _imported(BY_NAME[kind].reader)
    return reader


def _imported(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(f".{module}", __package__), function)


@contextmanager
def guarded() -> Iterator[None]:
    """Turn any error inside into this file's `UnreadableDocument`, so that no file ends the reading of others."""
    try:
        yield
    except (UnreadableDocument, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except RecursionError as error:
        raise UnreadableDocument("it is nested too deeply") from error
    except MemoryError as error:
        raise UnreadableDocument("reading it takes more memory than there is") from error
    except BaseException as error:
        # A panic in a Rust library is not an `Exception`.
        raise UnreadableDocument(f"its reader failed ({type(error).__name__}: {one_line(str(error))[:200]})") from error


def _guarded_pieces(pieces: Iterator[str]) -> Iterator[str]:
    with guarded():
        yield from pieces


def _not_empty(documents: Iterable[Document], holds: bool) -> Iterator[Document]:
    """The documents; a file with content but no text is unreadable, like a scan without a text layer.

    An empty file is an empty document, since nothing in it is lost.
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
    if holds:
        raise UnreadableDocument("it holds no text")
    if empty is not None:
        yield empty
