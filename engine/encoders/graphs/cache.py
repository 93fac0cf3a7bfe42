"""Caches graphs: built once per encoder and precision, verified before use, rebuilt if damaged."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from ... import paths
from ...files import replacing_file

DIGEST_SIZE = 32
# So many graphs are kept; those unused for longest are removed.
KEPT = 16


def folder() -> Path:
    """Where graphs are cached."""
    return paths.cache_folder() / "graphs"


def fetch(key: str, build: Callable[[], bytes]) -> bytes:
    """The graph of a key: from the cache if it is intact there, else built and, if possible, cached.

    A file holds the graph followed by its SHA-256. A folder that cannot be written only costs time.
    """
    path = folder() / f"{key}.graph"
    with contextlib.suppress(OSError):
        stored = path.read_bytes()
        graph, digest = stored[:-DIGEST_SIZE], stored[-DIGEST_SIZE:]
        if graph and hashlib.sha256(graph).digest() == digest:
            with contextlib.suppress(OSError):
                os.utime(path)
            return graph
    graph = build()
    with contextlib.suppress(OSError):
        store(path, graph)
    return graph


def store(path: Path, graph: bytes) -> None:
    """Write a graph atomically: a reader finds the complete file or none.

    Raises:
        OSError: the folder cannot be written.
    """
    with replacing_file(path, durable=False) as partial:
        partial.write_bytes(graph + hashlib.sha256(graph).digest())
    prune(path.parent)


def prune(where: Path) -> None:
    """Remove the graphs unused for longest beyond `KEPT`."""
    found = sorted(where.glob("*.graph"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in found[KEPT:]:
        path.unlink(missing_ok=True)
