"""The hnswlib index of one encoder: a copy of vectors that are in the database, believed only after it is verified."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..encoders import Vectors
from ..store import EncoderRow, Ids, IndexFile, Reading, Store

Notify = Callable[[str], None]

LINKS = 16
BUILD_WIDTH = 200
SEARCH_WIDTH = 192
# Labels that were deleted stay in the graph and slow it down: beyond this share it is built anew.
_MOST_DELETED = 0.2
_BATCH = 2048
# Vectors that the file does not have yet are compared one by one up to this number.
MOST_BESIDE = 20_000


class Unusable(Exception):
    """An index file that must not be loaded, with the reason."""


class VectorIndex:
    """An approximate index over the texts of one encoder.

    Args:
        dimension: the length of a vector.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.labels: Ids = np.zeros(0, dtype=np.int64)
        self.deleted: set[int] = set()
        self._index: Any = None

    def __len__(self) -> int:
        """How many texts it answers with."""
        return len(self.labels) - len(self.deleted)

    def load(self, path: Path, known: IndexFile, encoder: EncoderRow) -> None:
        """Read a file, but only the one that is known, whole and of this encoder.

        hnswlib ends the process when it loads a file that is damaged in the middle, and takes one of another dimension
        without a word.

        Raises:
            Unusable: anything differs from what the database knows.

        """
        if known.fingerprint != encoder.fingerprint or known.dimension != encoder.dimension:
            raise Unusable("it belongs to another encoder")
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise Unusable("its file is missing") from error
        except OSError as error:
            raise Unusable(f"its file cannot be read ({error.strerror})") from error
        if digest != known.sha256:
            raise Unusable("its file is damaged")
        index = _new(self.dimension)
        try:
            index.load_index(str(path))
        except (RuntimeError, UnicodeError) as error:
            raise Unusable(str(error)) from error
        labels = np.sort(np.array(index.get_ids_list(), dtype=np.int64))
        if len(labels) != known.rows:
            raise Unusable("it does not hold what it should")
        self._index, self.labels = index, labels

    def create(self, capacity: int) -> None:
        """Begin an empty index with room for some vectors."""
        self._index = _new(self.dimension)
        self._index.init_index(max_elements=max(1, capacity), M=LINKS, ef_construction=BUILD_WIDTH, random_seed=2408)
        self.labels, self.deleted = np.zeros(0, dtype=np.int64), set()

    def add(self, texts: Ids, vectors: Vectors, *, threads: int = -1) -> None:
        """Add vectors under the ids of their texts; room is made as needed."""
        room = len(self.labels) + len(texts)
        if room > self._index.get_max_elements():
            self._index.resize_index(room)
        self._index.add_items(vectors, texts, num_threads=threads)
        self.labels = np.union1d(self.labels, texts)

    def delete(self, texts: Ids) -> None:
        """Never answer with these texts again."""
        for text in texts.tolist():
            # Marked already in the file that was loaded, which does not say so otherwise.
            with contextlib.suppress(RuntimeError):
                self._index.mark_deleted(text)
            self.deleted.add(text)

    def nearest(self, query: Vectors, k: int) -> Ids:
        """The ids of about the k nearest texts, nearest first; fewer where there are not that many.

        Raises:
            Unusable: the graph does not reach that many.

        """
        k = min(k, len(self))
        if k <= 0:
            return np.zeros(0, dtype=np.int64)
        # hnswlib forgets the width when it loads a file, and needs one of at least k.
        self._index.set_ef(max(SEARCH_WIDTH, 2 * k))
        try:
            labels, _ = self._index.knn_query(query[np.newaxis], k=k, num_threads=1)
        except RuntimeError as error:
            raise Unusable(str(error)) from error
        found: Ids = labels[0].astype(np.int64)
        return found

    def save(self, path: Path) -> str:
        """Write a file and return its SHA-256.

        Raises:
            OSError: it could not be written whole.

        """
        try:
            self._index.save_index(str(path))
            # hnswlib does not notice a disk that is full.
            if path.stat().st_size != self._index.index_file_size():
                raise OSError("the disk is full")
            with path.open("rb+") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
        except (OSError, RuntimeError, UnicodeError) as error:
            path.unlink(missing_ok=True)
            raise OSError(str(error)) from error
        return digest


