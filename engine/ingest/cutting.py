"""Cuts documents into passages as they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ..documents import Document, read, running
from ..encoders import Counter
from ..passages import Parted, Parting, Repeating, packed
from ..progress import Teller
from ..store import NewDocument, NewPassage, RunningDigest, digest_of
from .finishing import finish, finished
from .reading_pool import Arriving, Piece

CountTokens = Callable[[Sequence[str]], list[int]]

CUTTING = "cutting"
# A document of a file with more bytes than this reports the progress of cutting.
_LONG = 200_000


class Incoming(Protocol):
    """A document to be stored: its passages can be iterated once, after which its digest is known."""

    @property
    def part(self) -> str:
        """Which part of the file it is."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def passages(self) -> Iterable[NewPassage]:
        """Its passages, in order."""

    @property
    def digest(self) -> bytes:
        """The digest that tells whether it has changed."""


class CutDocument:
    """A document that is cut while its passages are iterated; a long one reports progress.

    Its passages have no language yet.
    """

    def __init__(
        self,
        document: Arriving,
        count_tokens: CountTokens,
        teller: Teller,
        parting: Parting,
        on_running: Callable[[str], None],
    ) -> None:
        self.part = document.part
        self.title = document.title
        self._document = document
        self._count_tokens = count_tokens
        self._teller = teller
        self._parting = parting
        self._on_running = on_running
        self._running = () if parting.boilerplate else document.running
        self._is_long = document.size > _LONG and not document.part
        self._characters = self._bytes = 0
        self._digest = RunningDigest()
        self._digest.add(f"{self.title}\0")

    @property
    def passages(self) -> Iterator[NewPassage]:
        """Its passages; they can be iterated once."""
        spans = packed(self._parted(), self._count_tokens, limit=self._parting.limit)
        for number, (span, text) in enumerate(spans, 1):
            yield NewPassage(span.start, span.end, span.heading, text, "", 0.0)
            if self._is_long:
                self._tell(number, span.end)

    @property
    def digest(self) -> bytes:
        """Its `document_digest`, after all passages were iterated."""
        return self._digest.value

    def _parted(self) -> Iterator[Parted]:
        document = self._document
        if document.parted is None:
            yield from self._parting.parted(self._pieces(), document.running, document.part)
            return
        for stretch in document.parted:
            self._note(stretch.text)
            yield stretch

    def _pieces(self) -> Iterator[Piece]:
        for text, headings in self._document.pieces:
            self._note(text)
            yield text, headings

    def _note(self, text: str) -> None:
        self._digest.add(text)
        if self._running:
            start, end = self._running[0]
            self._on_running(text[start:end])
            self._running = ()
        if self._is_long:
            self._characters += len(text)
            self._bytes += len(text.encode("utf-8", "surrogatepass"))

    def _tell(self, number: int, end: int) -> None:
        """Report `number` passages up to `end`, with a total estimated from the file's size."""
        length = self._document.size * self._characters // max(1, self._bytes)
        about = max(number + 1, number * length // max(1, end))
        self._teller.tell(CUTTING, number, about, str(self._document.path))


class Cutter:
    """Cuts documents into passages.

    Args:
        count_tokens: how the encoders count.
        limit: the most tokens of a passage.
        counter: how another process counts the same; None if it cannot.
        teller: gets the progress within long documents.

    Attributes:
        left_out: paragraphs that are left out of passages.
        boilerplate: whether running headers and footers of pages are kept in passages.
        running: if they are not, one such line of each document that has some.
    """

    def __init__(
        self, count_tokens: CountTokens, limit: int, counter: Counter | None = None, teller: Teller | None = None
    ) -> None:
        self._count_tokens = count_tokens
        self._limit = limit
        self._counter = counter
        self._teller = teller or Teller(None)
        self.left_out = Repeating()
        self.boilerplate = False
        self.running: list[str] = []

    def cut(self, document: Arriving) -> CutDocument:
        """An arriving document, to be cut while its passages are iterated."""
        return CutDocument(document, self._count_tokens, self._teller, self.parting, self.running.append)

    @property
    def parting(self) -> Parting:
        """The settings for finding sentences and passages."""
        return Parting(self._limit, self.left_out, self.boilerplate, self._counter)

    def documents(self, path: Path, text_column: str | None = None) -> Iterator[NewDocument]:
        """The documents of a file, read in this process, with complete passages.

        Raises:
            UnreadableDocument: the file cannot be read completely.

        """
        for document in read(path, text_column=text_column):
            pieces = iter([(document.text, document.headings)])
            arriving = Arriving(document.part, document.title, pieces, path, len(document.text), running(document))
            cut = self.cut(arriving)
            passages = tuple(finished(each, finish(each.heading, each.text)) for each in cut.passages)
            yield NewDocument(cut.part, cut.title, cut.digest, passages)


def document_digest(document: Document) -> bytes:
    """The digest of a document's title and text, which tells whether it has changed."""
    return digest_of(f"{document.title}\0{document.text}")
