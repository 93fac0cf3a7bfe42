"""What indexing finds: counts, files that could not be read, and files that have to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..documents import FoundFile
from ..store import KnownFile, NewDocument, NewFile


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be read, and why."""

    path: str
    reason: str


@dataclass
class Found:
    """What indexing folders found, counted in documents: files, or rows of a table.

    `renamed` are those of the unchanged ones that were known under another name. `seen` counts files. `left_out` are
    paragraphs that were found to stand in most documents, digits as 0.
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
    """A file that is to be read, and what is known of it."""

    entry: FoundFile
    path: str
    known: KnownFile | None
    digest: bytes
    stamp: int
    column: str

    def as_new(self, documents: Sequence[NewDocument] = (), failure: str = "") -> NewFile:
        """The file as it is stored."""
        size = self.entry.size
        return NewFile(self.path, size, self.stamp, self.digest, self.column, tuple(documents), failure)
