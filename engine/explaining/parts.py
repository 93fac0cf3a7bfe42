"""Splits a cosine into three parts: what all texts share, what distinguishes languages, and the rest, meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..encoders import Vectors

Wide = NDArray[np.float64]
PARTS = ("shared", "language", "meaning")
# Directions along which the languages' means differ by less than this share of the largest difference are noise.
_LEAST = 1e-3


@dataclass(frozen=True)
class Parts:
    """The three parts of a cosine; they sum to it.

    `shared` is along the mean of all languages, which every text has; `language` along the directions in which the
    languages' means differ from it; `meaning` along all others.
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
    """The directions of an encoder's space that depend on language.

    Args:
        basis: orthonormal rows in which the means of languages differ, shape (at most languages - 1, dimension).
        shared: the unit direction of the mean of all languages, orthogonal to `basis`, shape (dimension,); zeros if
            there is none.
    """

    basis: Wide
    shared: Wide

    @classmethod
    def of(cls, means: Mapping[str, Vectors], dimension: int) -> LanguageSpace:
        """The space of the given mean vectors by language."""
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
        """The parts of the cosine of two unit vectors."""
        # Different parts of two vectors are orthogonal.
        found = self.told_apart(query) @ passage.astype(np.float64)
        return Parts(*(float(each) for each in found))
