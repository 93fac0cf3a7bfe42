"""The interface of every encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
TextKind = Literal["query", "document"]
# Called with the number of texts encoded since the last call.
TextsDone = Callable[[int], None]


@runtime_checkable
class Encoder(Protocol):
    """A model that turns texts into unit vectors; queries and documents get their own prompts."""

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
