"""Removes what a language adds to vectors: in numpy, and as a file, as modules or as an ONNX graph."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ...errors import DataError, several
from ...files import saving
from ...stores import arrays_of
from ..protocol import Vectors, vectors_of
from .fitting import EVERY, Method, estimate
from .onnx_graph import write

if TYPE_CHECKING:
    from torch import nn

_MEAN, _DIRECTIONS = "mean:", "directions:"


@dataclass(frozen=True, eq=False)
class Neutraliser:
    """Removes what each language adds to vectors; made by `fit` or `load`.

    A vector x in language l becomes x - mean_l, minus its projection on the directions of l, scaled to unit length.

    Args:
        means: for each language the mean of its vectors, shape (dimension,); empty with `lir` and `lsar`.
        directions: for each language orthonormal directions, shape (dimension, k); those under "" apply to every
            language.
    """

    means: Mapping[str, Vectors]
    directions: Mapping[str, Vectors] = field(default_factory=dict)

    @staticmethod
    def fit(
        vectors: ArrayLike, languages: Sequence[str], *, method: Method = "centring", directions: int = 0
    ) -> Neutraliser:
        """Estimate what each language adds, on unlabelled vectors of texts whose languages are known.

        Languages with fewer than eight vectors are not fitted. Fit documents and queries separately if you have both.

        Args:
            vectors: unit vectors, shape (n, dimension).
            languages: a code for each.
            method: `centring`: each language's mean is removed;
                `lir`: each vector loses its projection on the first singular vectors of its language's vectors (LIR,
                arXiv 2109.04727);
                `lsar`: each vector loses its projection on the directions in which the languages' means differ, the
                    same for every language, so that languages need not be known later (LSAR, arXiv 2401.05792).
            directions: how many `lir` removes for each language (default: 1), or `lsar` in total (default: one less
                than there are languages).

        Raises:
            DataError: shapes that do not fit, NaN, or an unknown method.

        >>> import numpy as np
        >>> from hybrid_search import Neutraliser
        >>> meaning = np.random.default_rng(0).normal(size=(20, 4))
        >>> vectors = np.hstack([np.repeat([[5.0, 0], [0, 5.0]], 10, axis=0), meaning])
        >>> vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        >>> languages = ["en"] * 10 + ["de"] * 10
        >>> neutral = Neutraliser.fit(vectors, languages).apply(vectors, languages)
        >>> abs(float(neutral[:10].mean(axis=0) @ neutral[10:].mean(axis=0))) < 0.1  # languages lie apart no more
        True

        """
        return Neutraliser(*estimate(vectors, languages, method, directions))

    @property
    def languages(self) -> tuple[str, ...]:
        """The fitted languages, sorted; empty if the correction is the same for all."""
        return tuple(sorted({*self.means, *self.directions} - {EVERY}))

    @property
    def digest(self) -> str:
        """A digest of the numbers."""
        running = hashlib.blake2b(digest_size=8)
        for code in sorted(self.means):
            running.update(code.encode() + self.means[code].tobytes())
        for code in sorted(self.directions):
            running.update(b"\0" + code.encode() + self.directions[code].tobytes())
        return running.hexdigest()

    def apply(self, vectors: ArrayLike, languages: Sequence[str] = ()) -> Vectors:
        """Unit vectors without what their languages add.

        For a language that was not fitted, the mean of all means is subtracted, and only common directions are removed.

        Args:
            vectors: shape (n, dimension).
            languages: a code for each; not needed if the correction is the same for all languages (`lsar`).

        Returns:
            float32, shape (n, dimension).

        Raises:
            DataError: the vectors have another length or hold NaN, or languages are needed and do not fit.
        """
        matrix, languages = vectors_of(vectors), several(languages, "languages", str)
        if not len(matrix):
            return matrix
        if matrix.shape[1] != (self.dimension or matrix.shape[1]):
            expected = f"(n, {self.dimension or 'dimension'})"
            raise DataError(f"Vectors of shape {matrix.shape} do not fit; expected: {expected}.")
        if self.languages and len(languages) != len(matrix):
            raise DataError(f"{len(matrix)} vectors have {len(languages)} languages; a code for each is needed.")
        if self.means:
            fallback = self.offset(EVERY)
            offsets: Vectors = np.stack([self.means.get(code, fallback) for code in languages])
            matrix -= offsets
        for code, basis in self.directions.items():
            taken: Vectors = np.asarray((matrix @ basis) @ basis.T, dtype=np.float32)
            if code != EVERY:
                taken[np.asarray(languages) != code] = 0
            matrix -= taken
        norms = np.linalg.norm(matrix, axis=1, keepdims=True)
        result: Vectors = (matrix / np.maximum(norms, 1e-12)).astype(np.float32)
        return result

    def offset(self, language: str) -> Vectors:
        """What centring subtracts from vectors of a language; the mean of all means for one that was not fitted."""
        if language in self.means:
            return self.means[language]
        mean: Vectors = np.mean(list(self.means.values()), axis=0, dtype=np.float32)
        return mean

    @property
    def dimension(self) -> int:
        """The length of the vectors it was fitted on; 0 if nothing was fitted."""
        for array in (*self.means.values(), *self.directions.values()):
            return len(array)
        return 0

    def save(self, path: Path | str) -> None:
        """Write the numbers to one file, which `load` reads.

        Raises:
            DataError: it cannot be written.
        """
        arrays: dict[str, Any] = {_MEAN + code: mean for code, mean in self.means.items()}
        arrays |= {_DIRECTIONS + code: basis for code, basis in self.directions.items()}
        with saving(path) as partial, partial.open("wb") as file:
            np.savez(file, **arrays)

    @classmethod
    def load(cls, path: Path | str) -> Neutraliser:
        """Read what `save` wrote.

        Raises:
            DataError: it is missing, damaged or holds no neutraliser.
        """
        try:
            arrays = {name: np.asarray(each, dtype=np.float32) for name, each in arrays_of(Path(path)).items()}
        except (OSError, ValueError) as error:
            raise DataError(
                f"{path} holds no neutraliser: {str(error)[:200]}.", hint="`Neutraliser.save` writes one."
            ) from error
        means = {name.removeprefix(_MEAN): each for name, each in arrays.items() if name.startswith(_MEAN)}
        directions = {
            name.removeprefix(_DIRECTIONS): each for name, each in arrays.items() if name.startswith(_DIRECTIONS)
        }
        shapes = {each.shape for each in means.values()} | {each.shape[:1] for each in directions.values()}
        shaped = all(each.ndim == 1 for each in means.values()) and all(each.ndim == 2 for each in directions.values())
        finite = all(np.isfinite(each).all() for each in arrays.values())
        if len(means) + len(directions) != len(arrays) or len(shapes) > 1 or (0,) in shapes or not (shaped and finite):
            raise DataError(f"{path} holds no neutraliser.", hint="`Neutraliser.save` writes one.")
        return cls(means, directions)

    def modules(self, language: str = EVERY) -> list[nn.Module]:
        """Modules of sentence-transformers that apply the correction after an encoder: a `Dense` and a `Normalize`.

        `SentenceTransformer(modules=[*model, *neutraliser.modules()])` gives neutral vectors, and saves as a folder
        that plain sentence-transformers loads.

        Args:
            language: of all texts that the encoder will get; not needed with `lsar`.

        Raises:
            DataError: a language is needed and none is given, or nothing was fitted.
        """
        import torch
        from sentence_transformers.models import Dense, Normalize

        weight, bias = self.affine(language)
        dense = Dense(
            in_features=len(bias),
            out_features=len(bias),
            bias=True,
            activation_function=torch.nn.Identity(),
            init_weight=torch.from_numpy(weight),
            init_bias=torch.from_numpy(bias),
        )
        return [dense, Normalize()]

    def affine(self, language: str = EVERY) -> tuple[Vectors, Vectors]:
        """W and b of the map x to W x + b, which is followed by scaling to unit length; see `modules`.

        Returns:
            Shapes (dimension, dimension) and (dimension,).

        Raises:
            DataError: a language is needed and none is given, or nothing was fitted.
        """
        if not self.dimension:
            raise DataError("Nothing was fitted: no language had eight vectors.")
        if self.languages and not language:
            raise DataError(
                "The correction depends on the language of a text.",
                hint=f"Name one of {', '.join(self.languages)}, or fit with method='lsar', which needs none.",
            )
        weight: Vectors = np.eye(self.dimension, dtype=np.float32)
        for code in (EVERY, *([language] if language else [])):
            if code in self.directions:
                weight = weight - (basis := self.directions[code]) @ (basis.T @ weight)
        offset = self.offset(language) if self.means else np.zeros(self.dimension, dtype=np.float32)
        return weight, -(weight @ offset)

    def to_onnx(self, path: Path | str) -> tuple[str, ...]:
        """Write an ONNX graph of the correction: `vectors` (float32, n x dimension) to `neutral`, of the same shape.

        If the correction depends on the language, a second input `languages` (int64, n) has the index of each vector's
        language in the returned list, or the length of that list for any other language.

        Args:
            path: the file to write.

        Returns:
            The languages in the order of their places; also in the graph's metadata as `languages`, joined by spaces.

        Raises:
            DataError: nothing was fitted, or the file cannot be written.
        """
        offsets = {code: self.offset(code) for code in (*self.languages, EVERY)} if self.means else {}
        write(Path(path), self.dimension, self.languages, offsets, self.directions)
        return self.languages


def fit(vectors: ArrayLike, languages: Sequence[str]) -> Neutraliser:
    """Estimate each language's mean; see `Neutraliser.fit`.

    Effect of centring, measured on XQuAD-R with the untrained base (passages in bfloat16) and means of its own pool:
    multi mAP rises from .298 to .537, rank distance falls by 63 %, the share of the query's language in the top 20
    falls from 69 % to 21 %, and mono mAP falls by .008. Also removing the directions that the means span added nothing.
    At search time it costs one subtraction per vector, and the language of every text must be known: a query in a
    wrongly detected language loses another language's mean.
    """
    return Neutraliser.fit(vectors, languages)
