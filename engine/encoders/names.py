"""Names that mean something: the bundled encoders, search by words in an encoder's place, and `+neutral`."""

from __future__ import annotations

BASE = "base"
# From the most to the least biased by language, as trained with mono, cross and hybrid batches.
TRIO = ("mono", "cross", "hybrid")
# Ranking by words stands where an encoder's name would.
BM25 = "bm25"
# Names that no trained encoder may have.
RESERVED = (BASE, BM25)
# Behind an encoder's name: its vectors without what their language adds.
NEUTRAL = "+neutral"


def best_first(names: list[str]) -> list[str]:
    """Encoders' names, the trio first, from the least to the most biased; the others by name."""
    trio = TRIO[::-1]
    return sorted(names, key=lambda name: (trio.index(name) if name in trio else len(trio), name))
