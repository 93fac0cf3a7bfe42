"""What every encoder offers, whatever runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
TextKind = Literal["query", "document"]
# Told how many texts more are encoded.
TextsDone = Callable[[int], None]


@runtime_checkable
class Encoder(Protocol):
    """A model that turns texts into unit vectors; queries and documents get their own prompts."""

    @property
    def name(self) -> str:
        """The name by which it was asked for."""

    @property
    def fingerprint(self) -> str:
        """A digest of weights, prompts, pooling and precision: vectors of two fingerprints never mix."""

    @property
    def dimension(self) -> int:
        """The length of a vector."""

    @property
    def max_tokens(self) -> int:
        """The most tokens of one text that it reads, prompt and special tokens included."""

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, float32, shape (len(texts), dimension)."""

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """Unit vectors of passages, float32, shape (len(texts), dimension); `progress` gets counts of texts done."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has as a document, prompt and special tokens included."""
