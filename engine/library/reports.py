"""Defines the reports of a library: the results of indexing, and its contents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..ingest import Found, Unreadable


@dataclass(frozen=True)
class IndexReport:
    """The results of indexing.

    Documents are files, or rows of tables; `renamed` are among `unchanged`. `passages` and `languages` count the
    current content of the folders, whenever it was stored; `encoded` counts the texts that each encoder encoded in this
    call.
    """

    new: int
    changed: int
    unchanged: int
    removed: int
    renamed: int
    unreadable: tuple[Unreadable, ...]
    passages: int
    languages: dict[str, int]
    encoded: dict[str, int]
    seconds: float
    cancelled: bool
    notices: tuple[str, ...] = ()

    @property
    def passages_per_second(self) -> float:
        """Passages in the folders per second of the whole run."""
        return self.passages / self.seconds if self.seconds > 0 else 0.0

    @property
    def changes(self) -> int:
        """The number of changed documents and of encoded texts."""
        return self.new + self.changed + self.removed + self.renamed + sum(self.encoded.values())

    def as_dict(self) -> dict[str, Any]:
        """The report for JSON."""
        return {
            "documents": {
                "new": self.new,
                "changed": self.changed,
                "unchanged": self.unchanged,
                "removed": self.removed,
                "renamed": self.renamed,
                "unreadable": [{"path": each.path, "reason": each.reason} for each in self.unreadable],
            },
            "passages": self.passages,
            "languages": self.languages,
            "encoded": self.encoded,
            "seconds": round(self.seconds, 3),
            "passages_per_second": round(self.passages_per_second, 1),
            "cancelled": self.cancelled,
            "notices": list(self.notices),
        }


@dataclass(frozen=True)
class EncoderStatus:
    """An encoder's status in a library: passages with a vector, those without, and whether an index file is used."""

    name: str
    fingerprint: str
    dimension: int
    vectors: int
    missing: int
    indexed: bool


@dataclass(frozen=True)
class Status:
    """A library's status; `path` is its folder, or its place on an engine, `size` is in bytes on disk."""

    path: str
    folders: tuple[str, ...]
    files: int
    documents: int
    passages: int
    languages: dict[str, int]
    encoders: tuple[EncoderStatus, ...]
    failed: tuple[Unreadable, ...]
    size: int
    notices: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The status for JSON."""
        return {
            "path": self.path,
            "folders": list(self.folders),
            "files": self.files,
            "documents": self.documents,
            "passages": self.passages,
            "languages": self.languages,
            "encoders": [vars(each) for each in self.encoders],
            "failed": [{"path": each.path, "reason": each.reason} for each in self.failed],
            "size": self.size,
        }


def index_report(
    found: Found,
    languages: Mapping[str, int],
    encoded: dict[str, int],
    seconds: float,
    cancelled: bool,
    notices: tuple[str, ...],
) -> IndexReport:
    """The report of one call of `Library.index`."""
    return IndexReport(
        new=found.new,
        changed=found.changed,
        unchanged=found.unchanged,
        removed=found.removed,
        renamed=found.renamed,
        unreadable=tuple(found.unreadable),
        passages=sum(languages.values()),
        languages=dict(languages),
        encoded=encoded,
        seconds=seconds,
        cancelled=found.cancelled or cancelled,
        notices=notices,
    )
