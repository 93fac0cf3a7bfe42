"""Embeddings of benchmarks, computed once: kept by encoder fingerprint, kind of text and digest of each text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...engine.encoders import Encoder, Kept, Vectors, keys_of
from ...engine.errors import EncoderError
from ...engine.progress import OnStage
from ..benchmarks import Benchmark

# Texts between two writes: what an interruption can cost.
SLICE = 1024


def encode_benchmark(
    encoder: Encoder, benchmark: Benchmark, progress: OnStage | None = None
) -> tuple[Vectors, Vectors]:
    """Vectors of a benchmark's queries and pool, from the cache where it has them.

    Args:
        encoder: what encodes the rest; asked for distinct texts only, the shortest first.
        benchmark: whose texts.
        progress: called with `queries` or `pool`, distinct texts done and in all.

    Returns:
        float32 unit vectors, shapes (queries, dimension) and (pool, dimension).

    Raises:
        EncoderError: the encoder gave something that is not a vector for each text.
    """
    queries = encode(encoder, "queries", benchmark.query_texts(), progress)
    pool = encode(encoder, "pool", benchmark.pool_texts(), progress)
    return queries, pool


def encode(encoder: Encoder, kind: str, texts: Sequence[str], progress: OnStage | None = None) -> Vectors:
    """Vectors of texts; `kind` is `queries` or `pool` (documents). What was encoded is cached part by part."""
    cache = Kept(encoder.fingerprint, kind, encoder.dimension)
    keys = keys_of(texts)
    distinct, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    vectors = np.zeros((len(distinct), encoder.dimension), dtype=np.float32)
    missing = cache.fill(distinct, vectors)
    done = len(distinct) - len(missing)
    if progress is not None:
        progress(kind, done, len(distinct))
    missing = missing[np.argsort([len(texts[first[row]]) for row in missing], kind="stable")]
    method = encoder.encode_query if kind == "queries" else encoder.encode_document
    for start in range(0, len(missing), SLICE):
        rows = missing[start : start + SLICE]
        made = np.asarray(method([texts[first[row]] for row in rows]), dtype=np.float32)
        if made.shape != (len(rows), encoder.dimension) or not np.isfinite(made).all():
            raise EncoderError(
                f"{encoder.name} gave vectors of shape {made.shape}, or with NaN or infinite values; "
                f"expected: finite values of shape {(len(rows), encoder.dimension)}."
            )
        vectors[rows] = made
        cache.keep(distinct[rows], made)
        done += len(rows)
        if progress is not None:
            progress(kind, done, len(distinct))
    result: Vectors = vectors[inverse]
    return result