def _new(dimension: int) -> Any:
    import hnswlib

    return hnswlib.Index(space="ip", dim=dimension)


def verified(folder: Path, store: Reading, encoder: EncoderRow, notify: Notify) -> VectorIndex | None:
    """The index of an encoder if its file is what the database knows, else None and a message."""
    known = store.index_file(encoder)
    if known is None:
        return None
    index = VectorIndex(encoder.dimension)
    try:
        index.load(folder / known.file, known, encoder)
    except Unusable as error:
        notify(f"The index of {encoder.name} is not usable: {error}. It will be rebuilt from the database.")
        return None
    except ImportError:
        notify("hnswlib is not installed: every vector is compared, which is exact but slower.")
        return None
    return index


def in_step(index: VectorIndex, store: Reading, encoder: EncoderRow) -> Ids:
    """Delete from a loaded index what the database no longer has; returns the texts that the index lacks."""
    wanted = store.vector_texts(encoder)
    index.delete(np.setdiff1d(index.labels, wanted, assume_unique=True))
    return np.setdiff1d(wanted, index.labels, assume_unique=True)


def refresh(
    folder: Path,
    store: Store,
    encoder: EncoderRow,
    *,
    notify: Notify,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    threads: int = -1,
) -> bool:
    """Bring the index file of an encoder in step with the database; the caller holds the writer's lock.

    Args:
        folder: where index files are.
        store: the database.
        encoder: whose vectors.
        notify: gets what a person should know.
        progress: gets how many vectors are in the index and how many will be.
        cancelled: asked between batches; what is in the index by then is saved.
        threads: how many build; all cores by default, one for an index that comes out the same every time.

    Returns:
        whether the file is in step now.

    """
    known = store.index_file(encoder)
    if known is not None and known.revision == encoder.revision and _whole(folder / known.file, known, encoder):
        return True
    index = verified(folder, store, encoder, notify)
    missing = store.vector_texts(encoder)
    if index is not None:
        total, missing = len(missing), in_step(index, store, encoder)
        if len(index.deleted) > _MOST_DELETED * max(1, total):
            index, missing = None, store.vector_texts(encoder)
    if index is None:
        index = VectorIndex(encoder.dimension)
        try:
            index.create(len(missing))
        except ImportError:
            notify("hnswlib is not installed: every vector is compared, which is exact but slower.")
            return False
    finished = True
    total = len(index) + len(missing)
    for first in range(0, len(missing), _BATCH):
        if cancelled is not None and cancelled():
            finished = False
            break
        index.add(*store.vectors(encoder, missing[first : first + _BATCH]), threads=threads)
        if progress is not None:
            progress(len(index), total)
    return _saved(folder, store, encoder, index, notify, -1 if not finished else encoder.revision) and finished


def _whole(path: Path, known: IndexFile, encoder: EncoderRow) -> bool:
    if known.fingerprint != encoder.fingerprint or known.dimension != encoder.dimension:
        return False
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == known.sha256
    except OSError:
        return False


def _saved(folder: Path, store: Store, encoder: EncoderRow, index: VectorIndex, notify: Notify, revision: int) -> bool:
    """Write a new file, point the database to it, then remove the old one: at every instant one of them is right."""
    known = store.index_file(encoder)
    number = int(known.file.rpartition("-")[2].split(".")[0]) + 1 if known is not None else 1
    name = f"{encoder.id}-{number}.hnsw"
    try:
        folder.mkdir(exist_ok=True)
        digest = index.save(folder / name)
    except OSError as error:
        notify(f"The index of {encoder.name} could not be saved ({error}): every vector is compared instead.")
        return False
    store.set_index_file(
        encoder,
        IndexFile(name, digest, len(index.labels), encoder.dimension, encoder.fingerprint, revision),
    )
    sweep_files(folder, store)
    return True


def sweep_files(folder: Path, store: Reading) -> list[str]:
    """Remove index files that the database does not know: left by a process that was killed, or replaced."""
    used = store.index_files()
    removed: list[str] = []
    for path in folder.glob("*.hnsw"):
        if path.name not in used:
            with contextlib.suppress(OSError):
                path.unlink()
                removed.append(path.name)
    return removed
