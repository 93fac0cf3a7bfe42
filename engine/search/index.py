"""The approximate index of one encoder: a copy of the database's vectors, used only after verification."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..encoders import Vectors
from ..errors import reason
from ..files import open_regular, what_else
from ..store import EncoderRow, Ids, IndexFile, Reading, Store
from . import exact, vouching
from .graph_kinds import KINDS, GraphKind, chosen, fits

Notify = Callable[[str], None]


# Deleted labels stay in the graph and slow it down: above this share it is built again.
_MOST_DELETED = 0.2
_BATCH = 2048
# Up to so many vectors that the file does not have yet are compared one by one.
MOST_BESIDE = 20_000
_ABSENT = (
    f"hnswlib is not installed: libraries of more than {exact.EXACT_LIMIT:,} texts are searched by comparing every "
    "vector, which is exact but slower. pip install 'hybrid-search[compact]' adds usearch, which does the same and "
    "needs no compiler."
)
# The form of all names of index files.
_NAME = re.compile(r"(?P<encoder>[1-9][0-9]{0,17})-(?P<number>[1-9][0-9]{0,8})\.(?P<kind>hnsw|usearch)")


class Unusable(Exception):
    """An index file that must not be loaded, with the reason."""


class VectorIndex:
    """An approximate index over the texts of one encoder.

    Args:
        dimension: the length of a vector.

    Attributes:
        kind: the suffix of its file, which tells the package of the graph.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.kind = ""
        self.labels: Ids = np.zeros(0, dtype=np.int64)
        self.deleted: set[int] = set()
        self._graph: GraphKind | None = None

    def __len__(self) -> int:
        """How many texts it can return."""
        return len(self.labels) - len(self.deleted)

    def load(self, path: Path, known: IndexFile, encoder: EncoderRow) -> None:
        """Load a file, only if it is the one that the database knows, intact and of this encoder.

        hnswlib crashes the process on a file that is damaged in the middle, and silently accepts one of another
        dimension; for usearch this is unknown.

        Raises:
            Unusable: the file differs from the database's facts.

        """
        if known.fingerprint != encoder.fingerprint or known.dimension != encoder.dimension:
            raise Unusable("it belongs to another encoder")
        _require_folder(path.parent)
        try:
            with open_regular(path, follow=False) as file:
                kind = path.suffix.removeprefix(".")
                if not fits(kind, os.fstat(file.fileno()).st_size, known.rows, known.dimension):
                    raise Unusable("its file is damaged: its size does not fit its vectors")
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError as error:
            raise Unusable("its file is missing") from error
        except OSError as error:
            raise Unusable(f"its file cannot be read ({error.strerror or error})") from error
        if digest != known.sha256:
            raise Unusable("its file is damaged")
        if not vouching.is_ours(known):
            raise Unusable("it was written on another machine or by an earlier version, and is not trusted")
        graph = KINDS[kind](self.dimension)
        try:
            labels = graph.load(path)
        except (RuntimeError, UnicodeError, ValueError) as error:
            raise Unusable(str(error)) from error
        if len(labels) != known.rows:
            raise Unusable("its contents do not match the database")
        self.kind, self._graph, self.labels = kind, graph, labels

    def create(self, capacity: int) -> None:
        """Create an empty index with room for some vectors.

        Raises:
            ImportError: no package for it is installed.

        """
        self.kind = chosen()
        self._graph = KINDS[self.kind](self.dimension)
        self._graph.create(capacity)
        self.labels, self.deleted = np.zeros(0, dtype=np.int64), set()

    def add(self, texts: Ids, vectors: Vectors) -> None:
        """Add vectors under the ids of their texts; room is made as needed."""
        assert self._graph is not None
        self._graph.add(texts, vectors, len(self.labels) + len(texts))
        self.labels = np.union1d(self.labels, texts)

    def delete(self, texts: Ids) -> None:
        """Never return these texts again."""
        assert self._graph is not None
        for text in texts.tolist():
            # It may be marked already in the loaded file, which cannot be queried.
            with contextlib.suppress(RuntimeError):
                self._graph.delete(text)
            self.deleted.add(text)

    def nearest(self, query: Vectors, k: int) -> Ids:
        """The ids of about the k nearest texts, nearest first; fewer if there are not that many.

        Raises:
            Unusable: the graph does not reach that many.

        """
        k = min(k, len(self))
        if k <= 0 or self._graph is None:
            return np.zeros(0, dtype=np.int64)
        try:
            return self._graph.nearest(query, k)
        except RuntimeError as error:
            raise Unusable(str(error)) from error

    def save(self, path: Path) -> str:
        """Write a file and return its SHA-256.

        Raises:
            OSError: it could not be written completely.

        """
        try:
            assert self._graph is not None
            if not self._graph.save(path):
                raise OSError("the disk is full")
            with path.open("rb+") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
        except (OSError, RuntimeError, UnicodeError) as error:
            path.unlink(missing_ok=True)
            raise OSError(str(error)) from error
        return digest


