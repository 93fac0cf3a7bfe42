"""What reading and walking hand over: a document with its structure, a file found, a file passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Heading:
    """A heading in a document's text: where its line starts, its level (1 is the highest), its words."""

    start: int
    level: int
    title: str


@dataclass(frozen=True)
class Document:
    """The text of one file, or of one row of a table, with its structure.

    `part` is "" for a whole file and "row 12" for a row; `pages` holds the start offset of each page (chapter,
    slide) in `text`, empty where the kind knows no pages. Offsets count characters of `text`.
    """

    path: Path
    part: str
    title: str
    text: str
    headings: tuple[Heading, ...] = ()
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class LongDocument:
    """A document without headings that is too long to be held whole: its text comes in pieces, once, in order."""

    path: Path
    part: str
    title: str
    pieces: Iterator[str]


@dataclass(frozen=True)
class Stream:
    """What the reader of long files is given: a file's bytes, unpacked, in blocks that can be had once."""

    path: Path
    blocks: Iterator[bytes]


@dataclass(frozen=True)
class Source:
    """What a reader is given: a file's bytes, unpacked, and what the caller asked for.

    `limit` bounds, in bytes, what the file may unpack to. `text_column` names the column that holds a table's text.
    """

    path: Path
    data: bytes
    limit: int
    text_column: str | None = None


@dataclass(frozen=True)
class FoundFile:
    """A file that looks readable; `relative` is its storable name below the folder, with forward slashes.

    `stamp` is another number after whatever is done to the file: made of the times of its last change and its inode,
    since programs that keep a file's size may set its time back. While `touched_ns`, in nanoseconds since
    1970, is a moment ago, another change may leave the stamp as it is. `size` is in bytes.
    """

    path: Path
    relative: str
    size: int
    stamp: int
    touched_ns: int


@dataclass(frozen=True)
class SkippedFile:
    """A file that is passed over.

    `problem` is False for what is skipped by rule (pictures, programs, links that leave the folder) and True for what
    a person would expect to find and does not (no permission, no reader for the kind).
    """

    path: Path
    reason: str
    problem: bool = True
    relative: str = ""
