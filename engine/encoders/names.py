"""Names that mean something: the bundled encoders, search by words in an encoder's place, and `+neutral`."""

from __future__ import annotations

from collections.abc import Sequence

BASE = "base"
# From the least to the most biased by language, named after the batches that they were trained with.
TRIO = ("hybrid", "cross", "mono")
# Ranking by words stands where an encoder's name would.
BM25 = "bm25"
# Names that no trained encoder may have.
RESERVED = (BASE, BM25)
# Behind an encoder's name: its vectors without what their language adds.
NEUTRAL = "+neutral"


def best_first(names: Sequence[str]) -> list[str]:
    """Encoders' names, the trio first, from the least to the most biased; the others by name."""
    return sorted(names, key=lambda name: (TRIO.index(name) if name in TRIO else len(TRIO), name))
