"""The interface of every encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError, EncoderError, several

Vectors = NDArray[np.float32]
TextKind = Literal["query", "document"]
# Called with the number of texts encoded since the last call.
TextsDone = Callable[[int], None]


def texts_of(given: Iterable[str]) -> list[str]:
    """The texts that an encoder is given, in any iterable.

    Raises:
        DataError: it is a single text, or one of them is no text.
    """
    return list(several(given, "texts", str))


def vectors_of(given: ArrayLike) -> Vectors:
    """A copy of vectors that a caller gives, float32, shape (n, dimension); without vectors also of shape (0,).

    Raises:
        DataError: they are no numbers, have another shape, or hold NaN or infinite numbers.
    """
    try:
        with np.errstate(over="ignore"):
            matrix: Vectors = np.array(given, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise DataError(f"The vectors are no matrix of numbers: {error}.") from error
    if matrix.ndim != 2 and matrix.shape != (0,):
        raise DataError(f"Vectors of shape {matrix.shape} do not fit; expected: (n, dimension).")
    if not np.isfinite(matrix).all():
        raise DataError("There are NaN or infinite numbers among the vectors.", hint="Encode those texts again.")
    return matrix


def of_unit_length(name: str, vectors: Vectors) -> Vectors:
    """Finite vectors, if each is of unit length, or zero as of a text of which nothing is known.

    Scores are products of vectors, which are cosines only then.

    Raises:
        EncoderError: one has another length.
    """
    lengths = np.linalg.norm(vectors, axis=1)
    if ((lengths > 1e-3) & (np.abs(lengths - 1) > 0.1)).any():
        raise EncoderError(f"{name} gave vectors that are not of unit length.", hint="Divide each by its length.")
    return vectors


@runtime_checkable
class Encoder(Protocol):
    """A model that turns texts into unit vectors; queries and documents get their own prompts.

    Encoders that `load_encoder` returns raise DataError for what is no text, and EncoderError if they cannot be used.
    """

    @property
    def name(self) -> str:
        """The name by which it was loaded."""

    @property
    def fingerprint(self) -> str:
        """A digest of weights, prompts, pooling and precision; vectors with different fingerprints are never mixed."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    @property
    def max_tokens(self) -> int:
        """The number of tokens after which it truncates a text, including prompt and special tokens."""

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, float32, shape (len(texts), dimension)."""

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimension); `progress` gets counts of texts done."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text as a document, including prompt and special tokens."""
