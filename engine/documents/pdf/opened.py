"""The interface of both PDF readers, and their errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class PdfError(Exception):
    """A reader cannot open the file or read the page; the message says why."""


class EncryptedPdf(PdfError):
    """The file needs a password that is not empty."""


class PdfTimeout(PdfError):
    """Reading a page took longer than its limit."""


@dataclass(frozen=True)
class Bookmark:
    """A bookmark: its level (1 is the highest), its words, and the page it points to, counted from 0."""

    level: int
    title: str
    page: int


class OpenedPdf(Protocol):
    """A PDF that a reader has opened."""

    @property
    def count(self) -> int:
        """How many pages the file claims to have."""

    def title(self) -> str:
        """The title that its metadata gives, "" if none."""

    def bookmarks(self) -> Iterator[Bookmark]:
        """Its bookmarks, in order; a damaged outline ends early."""

    def close(self) -> None:
        """Frees what the reader holds."""
