"""Documents to their passages: cut, each with its language, as they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ..documents import Document, read
from ..languages import detect
from ..passages import split_pieces
from ..store import NewDocument, NewPassage, RunningDigest, digest_of
from .reading_pool import Arriving, Piece

CountTokens = Callable[[Sequence[str]], list[int]]


class Incoming(Protocol):
    """A document to be stored: its passages are taken once, and then its digest is known."""

    @property
    def part(self) -> str:
        """Its part of the file."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def passages(self) -> Iterable[NewPassage]:
        """Its passages, in order."""

    @property
    def digest(self) -> bytes:
        """What tells whether it is as it was."""


class CutDocument:
    """A document that is cut while its passages are taken."""

    def __init__(self, document: Arriving, count_tokens: CountTokens, limit: int) -> None:
        self.part = document.part
        self.title = document.title
        self._pieces = document.pieces
        self._count_tokens = count_tokens
        self._limit = limit
        self._digest = RunningDigest()
        self._digest.add(f"{self.title}\0")

    @property
    def passages(self) -> Iterator[NewPassage]:
        """Its passages; they can be taken once."""
        for span, text in split_pieces(self._noted(), self._count_tokens, limit=self._limit):
            told = detect(text)
            yield NewPassage(span.start, span.end, span.heading, text, told.code, told.confidence)

    @property
    def digest(self) -> bytes:
        """As `document_digest`, once all passages were taken."""
        return self._digest.value

    def _noted(self) -> Iterator[Piece]:
        for text, headings in self._pieces:
            self._digest.add(text)
            yield text, headings


class Cutter:
    """Cuts documents into passages.

    Args:
        count_tokens: how the encoders count.
        limit: the most tokens of a passage.
    """

    def __init__(self, count_tokens: CountTokens, limit: int) -> None:
        self._count_tokens = count_tokens
        self._limit = limit

    def cut(self, document: Arriving) -> CutDocument:
        """A document that arrives, to be cut while its passages are taken."""
        return CutDocument(document, self._count_tokens, self._limit)

    def documents(self, path: Path, text_column: str | None = None) -> Iterator[NewDocument]:
        """The documents of a file, which is read in this process, with their passages.

        Raises:
            UnreadableDocument: the file cannot be read, or not to its end.

        """
        for document in read(path, text_column=text_column):
            cut = self.cut(Arriving(document.part, document.title, iter([(document.text, document.headings)])))
            passages = tuple(cut.passages)
            yield NewDocument(cut.part, cut.title, cut.digest, passages)


def document_digest(document: Document) -> bytes:
    """What tells whether a document is as it was: its title and text."""
    return digest_of(f"{document.title}\0{document.text}")
