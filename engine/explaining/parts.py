"""Splits a cosine into three parts: what all texts share, what distinguishes languages, and the rest, meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..encoders import Vectors

Wide = NDArray[np.float64]
PARTS = ("shared", "language", "meaning")
# A direction along which the means of languages differ by less than this share of the most is noise.
_LEAST = 1e-3


@dataclass(frozen=True)
class Parts:
    """What a cosine is made of; the three sum to it.

    `shared` lies in the direction of the mean of all languages, which every text has; `language` in the directions in
    which the means of languages differ from it; `meaning` in all others.
    """

    shared: float
    language: float
    meaning: float

    @property
    def cosine(self) -> float:
        """Their sum."""
        return self.shared + self.language + self.meaning


@dataclass(frozen=True)
class LanguageSpace:
    """The directions of an encoder's space that have to do with languages.

    Args:
        basis: orthonormal rows in which the means of languages differ, shape (at most languages - 1, dimension).
        shared: the unit direction of the mean of all languages, apart from these, shape (dimension,); zeros where
            there is none.
    """

    basis: Wide
    shared: Wide

    @classmethod
    def of(cls, means: Mapping[str, Vectors], dimension: int) -> LanguageSpace:
        """From the mean vector of each language."""
        if not means:
            return cls(np.zeros((0, dimension)), np.zeros(dimension))
        stacked = np.stack(list(means.values())).astype(np.float64)
        middle = stacked.mean(axis=0)
        basis: Wide = np.zeros((0, dimension))
        if len(stacked) > 1:
            _, sizes, rows = np.linalg.svd(stacked - middle, full_matrices=False)
            basis = rows[sizes > _LEAST * max(sizes[0], 1e-12)] if sizes[0] > 1e-9 else rows[:0]
        apart = middle - (basis @ middle) @ basis
        length = float(np.linalg.norm(apart))
        return cls(basis, apart / length if length > 1e-9 else np.zeros(dimension))

    def told_apart(self, vector: Vectors) -> Wide:
        """A vector's three parts in the order of `PARTS`, which sum to it, shape (3, dimension)."""
        wide = vector.astype(np.float64)
        language = (self.basis @ wide) @ self.basis
        shared = float(self.shared @ wide) * self.shared
        return np.stack([shared, language, wide - shared - language])

    def parts(self, query: Vectors, passage: Vectors) -> Parts:
        """What the cosine of two unit vectors is made of."""
        # Each part of one vector is orthogonal to the other parts of the other.
        found = self.told_apart(query) @ passage.astype(np.float64)
        return Parts(*(float(each) for each in found))
