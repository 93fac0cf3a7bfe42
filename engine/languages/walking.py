"""Ranks languages like the identifier, but all places of a text at once; the result is the same to the last bit.

The library walks through a text byte by byte in Python; its state is the longest run of bytes up to the current place
that is in its tree. A run is at most as long as the tree is deep, so the state at any place follows from that many last
bytes: as many steps of numpy, each over the whole text, replace one step of Python per byte. A test proves that a model
is such a tree and how deep it is; with an unknown model, the library does all the work.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections import Counter
from operator import itemgetter
from pathlib import Path
from typing import Any

# The depth of the tree of each known model, by the SHA-256 of its file.
PROVED = {"f4f4a2c3465ca1f081541037f9cac23021d68151c2f709c55ae5eedfca522963": 6}
# From so many characters on, steps over the whole text are faster.
_WORTH_IT = 96


class Walker:
    """Walks over texts with an identifier's tables.

    Args:
        identifier: that of py3langid with all its languages.
        model: the file that it was loaded from.
    """

    def __init__(self, identifier: Any, model: Path) -> None:
        self.depth = PROVED.get(hashlib.sha256(model.read_bytes()).hexdigest(), 0)
        if self.depth:
            import numpy as np

            self._next = np.asarray(identifier.tk_nextmove)
            self._rows = np.asarray(identifier.tk_row).astype(np.intp) << 8
            self._features = np.asarray(identifier.tk_output, dtype=np.int32)
            self._first = self._next[self._rows[0] + np.arange(256)].astype(np.intp)

    def features(self, content: bytes) -> list[int]:
        """The features found in a text's UTF-8, in order of their ends."""
        import numpy as np

        values = np.frombuffer(content, dtype=np.uint8).astype(np.intp)
        number = len(values)
        depth = min(self.depth, number)
        # The state after the last bytes at each place; places with fewer bytes before them start at the root later.
        states = np.zeros(number, dtype=np.intp)
        if depth:
            states[depth - 1 :] = self._first.take(values[: number - depth + 1])
        for back in range(depth - 2, -1, -1):
            at = self._rows.take(states[back:])
            at += values[: number - back]
            states[back:] = self._next.take(at)
        found = self._features.take(states)
        met: list[int] = found[found >= 0].tolist()
        return met


class Ranker:
    """An identifier that is restricted to some languages.

    Args:
        walker: of the identifier with all its languages.
        identifier: the restricted one.
    """

    def __init__(self, walker: Walker, identifier: Any) -> None:
        self._walker = walker
        self._identifier = identifier
        columns: dict[str, list[int]] = {}
        for column, label in enumerate(identifier.nb_classes):
            columns.setdefault(label, []).append(column)
        self._labels = list(columns)
        self._firsts = [each[0] for each in columns.values()]
        self._again = [(each[0], other) for each in columns.values() for other in each[1:]]
        self._table: Any = None

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Languages with their probabilities, the likeliest first."""
        import numpy as np

        content = _content(text) if self._walker.depth and len(text) >= _WORTH_IT else b""
        met = Counter(self._walker.features(content)) if content else None
        if not met:
            found: list[tuple[str, float]] = self._identifier.rank(text)
            return found
        features = np.fromiter(met.keys(), dtype=np.intp, count=len(met))
        counts = np.fromiter(met.values(), dtype=np.float32, count=len(met))
        if self._table is None:
            # The library's table is in half precision and column-major, which takes longer than the sums.
            self._table = np.ascontiguousarray(self._identifier.nb_ptc, dtype=np.float32)
        scores = np.log1p(counts) @ self._table.take(features, axis=0) + self._identifier.nb_pc
        scores *= 1.0 / math.sqrt(len(content))
        np.exp(scores - scores.max(), out=scores)
        scores /= scores.sum()
        for first, other in self._again:
            scores[first] += scores[other]
        chances = scores.tolist() if not self._again else scores[self._firsts].tolist()
        return sorted(zip(self._labels, chances, strict=True), key=itemgetter(1), reverse=True)


def _content(text: str) -> bytes:
    """The bytes that the identifier analyses."""
    return unicodedata.normalize("NFC", text.lower() if text.isupper() else text).encode("utf-8", "surrogatepass")
