"""Estimates what a language adds to every vector, for language neutralisation without training.

There is one operation, `fit` and `apply` of a `Neutraliser`. Its uses differ only in the texts of the estimate: the
demo passages (`NAME+neutral`, a name that can be given anywhere), the library that is searched (`neutral` of a search),
the benchmark that is measured (`evaluate --neutral`), or any vectors (`hybrid_search.Neutraliser`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ...errors import DataError, several
from ..protocol import Vectors, vectors_of

FEWEST = 8
Method = Literal["centring", "lir", "lsar"]
# The key of directions that are removed for every language.
EVERY = ""
# By language: its mean, shape (dimension,), and orthonormal directions, shape (dimension, k).
Estimate = tuple[dict[str, Vectors], dict[str, Vectors]]


def estimate(vectors: ArrayLike, languages: Sequence[str], method: Method, directions: int) -> Estimate:
    """What each language adds to vectors: means and directions; see `Neutraliser.fit`."""
    matrix, languages = vectors_of(vectors), several(languages, "languages", str)
    if matrix.ndim != 2 or len(matrix) != len(languages):
        raise DataError(
            f"Vectors of shape {matrix.shape} and {len(languages)} languages do not fit.",
            hint="Expected: shape (n, dimension), and a code for each of the n.",
        )
    if EVERY in languages:
        raise DataError("A vector has no language.", hint="Leave those out, or call their language und.")
    if not isinstance(directions, int) or directions < 0:
        raise DataError(f"directions is {directions!r}; expected: how many are removed, or 0 for the usual number.")
    if method not in _METHODS:
        raise DataError(f"{method!r} is not a method of neutralising.", hint=f"Known: {', '.join(_METHODS)}.")
    codes = np.asarray(languages)
    own = {str(code): matrix[codes == code] for code in sorted(set(languages)) if (codes == code).sum() >= FEWEST}
    return _METHODS[method](own, directions)


def _centring(own: Mapping[str, Vectors], directions: int) -> Estimate:
    if directions:
        raise DataError("Centring removes no directions.", hint="`lir` and `lsar` do.")
    return {code: vectors.mean(axis=0).astype(np.float32) for code, vectors in own.items()}, {}


def _lir(own: Mapping[str, Vectors], directions: int) -> Estimate:
    found = {}
    for code, vectors in own.items():
        _require_fewer(directions, min(vectors.shape), f"{len(vectors):,} vectors in {code}")
        # The right singular vectors of the vectors without centring, so that the first one is close to the mean.
        right = np.linalg.svd(vectors.astype(np.float64), full_matrices=False)[2]
        found[code] = right[: directions or 1].T.astype(np.float32)
    return {}, found


def _lsar(own: Mapping[str, Vectors], directions: int) -> Estimate:
    if len(own) < 2:
        return {}, {}
    _require_fewer(directions, len(own), f"{len(own)} languages")
    rank = directions or len(own) - 1
    means = np.stack([vectors.mean(axis=0, dtype=np.float64) for vectors in own.values()], axis=1)
    # The best approximation of rank r around the mean of means, then the common part orthogonal to the rest.
    centre = means.mean(axis=1, keepdims=True)
    left, sizes, right = np.linalg.svd(means - centre, full_matrices=False)
    low = centre + (left[:, :rank] * sizes[:rank]) @ right[:rank]
    common = np.linalg.pinv(low.T) @ np.ones((low.shape[1], 1))
    common /= float((common**2).sum()) or 1.0
    left, sizes, _ = np.linalg.svd(low - common, full_matrices=False)
    kept = min(rank, int((sizes > 1e-9 * max(float(sizes[0]), 1e-30)).sum()))
    return {}, {EVERY: left[:, :kept].astype(np.float32)}


def _require_fewer(directions: int, all_of_them: int, what: str) -> None:
    """Refuse to remove every direction of the vectors: the rest would be meaningless and look free of bias."""
    if directions >= all_of_them:
        raise DataError(
            f"{directions:,} directions are more than can be taken from {what}.",
            hint=f"At most {all_of_them - 1:,}, or none given, which removes one.",
        )


_METHODS: dict[str, Callable[[Mapping[str, Vectors], int], Estimate]] = {
    "centring": _centring,
    "lir": _lir,
    "lsar": _lsar,
}
