"""Embeddings of benchmarks, computed once: cached by encoder fingerprint and text."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..engine import paths
from ..engine.encoders.protocol import Encoder, Vectors
from .benchmarks import Benchmark

Progress = Callable[[str, int, int], None]
SLICE = 2048


def encode_benchmark(
    encoder: Encoder, benchmark: Benchmark, progress: Progress | None = None
) -> tuple[Vectors, Vectors]:
    """Vectors of a benchmark's queries and pool, from the cache where it has them.

    Returns:
        float32 unit vectors, shapes (queries, dimension) and (pool, dimension).
    """
    queries = _cached(encoder, "queries", benchmark.query_texts(), progress)
    pool = _cached(encoder, "pool", benchmark.pool_texts(), progress)
    return queries, pool


def _cached(encoder: Encoder, kind: str, texts: Sequence[str], progress: Progress | None) -> Vectors:
    place = _place(encoder.fingerprint, kind, texts)
    found = _load(place, len(texts), encoder.dimension)
    if found is not None:
        if progress is not None:
            progress(kind, len(texts), len(texts))
        return found
    distinct = sorted(set(texts), key=len)
    row_of = {text: row for row, text in enumerate(distinct)}
    vectors = np.zeros((len(distinct), encoder.dimension), dtype=np.float32)
    for start in range(0, len(distinct), SLICE):
        part = distinct[start : start + SLICE]
        vectors[start : start + len(part)] = (
            encoder.encode_query(part) if kind == "queries" else encoder.encode_document(part)
        )
        if progress is not None:
            progress(kind, start + len(part), len(distinct))
    result: Vectors = vectors[[row_of[text] for text in texts]]
    _save(place, result)
    return result


def _place(fingerprint: str, kind: str, texts: Sequence[str]) -> Path:
    digest = hashlib.blake2b(digest_size=12)
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return paths.cache_folder() / "embeddings" / f"{fingerprint}-{kind}-{digest.hexdigest()}.npy"


def _load(place: Path, rows: int, dimension: int) -> Vectors | None:
    try:
        vectors = np.load(place)
    except (OSError, ValueError, EOFError):
        return None
    return vectors.astype(np.float32) if vectors.shape == (rows, dimension) else None


def _save(place: Path, vectors: Vectors) -> None:
    """Keep the vectors; a cache that cannot be written costs time, not the result."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent, suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            np.save(file, vectors)
        Path(temporary).replace(place)
    except OSError:
        return
