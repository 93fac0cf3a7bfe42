"""What reading and walking return: a document with its structure, a file found, a file skipped."""

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
    slide) in `text`, empty if the kind has no pages. Offsets count characters of `text`.
    """

    path: Path
    part: str
    title: str
    text: str
    headings: tuple[Heading, ...] = ()
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class LongDocument:
    """A document without headings, too long to be held in memory: its text comes in pieces, once, in order."""

    path: Path
    part: str
    title: str
    pieces: Iterator[str]


@dataclass(frozen=True)
class Stream:
    """The input of a reader of long files: a file's bytes, unpacked, in blocks that can be iterated once."""

    path: Path
    blocks: Iterator[bytes]


@dataclass(frozen=True)
class Source:
    """The input of a reader: a file's bytes, unpacked, and the caller's settings.

    The file may unpack to at most `limit` bytes. `text_column` names the column that holds a table's text.
    """

    path: Path
    data: bytes
    limit: int
    text_column: str | None = None


@dataclass(frozen=True)
class FoundFile:
    """A file that looks readable; `relative` is its storable path below the folder, with forward slashes.

    `stamp` differs after any change to the file. It is made of the file's change times and inode, since programs may
    keep a file's size and reset its modification time. Shortly after `touched_ns`, in nanoseconds since 1970, a further
    change may leave the stamp equal. `size` is in bytes.
    """

    path: Path
    relative: str
    size: int
    stamp: int
    touched_ns: int


@dataclass(frozen=True)
class SkippedFile:
    """A file that is skipped.

    `problem` is False for files skipped by rule (pictures, programs, links that leave the folder) and True for files
    that a person would expect to find (no permission, no reader for the kind).
    """

    path: Path
    reason: str
    problem: bool = True
    relative: str = ""
