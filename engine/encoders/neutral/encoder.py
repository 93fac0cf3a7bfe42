"""An encoder whose vectors are neutralised."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..names import NEUTRAL
from ..protocol import Encoder, TextsDone, Vectors, texts_of
from .neutraliser import Neutraliser


class NeutralEncoder:
    """An encoder whose vectors are neutralised; it satisfies the `Encoder` protocol.

    Args:
        inner: the encoder.
        neutraliser: fitted on its document vectors.
        language_of: detects the languages of texts.
        query_neutraliser: fitted on query vectors; by default that of documents.
    """

    def __init__(
        self,
        inner: Encoder,
        neutraliser: Neutraliser,
        language_of: Callable[[Sequence[str]], list[str]],
        query_neutraliser: Neutraliser | None = None,
    ) -> None:
        self._inner = inner
        self._documents = neutraliser
        self._queries = query_neutraliser or neutraliser
        self._language_of = language_of

    @property
    def name(self) -> str:
        """The inner name with `+neutral`."""
        return self._inner.name + NEUTRAL

    @property
    def fingerprint(self) -> str:
        """The inner fingerprint with the digest of what is removed."""
        return f"{self._inner.fingerprint}-{self._documents.digest}-{self._queries.digest}"

    @property
    def dimension(self) -> int:
        """That of the inner encoder."""
        return self._inner.dimension

    @property
    def max_tokens(self) -> int:
        """That of the inner encoder."""
        return self._inner.max_tokens

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Neutralised unit vectors of queries, shape (len(texts), dimension)."""
        given = texts_of(texts)
        return self._queries.apply(self._inner.encode_query(given), self._language_of(given))

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """Neutralised unit vectors of passages, shape (len(texts), dimension)."""
        given = texts_of(texts)
        return self._documents.apply(self._inner.encode_document(given, progress), self._language_of(given))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """That of the inner encoder."""
        return self._inner.count_tokens(texts)
