"""Holds what indexing finds: counts, files that could not be read, and files to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..documents import FoundFile
from ..store import KnownFile, NewDocument, NewFile


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be read, and the reason."""

    path: str
    reason: str


@dataclass
class Found:
    """The results of indexing folders, counted in documents: files, or rows of a table.

    `renamed` are the unchanged ones that had another name before. `seen` counts files. `left_out` are paragraphs found
    in most documents, with digits as 0.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    renamed: int = 0
    removed: int = 0
    seen: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    cancelled: bool = False


@dataclass(frozen=True)
class Wanted:
    """A file to be read, and what is known about it."""

    entry: FoundFile
    path: str
    known: KnownFile | None
    digest: bytes
    stamp: int
    column: str

    def as_new(self, documents: Sequence[NewDocument] = (), failure: str = "") -> NewFile:
        """The file to be stored."""
        size = self.entry.size
        return NewFile(self.path, size, self.stamp, self.digest, self.column, tuple(documents), failure)
