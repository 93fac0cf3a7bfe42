"""Computes principal components of vectors, for pictures."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floating = TypeVar("Floating", np.float32, np.float64)


def principal(vectors: NDArray[Floating], dimensions: int) -> NDArray[Floating]:
    """Coordinates on the leading principal components, shape (n, min(dimensions, n, d)), of the vectors' dtype.

    Signs are fixed so that each component's largest entry in size is positive. The results equal those of
    scikit-learn's PCA, whose import takes seconds.
    """
    centred = vectors - vectors.mean(axis=0)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    kept = min(dimensions, len(sizes))
    axes = right[:kept]
    signs = np.sign(axes[np.arange(kept), np.abs(axes).argmax(axis=1)])
    coordinates: NDArray[Floating] = (left[:, :kept] * (sizes[:kept] * signs)).astype(vectors.dtype)
    return coordinates
