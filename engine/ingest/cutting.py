"""Documents to their passages, cut as they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from ..documents import Document, read, running
from ..passages import Parted, Parting, Repeating, packed
from ..progress import Teller
from ..store import NewDocument, NewPassage, RunningDigest, digest_of
from .finishing import finish, finished
from .reading_pool import Arriving, Piece

CountTokens = Callable[[Sequence[str]], list[int]]

CUTTING = "cutting"
# The document of a file of more bytes than this tells how far its cutting is.
_LONG = 200_000


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
    """A document that is cut while its passages are taken; a long one tells how far that is.

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
        """Its passages; they can be taken once."""
        spans = packed(self._parted(), self._count_tokens, limit=self._parting.limit)
        for number, (span, text) in enumerate(spans, 1):
            yield NewPassage(span.start, span.end, span.heading, text, "", 0.0)
            if self._is_long:
                self._tell(number, span.end)

    @property
    def digest(self) -> bytes:
        """As `document_digest`, once all passages were taken."""
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
        """Tell that there are so many passages up to a place; how many there will be shows in the file's size."""
        length = self._document.size * self._characters // max(1, self._bytes)
        about = max(number + 1, number * length // max(1, end))
        self._teller.tell(CUTTING, number, about, str(self._document.path))


class Cutter:
    """Cuts documents into passages.

    Args:
        count_tokens: how the encoders count.
        limit: the most tokens of a passage.
        teller: gets the progress within long documents.

    Attributes:
        left_out: paragraphs that are in no passage.
        boilerplate: whether lines that run through a document's pages are in passages.
        running: one such line of each document that has some, where they are not.
    """

    def __init__(self, count_tokens: CountTokens, limit: int, teller: Teller | None = None) -> None:
        self._count_tokens = count_tokens
        self._limit = limit
        self._teller = teller or Teller(None)
        self.left_out = Repeating()
        self.boilerplate = False
        self.running: list[str] = []

    def cut(self, document: Arriving) -> CutDocument:
        """A document that arrives, to be cut while its passages are taken."""
        return CutDocument(document, self._count_tokens, self._teller, self.parting, self.running.append)

    @property
    def parting(self) -> Parting:
        """How sentences are found."""
        return Parting(self._limit, self.left_out, self.boilerplate)

    def documents(self, path: Path, text_column: str | None = None) -> Iterator[NewDocument]:
        """The documents of a file, which is read in this process, with their passages and all that belongs to these.

        Raises:
            UnreadableDocument: the file cannot be read, or not to its end.

        """
        for document in read(path, text_column=text_column):
            pieces = iter([(document.text, document.headings)])
            arriving = Arriving(document.part, document.title, pieces, path, len(document.text), running(document))
            cut = self.cut(arriving)
            passages = tuple(finished(each, finish(each.heading, each.text)) for each in cut.passages)
            yield NewDocument(cut.part, cut.title, cut.digest, passages)


def document_digest(document: Document) -> bytes:
    """What tells whether a document is as it was: its title and text."""
    return digest_of(f"{document.title}\0{document.text}")
