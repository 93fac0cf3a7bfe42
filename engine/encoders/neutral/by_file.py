"""Runs `neutral:FILE#ask=NAME`: an encoder whose vectors are corrected by a file that `neutralise` wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from ... import paths
from ...errors import DataError, EncoderError, UnknownEncoder
from ...files import saving
from ...paths import typed
from ...stores import arrays_of
from ..names import kind_of, parts_of
from ..protocol import Encoder, TextsDone, Vectors, texts_of
from .neutraliser import Neutraliser


class Correction(Protocol):
    """A correction of vectors; a `Neutraliser` is one."""

    @property
    def digest(self) -> str:
        """A digest of the numbers."""

    def apply(self, vectors: Vectors, languages: Sequence[str] = ()) -> Vectors:
        """Corrected unit vectors of the same shape; `languages`: a code for each, if the correction needs them."""

    def save(self, path: Path | str) -> None:
        """Write the numbers to one file.

        Raises:
            DataError: it cannot be written.
        """


@dataclass(frozen=True, eq=False)
class Affine:
    """One map for every language, x to W x + b, scaled to unit length; calibration fits it.

    Args:
        weight: shape (dimension, dimension).
        bias: shape (dimension,).
    """

    weight: Vectors
    bias: Vectors

    @property
    def digest(self) -> str:
        """A digest of the numbers."""
        return hashlib.blake2b(self.weight.tobytes() + self.bias.tobytes(), digest_size=8).hexdigest()

    def apply(self, vectors: Vectors, languages: Sequence[str] = ()) -> Vectors:
        """Unit vectors, mapped."""
        mapped = np.asarray(vectors, dtype=np.float32) @ self.weight.T + self.bias
        found: Vectors = (mapped / np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-12)).astype(np.float32)
        return found

    def save(self, path: Path | str) -> None:
        """Write the numbers to one file.

        Raises:
            DataError: it cannot be written.
        """
        with saving(path) as partial, partial.open("wb") as file:
            np.savez(file, weight=self.weight, bias=self.bias)


def read(path: Path) -> Correction:
    """The correction in a file.

    Raises:
        DataError: it is missing, damaged or holds no correction.
    """
    try:
        stored = arrays_of(path)
        if stored.keys() == {"weight", "bias"}:
            weight, bias = (np.asarray(stored[name], dtype=np.float32) for name in ("weight", "bias"))
            if weight.shape != (len(bias), len(bias)) or not np.isfinite(weight).all() or not np.isfinite(bias).all():
                raise DataError(f"{path} holds an invalid map.")
            return Affine(weight, bias)
    except (OSError, ValueError, TypeError):
        # `Neutraliser.load` below reports the problem.
        pass
    return Neutraliser.load(path)


def folder() -> Path:
    """The default folder of corrections."""
    return paths.data_folder() / "corrections"


def queries_of(path: Path) -> Path:
    """The file of the correction of queries, next to that of passages; it may not exist."""
    return path.with_name(f"{path.stem}.queries{path.suffix}")


def load(name: str, load_other: Callable[[str], Encoder]) -> CorrectedEncoder:
    """The encoder of a name.

    Args:
        name: `neutral:FILE#ask=NAME`; a file in the folder of corrections is named without folder and suffix.
        load_other: loads the encoder that `ask` names.

    Raises:
        UnknownEncoder: the name contains no encoder.
        DataError: the file is missing or damaged.
        EncoderError: it was fitted on vectors of another length.
    """
    kind = kind_of(name)
    assert kind is not None
    what, settings = parts_of(name, kind)
    if not settings.get("ask"):
        raise UnknownEncoder(f"{name!r} names no encoder.", hint=f"It is written {kind.form}.")
    path = typed(what)
    known = folder() / f"{what}.npz"
    if path.name == what and not path.is_file() and known.is_file():
        path = known
    documents = read(path)
    queries = read(queries_of(path)) if queries_of(path).is_file() else documents
    return CorrectedEncoder(name, load_other(settings["ask"]), documents, queries)


class CorrectedEncoder:
    """An encoder whose vectors are corrected; it satisfies the `Encoder` protocol.

    Args:
        name: its own.
        inner: the encoder.
        documents: the correction of passages' vectors.
        queries: the correction of queries' vectors.

    Raises:
        EncoderError: the corrections are not for vectors of this length.
    """

    def __init__(self, name: str, inner: Encoder, documents: Correction, queries: Correction) -> None:
        self.name = name
        self.inner = inner
        self.dimension = inner.dimension
        self.max_tokens = inner.max_tokens
        self.fingerprint = f"{inner.fingerprint}-{documents.digest}-{queries.digest}"
        self._documents, self._queries = documents, queries
        try:
            for each in (documents, queries):
                each.apply(np.ones((1, self.dimension), dtype=np.float32), ["und"])
        except ValueError as error:
            raise EncoderError(
                f"{name} corrects vectors of another length than the {self.dimension:,} numbers of {inner.name}.",
                hint="Name the encoder whose vectors it was fitted on.",
            ) from error

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """Corrected unit vectors of queries, shape (len(texts), dimension)."""
        given = texts_of(texts)
        return self._queries.apply(self.inner.encode_query(given), _languages_of(given))

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """Corrected unit vectors of passages, shape (len(texts), dimension)."""
        given = texts_of(texts)
        return self._documents.apply(self.inner.encode_document(given, progress), _languages_of(given))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The inner encoder's counts."""
        return self.inner.count_tokens(texts)


def _languages_of(texts: Sequence[str]) -> list[str]:
    from ...languages import detect_many

    return [found.code for found in detect_many(texts)]