def absence() -> str:
    """The notice for the user if no package for an index is installed; else ""."""
    try:
        chosen()
    except ImportError:
        return _ABSENT
    return ""


def path_of(folder: Path, known: IndexFile, encoder: EncoderRow) -> Path:
    """The path of an index file, rebuilt from the number and suffix of its name in the database.

    Raises:
        Unusable: the name is not that of an index of this encoder.

    """
    found = _NAME.fullmatch(known.file)
    if found is None or int(found["encoder"]) != encoder.id:
        raise Unusable("its file name is not an index's")
    return folder / _name(encoder, int(found["number"]), found["kind"])


def _name(encoder: EncoderRow, number: int, kind: str) -> str:
    return f"{encoder.id}-{number}.{kind}"


def _require_folder(folder: Path) -> None:
    if what := what_else(folder, folder=True):
        raise Unusable(f"{folder} is {what}, not a folder of the library")


def verified(folder: Path, store: Reading, encoder: EncoderRow, notify: Notify) -> VectorIndex | None:
    """The index of an encoder if the database knows its file and this machine wrote it; else None, with a notice."""
    known = store.index_file(encoder)
    if known is None:
        return None
    index = VectorIndex(encoder.dimension)
    try:
        index.load(path_of(folder, known, encoder), known, encoder)
    except Unusable as error:
        notify(
            f"The index of {encoder.name} is not usable: {error}. It will be rebuilt from the database; until then "
            "every vector is compared."
        )
        return None
    except ImportError:
        notify(_ABSENT)
        return None
    return index


def in_step(index: VectorIndex, store: Reading, encoder: EncoderRow) -> Ids:
    """Delete texts from a loaded index that the database no longer has; returns the texts that the index lacks."""
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
) -> bool:
    """Update the index file of an encoder from the database; the caller holds the writer's lock.

    Args:
        folder: where index files are.
        store: the database.
        encoder: the encoder of the vectors.
        notify: gets notices for the user.
        progress: receives how many vectors are in the index and how many there will be.
        cancelled: called between batches; the vectors added so far are saved.

    Returns:
        whether the file is up to date now.

    """
    known = store.index_file(encoder)
    if known is not None and known.revision == encoder.revision and _whole(folder, known, encoder):
        return True
    try:
        _require_folder(folder)
    except Unusable as error:
        notify(f"The index of {encoder.name} cannot be saved: {error}. Every vector is compared instead.")
        return False
    if not vouching.can():
        notify(
            f"No index of {encoder.name} is kept, since {vouching.place()} cannot be written to: every vector is "
            "compared instead."
        )
        return False
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
            notify(_ABSENT)
            return False
    finished = True
    total = len(index) + len(missing)
    for first in range(0, len(missing), _BATCH):
        if cancelled is not None and cancelled():
            finished = False
            break
        index.add(*store.vectors(encoder, missing[first : first + _BATCH]))
        if progress is not None:
            progress(len(index), total)
    return _saved(folder, store, encoder, index, notify, -1 if not finished else encoder.revision) and finished


def _whole(folder: Path, known: IndexFile, encoder: EncoderRow) -> bool:
    if known.fingerprint != encoder.fingerprint or known.dimension != encoder.dimension or not vouching.is_ours(known):
        return False
    try:
        _require_folder(folder)
        with open_regular(path_of(folder, known, encoder), follow=False) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == known.sha256
    except (OSError, Unusable):
        return False


def _saved(folder: Path, store: Store, encoder: EncoderRow, index: VectorIndex, notify: Notify, revision: int) -> bool:
    """Write a new file, point the database to it, then remove the old one, so that there is always a valid one."""
    known = store.index_file(encoder)
    found = _NAME.fullmatch(known.file) if known is not None else None
    number = int(found["number"]) + 1 if found is not None else 1
    while os.path.lexists(folder / _name(encoder, number, index.kind)):
        number += 1
    name = _name(encoder, number, index.kind)
    try:
        folder.mkdir(exist_ok=True)
        digest = index.save(folder / name)
    except OSError as error:
        notify(f"The index of {encoder.name} could not be saved ({reason(error)}): every vector is compared instead.")
        return False
    file = IndexFile(name, digest, len(index.labels), encoder.dimension, encoder.fingerprint, revision)
    store.set_index_file(encoder, replace(file, mac=vouching.mac_of(file)))
    sweep_files(folder, store)
    return True


def sweep_files(folder: Path, store: Reading) -> list[str]:
    """Remove index files that the database does not know: leftovers of killed processes, or replaced ones."""
    removed: list[str] = []
    if what_else(folder, folder=True):
        return removed
    used = store.index_files()
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix in (".hnsw", ".usearch") and path.name not in used:
            with contextlib.suppress(OSError):
                path.unlink()
                removed.append(path.name)
    return removed
