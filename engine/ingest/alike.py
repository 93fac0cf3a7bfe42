"""Groups texts that differ only in typography: spaces, line breaks, invisible characters, quotation marks, dashes.

Each group is encoded once. Most tokenizers see no difference; with others a vector changes less than by a word.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_QUOTES = {ord(mark): ord("'") for mark in "\"'`´‘’‚‛“”„‟«»‹›′″"}
_DASHES = {ord(mark): ord("-") for mark in "-‐‑‒–—―−"}


class _Plain(dict[int, int | None]):
    """A table for `str.translate` from each character to its plain form, filled as characters occur."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.category(chr(code)) == "Cf" else code
        self[code] = kept
        return kept


_PLAIN = _Plain({**_QUOTES, **_DASHES})


def plain(text: str) -> str:
    """The form of a text that is compared."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_PLAIN).split())


def groups(numbers: Sequence[int], texts: Iterable[Sequence[str]]) -> Iterator[list[int]]:
    """Group the numbers of texts that are alike, in the order of each group's first text.

    Args:
        numbers: of all texts.
        texts: the texts in the same order, in blocks, which are not kept in memory.
    """
    keys: NDArray[np.uint64] = np.fromiter((_key(text) for block in texts for text in block), dtype=np.uint64)
    _, first, group, sizes = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    others: dict[int, list[int]] = {}
    for place in np.flatnonzero(sizes[group] > 1).tolist():
        others.setdefault(int(group[place]), []).append(int(numbers[place]))
    for place in np.sort(first).tolist():
        own = int(group[place])
        yield others.get(own) or [int(numbers[place])]


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(plain(text).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
