"""Embeds texts once: caches vectors by the encoder's fingerprint, kind of text and digest of the text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...engine.encoders import Encoder, Kept, Vectors, keys_of
from ...engine.errors import EncoderError
from ...engine.progress import OnStage
from ..benchmarks import Benchmark

# Texts between two writes to the cache; an interruption loses at most these.
SLICE = 1024


def encode_benchmark(
    encoder: Encoder, benchmark: Benchmark, progress: OnStage | None = None
) -> tuple[Vectors, Vectors]:
    """Vectors of a benchmark's queries and pool; cached vectors are reused.

    Args:
        encoder: encodes distinct texts that are not cached, the shortest first.
        benchmark: the benchmark.
        progress: called with `queries` or `pool`, distinct texts done and their total.

    Returns:
        float32 unit vectors, shapes (queries, dimension) and (pool, dimension).

    Raises:
        EncoderError: the encoder did not return a finite vector for each text.
    """
    queries = encode(encoder, "queries", benchmark.query_texts(), progress)
    pool = encode(encoder, "pool", benchmark.pool_texts(), progress)
    return queries, pool


def encode(encoder: Encoder, kind: str, texts: Sequence[str], progress: OnStage | None = None) -> Vectors:
    """Vectors of texts, cached in blocks as they are made; `kind` is `queries` or `pool` (documents)."""
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
