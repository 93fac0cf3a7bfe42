"""Caches vectors of texts on disk by encoder fingerprint, kind of text and digest of each text."""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from .. import paths
from ..files import replacing_file
from .protocol import Vectors

# More parts than this are joined into one file.
MOST_PARTS = 24
DAMAGE = (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error)
KEY = np.dtype([("high", "<u8"), ("low", "<u8")])


def keys_of(texts: Sequence[str]) -> NDArray[np.void]:
    """The keys of texts, shape (len(texts),)."""
    return np.array([_key(text) for text in texts], dtype=KEY)


def _key(text: str) -> tuple[int, int]:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


class Kept:
    """Vectors on disk, in parts of keys and float32 rows; damaged parts are skipped and made again."""

    def __init__(self, fingerprint: str, kind: str, dimension: int) -> None:
        name = hashlib.blake2b(f"{fingerprint}:{kind}".encode(), digest_size=12).hexdigest()
        self._folder = paths.cache_folder() / "embeddings" / name
        self._dimension = dimension

    def fill(self, wanted: NDArray[np.void], vectors: Vectors) -> NDArray[np.int64]:
        """Write the known vectors of `wanted` (sorted keys) into `vectors`; returns the rows that are not known."""
        found = np.zeros(len(wanted), dtype=bool)
        parts = sorted(self._folder.glob("*.npz")) if self._folder.is_dir() else []
        kept: list[tuple[NDArray[np.void], Vectors]] = []
        for part in parts:
            with contextlib.suppress(*DAMAGE):
                read = _read(part, self._dimension)
                if read is not None:
                    kept.append(read)
        for keys, rows in kept:
            places = np.searchsorted(wanted, keys)
            inside = places < len(wanted)
            inside[inside] = wanted[places[inside]] == keys[inside]
            vectors[places[inside]] = rows[inside]
            found[places[inside]] = True
        if len(parts) > MOST_PARTS:
            self._join(parts, kept)
        missing: NDArray[np.int64] = np.flatnonzero(~found)
        return missing

    def keep(self, keys: NDArray[np.void], vectors: Vectors) -> None:
        """Add a part; a cache that cannot be written only costs time."""
        with contextlib.suppress(OSError):
            self._write(keys, vectors)

    def _write(self, keys: NDArray[np.void], vectors: Vectors) -> None:
        part = self._folder / f"{uuid4().hex}.npz"
        with replacing_file(part, durable=False) as partial, partial.open("wb") as file:
            np.savez(file, keys=keys, vectors=vectors)

    def _join(self, parts: Sequence[Path], kept: Sequence[tuple[NDArray[np.void], Vectors]]) -> None:
        if not kept:
            return
        # The parts are removed only after the joined file is complete, so that a full disk loses nothing.
        with contextlib.suppress(OSError):
            self._write(np.concatenate([keys for keys, _ in kept]), np.concatenate([rows for _, rows in kept]))
            for part in parts:
                part.unlink(missing_ok=True)


def _read(part: Path, dimension: int) -> tuple[NDArray[np.void], Vectors] | None:
    with np.load(part) as stored:
        keys, vectors = stored["keys"], stored["vectors"]
    fits = keys.dtype == KEY and vectors.shape == (len(keys), dimension)
    return (keys, vectors.astype(np.float32)) if fits else None
