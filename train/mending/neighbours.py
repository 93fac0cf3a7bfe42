"""Measures how often a text's nearest neighbours share its language, and how many a correction keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...engine.encoders import Vectors

NEAREST = 10
# Texts in a sample: enough for a precision of about one percent.
_SAMPLE = 2_000
_AT_ONCE = 256


@dataclass(frozen=True)
class Neighbours:
    """Figures over the ten nearest neighbours of a sample of texts: means over languages.

    Attributes:
        own: share of neighbours in the text's own language.
        chance: that share if neighbours did not depend on language.
        kept: of the nearest texts in the same language, the share that was nearest before the correction, too; 1 if
            there is nothing to compare with.
    """

    own: float
    chance: float
    kept: float

    def as_dict(self) -> dict[str, float]:
        """Plain JSON values."""
        return {name: round(value, 4) for name, value in vars(self).items()}


def sample(languages: Sequence[str], seed: int = 0) -> NDArray[np.int64]:
    """Rows of a sample, ascending: the same number of each language, or all rows of a language that has fewer."""
    codes = np.asarray(languages)
    known = sorted(set(languages))
    each = max(1, _SAMPLE // max(1, len(known)))
    draw = np.random.default_rng(seed)
    rows = [np.flatnonzero(codes == code) for code in known]
    found: NDArray[np.int64] = np.sort(np.concatenate([draw.permutation(row)[:each] for row in rows]))
    return found


def neighbours(
    vectors: Vectors, languages: Sequence[str], rows: NDArray[np.int64], before: Vectors | None = None
) -> Neighbours:
    """Compute the figures.

    Args:
        vectors: unit vectors, shape (n, dimension).
        languages: a code for each vector.
        rows: the vectors whose neighbours are computed.
        before: the vectors before the correction, for `kept`.
    """
    codes = np.asarray(languages)
    own: dict[str, list[float]] = {}
    kept: dict[str, list[float]] = {}
    for first in range(0, len(rows), _AT_ONCE):
        block = rows[first : first + _AT_ONCE]
        scores = _scores(vectors, block)
        nearest = _best(scores)
        for place, row in enumerate(block):
            own.setdefault(codes[row], []).append(float((codes[nearest[place]] == codes[row]).mean()))
        if before is None:
            continue
        older = _scores(before, block)
        for place, row in enumerate(block):
            others = codes != codes[row]
            now, then = scores[place], older[place]
            now[others] = then[others] = -np.inf
            most = min(NEAREST, int((codes == codes[row]).sum()) - 1)
            if most > 0:
                shared = set(np.argsort(-now)[:most].tolist()) & set(np.argsort(-then)[:most].tolist())
                kept.setdefault(codes[row], []).append(len(shared) / most)
    counts = {code: int((codes == code).sum()) for code in own}
    return Neighbours(
        own=_mean(own),
        chance=float(np.mean([(count - 1) / max(1, len(codes) - 1) for count in counts.values()])),
        kept=_mean(kept) if before is not None and kept else 1.0,
    )


def _scores(vectors: Vectors, rows: NDArray[np.int64]) -> Vectors:
    """Cosines of some rows with all, shape (rows, n); -inf for a row with itself."""
    scores: Vectors = vectors[rows] @ vectors.T
    scores[np.arange(len(rows)), rows] = -np.inf
    return scores


def _best(scores: Vectors) -> NDArray[np.int64]:
    most = min(NEAREST, max(1, scores.shape[1] - 1))
    found: NDArray[np.int64] = np.argpartition(-scores, most - 1, axis=1)[:, :most]
    return found


def _mean(values: dict[str, list[float]]) -> float:
    return float(np.mean([np.mean(each) for each in values.values()]))
