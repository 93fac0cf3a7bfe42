"""The records of the store: passages that are read, files and documents that are written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..encoders import Vectors

Ids = NDArray[np.int64]
# Vectors of up to so many numbers are stored in single precision, since shortening saves no space.
_SHORT = 16
# The largest number of a shortened vector, and the byte before it, by which its length is odd.
_LARGEST = 32767
_KIND = b"\x01"

# More numbers than any encoder gives.
MOST_NUMBERS = 1 << 16


def typed(row: Sequence[Any], kinds: str) -> Sequence[Any]:
    """A row whose values have the types of their columns: (i)nteger, (f)loat, (t)ext or (b)ytes.

    Raises:
        TypeError: one has another type, as in a damaged database.

    """
    for value, kind in zip(row, kinds, strict=True):
        if type(value) is not _KINDS[kind]:
            raise TypeError(f"it holds {type(value).__name__} where {_KINDS[kind].__name__} belongs")
    return row


_KINDS = {"i": int, "f": float, "t": str, "b": bytes}


@dataclass(frozen=True)
class Passage:
    """A passage of a library; `start` and `end` count characters of its document's text.

    `path` is absolute and storable; `part` is "row 12" in a table, else ""; `language` is "und" if it has too few
    letters to detect one.
    """

    id: int
    document_id: int
    path: str
    title: str
    heading: str
    ordinal: int
    start: int
    end: int
    text: str
    language: str
    confidence: float
    part: str = ""


@dataclass(frozen=True)
class StoredDocument:
    """A document of a library: a file, or a part of one; `length` counts characters up to the end of its passages."""

    id: int
    path: str
    part: str
    title: str
    passages: int
    length: int


@dataclass(frozen=True)
class KnownFile:
    """A file as of the last indexing; `stamp` is 0 if its times cannot be trusted."""

    id: int
    path: str
    size: int
    stamp: int
    digest: bytes
    text_column: str


@dataclass(frozen=True)
class NewPassage:
    """A passage to be stored; `terms` are those for the full-text index, None if they are not made yet.

    A passage whose language is not detected yet has the language "".
    """

    start: int
    end: int
    heading: str
    text: str
    language: str
    confidence: float
    terms: str | None = None


@dataclass(frozen=True)
class NewDocument:
    """A document to be stored: a whole file, or a row of it."""

    part: str
    title: str
    digest: bytes
    passages: tuple[NewPassage, ...]


@dataclass(frozen=True)
class NewFile:
    """A file to be stored, replacing the stored one of its path; `failure` says what could not be read."""

    path: str
    size: int
    stamp: int
    digest: bytes
    text_column: str
    documents: tuple[NewDocument, ...]
    failure: str = ""


@dataclass(frozen=True)
class EncoderRow:
    """An encoder that the library has vectors of; `revision` grows with every change to them."""

    id: int
    name: str
    fingerprint: str
    dimension: int
    revision: int

    @classmethod
    def of(cls, row: Sequence[Any]) -> EncoderRow:
        """The record of a row of the database; raises TypeError or ValueError for impossible values."""
        found = cls(*typed(row, "ittii"))
        if not 0 < found.dimension <= MOST_NUMBERS:
            raise ValueError(f"vectors of {found.dimension} numbers")
        return found


@dataclass(frozen=True)
class IndexFile:
    """The stored facts about the index file of an encoder; a file that differs from them is not read.

    `mac` proves that this user's machine wrote it.
    """

    file: str
    sha256: str
    rows: int
    dimension: int
    fingerprint: str
    revision: int
    mac: str = ""


@dataclass(frozen=True)
class Roster:
    """All passages with a text, in order of their ids, as arrays for rankings of everything.

    `ids`, `texts` and `languages` have one entry per passage; a language is an index into `codes`.
    """

    ids: Ids
    texts: Ids
    languages: NDArray[np.int16]
    codes: tuple[str, ...] = field(default=())

    def chosen(self, languages: tuple[str, ...]) -> NDArray[np.bool_]:
        """A mask of the passages in one of the languages; of all if there are none."""
        if not languages:
            return np.ones(len(self.ids), dtype=bool)
        wanted = [place for place, code in enumerate(self.codes) if code in languages]
        return np.isin(self.languages, wanted)


def digest_of(text: str) -> bytes:
    """The digest that identifies a text: 16 bytes of BLAKE2b over UTF-8."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class RunningDigest:
    """`digest_of` for a text that comes in pieces."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)

    def add(self, text: str) -> None:
        """Add a piece."""
        self._hash.update(text.encode("utf-8", "surrogatepass"))

    @property
    def value(self) -> bytes:
        """The digest of the pieces so far."""
        return self._hash.digest()


def packed(vectors: Vectors) -> list[bytes]:
    """Vectors in their stored form, little endian: the step, then 16-bit integers, which are multiples of it.

    They take half the space of single precision and change a cosine by about 2e-6, so that a text scores 1 against
    itself and scores equal those outside a library. Half precision would change it by a visible 1e-4.
    """
    exact = np.ascontiguousarray(vectors, dtype="<f4")
    if exact.ndim != 2 or exact.shape[1] <= _SHORT:
        return [row.tobytes() for row in exact]
    largest = np.maximum(np.abs(exact).max(axis=1, initial=0, keepdims=True), np.float32(1e-30)).astype(np.float64)
    numbers = np.rint(exact / largest * _LARGEST)
    # The step that preserves the vector's length.
    steps = np.linalg.norm(exact.astype(np.float64), axis=1) / np.maximum(np.linalg.norm(numbers, axis=1), 1)
    rows = zip(steps.astype("<f4"), numbers.astype("<i2"), strict=True)
    return [_KIND + step.tobytes() + row.tobytes() for step, row in rows]


def lengths_of(dimension: int) -> tuple[int, ...]:
    """The numbers of bytes that a stored vector may have; libraries of version 0.1 have single precision."""
    return (4 * dimension,) if dimension <= _SHORT else (5 + 2 * dimension, 4 * dimension)


def dimension_of(blob: bytes) -> int:
    """How many numbers a stored vector has."""
    return (len(blob) - 5) // 2 if len(blob) % 2 else len(blob) // 4


def unpacked(blobs: list[bytes], dimension: int) -> Vectors:
    """Stored vectors, each with a length from `lengths_of`, as float32, shape (len(blobs), dimension)."""
    kinds = lengths_of(dimension)
    found: Vectors = np.empty((len(blobs), dimension), dtype=np.float32)
    single = np.array([len(blob) == kinds[-1] for blob in blobs], dtype=bool)
    if single.any():
        own = b"".join(blob for blob in blobs if len(blob) == kinds[-1])
        found[single] = np.frombuffer(own, dtype="<f4").reshape(-1, dimension)
    if not single.all():
        own = b"".join(blob for blob in blobs if len(blob) != kinds[-1])
        rows = np.frombuffer(own, dtype=[("kind", "u1"), ("step", "<f4"), ("numbers", "<i2", (dimension,))])
        found[~single] = rows["numbers"] * rows["step"][:, None]
    return found
