"""Wraps the packages for an index's graph: hnswlib, or usearch if that is requested or the only one installed.

usearch stores vectors as 8-bit integers, in a third of the space, and ships compiled for every system; hnswlib has to
be compiled on installation. Their results are scored by the vectors of the database.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .. import environment
from ..encoders import Vectors
from ..store import Ids

LINKS = 16
BUILD_WIDTH = 200
SEARCH_WIDTH = 192
_SEED = 2408
_SMALL, _MORE = 2_000, 16
# Bytes of a file besides its vectors and their links: its head, and those for each vector; and the most levels above
# the lowest one.
_HEAD, _BESIDE_VECTOR, _MOST_LEVELS = 4096, 16, 8


class GraphKind(Protocol):
    """A graph of one kind; its methods raise RuntimeError if the package fails."""

    def create(self, capacity: int) -> None:
        """Create an empty graph with room for some vectors."""

    def load(self, path: Path) -> Ids:
        """Read a file; returns the ids in it, in order."""

    def add(self, texts: Ids, vectors: Vectors, number: int) -> None:
        """Add vectors, after which there are `number` in total."""

    def delete(self, text: int) -> None:
        """Never return this text again."""

    def nearest(self, query: Vectors, k: int) -> Ids:
        """The ids of about the k nearest texts, nearest first; more of them if the kind is less exact."""

    def save(self, path: Path) -> bool:
        """Write a file; returns whether it was written completely."""


class Hnswlib:
    """A graph of hnswlib, with vectors in single precision."""

    def __init__(self, dimension: int) -> None:
        import hnswlib

        self._index: Any = hnswlib.Index(space="ip", dim=dimension)

    def create(self, capacity: int) -> None:
        """Create an empty graph."""
        self._index.init_index(max_elements=max(1, capacity), M=LINKS, ef_construction=BUILD_WIDTH, random_seed=_SEED)

    def load(self, path: Path) -> Ids:
        """Read a file."""
        self._index.load_index(str(path))
        return np.sort(np.array(self._index.get_ids_list(), dtype=np.int64))

    def add(self, texts: Ids, vectors: Vectors, number: int) -> None:
        """Add vectors; room is made as needed."""
        if number > self._index.get_max_elements():
            self._index.resize_index(number)
        self._index.add_items(vectors, texts)

    def delete(self, text: int) -> None:
        """Mark a text; RuntimeError if it is marked already."""
        self._index.mark_deleted(text)

    def nearest(self, query: Vectors, k: int) -> Ids:
        """The nearest texts."""
        # hnswlib does not store the search width in files, and needs one of at least k.
        self._index.set_ef(max(SEARCH_WIDTH, 2 * k))
        labels, _ = self._index.knn_query(query[np.newaxis], k=k, num_threads=1)
        found: Ids = labels[0].astype(np.int64)
        return found

    def save(self, path: Path) -> bool:
        """Write a file."""
        self._index.save_index(str(path))
        # hnswlib does not notice a full disk.
        return bool(path.stat().st_size == self._index.index_file_size())


class Usearch:
    """A graph of usearch, with vectors as 8-bit integers."""

    def __init__(self, dimension: int) -> None:
        from usearch.index import Index

        self._index: Any = Index(
            ndim=dimension,
            metric="cos",
            dtype="i8",
            connectivity=LINKS,
            expansion_add=BUILD_WIDTH,
            expansion_search=SEARCH_WIDTH,
        )
        # Deleted texts stay in the graph and are skipped.
        self._deleted: set[int] = set()

    def create(self, capacity: int) -> None:
        """Do nothing: an empty graph grows by itself."""

    def load(self, path: Path) -> Ids:
        """Read a file."""
        self._index.load(str(path))
        return np.sort(np.array(self._index.keys, dtype=np.int64))

    def add(self, texts: Ids, vectors: Vectors, number: int) -> None:
        """Add vectors."""
        # Vectors that several threads add to a small graph may not be linked.
        self._index.add(texts, vectors, threads=1 if number <= _SMALL else 0)

    def delete(self, text: int) -> None:
        """Skip a text from now on."""
        self._deleted.add(text)

    def nearest(self, query: Vectors, k: int) -> Ids:
        """The nearest undeleted texts, and about as many more, since 8 bits separate close ones less well."""
        k = 2 * k + _MORE
        ask = k + min(len(self._deleted), k)
        while True:
            self._index.expansion_search = max(SEARCH_WIDTH, 2 * ask)
            keys = self._index.search(query, min(ask, len(self._index)), threads=1).keys
            found: Ids = np.array([key for key in keys.tolist() if key not in self._deleted][:k], dtype=np.int64)
            if len(found) >= k or ask >= len(self._index):
                return found
            ask *= 4

    def save(self, path: Path) -> bool:
        """Write a file."""
        self._index.save(str(path))
        return bool(path.stat().st_size == self._index.serialized_length)


# By suffix of the file: the package that reads it; the first one is preferred.
KINDS: dict[str, Callable[[int], GraphKind]] = {"hnsw": Hnswlib, "usearch": Usearch}
_MODULES = {"hnsw": "hnswlib", "usearch": "usearch"}


def chosen() -> str:
    """The kind of a new index.

    Raises:
        ImportError: neither package is installed, or not the requested one.
    """
    asked = environment.INDEX.value()
    wanted = [kind for kind, module in _MODULES.items() if not asked or module == asked]
    for kind in wanted:
        if _is_there(_MODULES[kind]):
            return kind
    raise ImportError(f"{asked or 'hnswlib'} is not installed")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def fits(kind: str, size: int, rows: int, dimension: int) -> bool:
    """Whether a file's size fits: the graph's lowest level has a fixed length per vector, the others a fraction."""
    lowest = (
        rows * (dimension + 8 * LINKS) if kind == "usearch" else rows * (4 * dimension + 8 * LINKS + _BESIDE_VECTOR)
    )
    beside = rows * (4 * LINKS + 4) * _MOST_LEVELS + (rows * 64 if kind == "usearch" else 0)
    return lowest <= size <= _HEAD + lowest + beside
