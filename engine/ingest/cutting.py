"""A file to its documents, cut into passages that are ready to be stored; long documents tell how far that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..documents import Document, read
from ..languages import detect_many
from ..passages import Span, split
from ..progress import Teller
from ..store import NewDocument, NewPassage, digest_of

CountTokens = Callable[[Sequence[str]], list[int]]

CUTTING = "cutting"
# A document of more characters than this tells how far its cutting is.
_LONG = 200_000
_PIECE = 512


class Cutter:
    """Reads files and cuts their documents into passages.

    Args:
        count_tokens: how the encoders count.
        limit: the most tokens of a passage.
        teller: gets the progress within long documents.
    """

    def __init__(self, count_tokens: CountTokens, limit: int, teller: Teller | None = None) -> None:
        self._count_tokens = count_tokens
        self._limit = limit
        self._teller = teller or Teller(None)

    def documents(self, path: Path, text_column: str | None = None) -> Iterator[NewDocument]:
        """The documents of a file with their passages.

        Raises:
            UnreadableDocument: the file cannot be read, or not to its end.

        """
        for document in read(path, text_column=text_column):
            cutting = _Cutting(self._count_tokens, self._limit, document, self._teller)
            spans = split(document, cutting.count_tokens, limit=self._limit)
            passages = tuple(_new_passages(document, spans, cutting))
            yield NewDocument(document.part, document.title, document_digest(document), passages)


class _Cutting:
    """How far the cutting of a long document is: passages so far of about how many.

    Every character is gone over three times: counted in its sentence, counted in its passage, and read for the
    language. How many tokens a character makes, and so how many passages there will be, shows as it goes on.
    """

    def __init__(self, count_tokens: CountTokens, limit: int, document: Document, teller: Teller) -> None:
        self._count_tokens = count_tokens
        self._limit = limit
        self._path = str(document.path)
        self._length = len(document.text)
        self._teller = teller
        self._counted = self._tokens = self._over = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """As the encoders count; a long document's texts piece by piece."""
        if self._length <= _LONG:
            return self._count_tokens(texts)
        counts: list[int] = []
        for first in range(0, len(texts), _PIECE):
            piece = texts[first : first + _PIECE]
            counts += self._count_tokens(piece)
            self._counted += sum(len(text) for text in piece)
            self._tokens += sum(counts[first:])
            self.went_over(piece)
        return counts

    def went_over(self, texts: Sequence[str]) -> None:
        """Tell that these texts are done once more."""
        if self._length <= _LONG:
            return
        self._over += sum(len(text) for text in texts)
        about = max(1, self._length * self._tokens // max(1, self._counted * self._limit))
        self._teller.tell(CUTTING, min(about - 1, about * self._over // (3 * self._length)), about, self._path)


def document_digest(document: Document) -> bytes:
    """What tells whether a document is as it was: its title and text."""
    return digest_of(f"{document.title}\0{document.text}")


def _new_passages(document: Document, spans: Sequence[Span], cutting: _Cutting) -> Iterator[NewPassage]:
    for first in range(0, len(spans), _PIECE):
        piece = spans[first : first + _PIECE]
        texts = [document.text[span.start : span.end] for span in piece]
        for span, text, told in zip(piece, texts, detect_many(texts), strict=True):
            yield NewPassage(span.start, span.end, span.heading, text, told.code, told.confidence)
        cutting.went_over(texts)
