"""Pairs the sentences of a passage with those of its translation, in order, by the cosine of their vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..encoders import Vectors

# The numbers of sentences on each side of a pair, and the cost of the step: translations rarely split a sentence.
_MOVES = ((1, 1, 0.0), (1, 2, 0.08), (2, 1, 0.08), (1, 0, 0.0), (0, 1, 0.0))


@dataclass(frozen=True)
class Pair:
    """Matching sentences: places from `first[0]` up to `first[1]`, and likewise `second`; one of them may be empty."""

    first: tuple[int, int]
    second: tuple[int, int]
    likeness: float


def align(first: Vectors, second: Vectors) -> list[Pair]:
    """The best order-preserving pairs of two texts' sentences.

    Args:
        first: unit vectors of one text's sentences, shape (n, dimension).
        second: unit vectors of the other's, shape (m, dimension).

    A pair gains its cosine minus the mean cosine of all pairs, so that a sentence without a partner stays single.
    """
    n, m = len(first), len(second)
    if not n or not m:
        return [Pair((i, i + 1), (0, 0), 0.0) for i in range(n)] + [Pair((0, 0), (j, j + 1), 0.0) for j in range(m)]
    chance = float((first @ second.T).mean()) if n * m > 1 else 0.0
    best = np.full((n + 1, m + 1), -np.inf)
    best[0, 0] = 0.0
    came: dict[tuple[int, int], tuple[int, int, float]] = {}
    for i in range(n + 1):
        for j in range(m + 1):
            for ahead, aside, cost in _MOVES:
                if (i == 0 and j == 0) or ahead > i or aside > j or not np.isfinite(best[i - ahead, j - aside]):
                    continue
                like = _likeness(first[i - ahead : i], second[j - aside : j]) if ahead and aside else 0.0
                gain = (like - chance - cost) * (ahead + aside) / 2 if ahead and aside else 0.0
                if best[i - ahead, j - aside] + gain > best[i, j]:
                    best[i, j] = best[i - ahead, j - aside] + gain
                    came[i, j] = ahead, aside, like
    pairs: list[Pair] = []
    i, j = n, m
    while (i, j) != (0, 0):
        ahead, aside, like = came[i, j]
        pairs.append(Pair((i - ahead, i), (j - aside, j), like))
        i, j = i - ahead, j - aside
    return pairs[::-1]


def _likeness(one: Vectors, other: Vectors) -> float:
    first, second = one.sum(axis=0), other.sum(axis=0)
    return float(first @ second / max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-12))
