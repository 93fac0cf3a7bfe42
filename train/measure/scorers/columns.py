"""Scores whole benchmarks by columns without their own vectors: fusion, reranking, and scores of the whole pool."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ....engine.encoders import BM25, Column, Encoder, Fused, Reranked, Whole
from ....engine.progress import OnStage
from ....engine.search import fusion
from ...benchmarks import Benchmark
from ..ranks import Scorer
from ..registry import Counts

Scores = NDArray[np.float32]
# Scores of some queries for the whole pool, in the pool's order.
Rows = Callable[[slice], Scores]


def scorer(benchmark: Benchmark, column: Column, progress: OnStage | None = None) -> Scorer:
    """Scores of a benchmark's queries by a column.

    A fused score is the sum of 1 / (60 + rank) over whole rankings. Reranking reorders, for each query, the first
    `depth` of the pool of all languages; the others follow in their old order.

    Args:
        benchmark: the benchmark.
        column: with loaded encoders.
        progress: called with a stage, texts done and their total.
    """
    rows = _rows(benchmark, column, progress)

    def ordered(order: Counts) -> Rows:
        return lambda block: np.ascontiguousarray(rows(block)[:, order])

    return ordered


def _rows(benchmark: Benchmark, part: Encoder | str, progress: OnStage | None) -> Rows:
    everything = np.arange(len(benchmark.pool), dtype=np.int64)
    if isinstance(part, str):
        assert part == BM25
        from .words import scorer as by_words

        return by_words(benchmark)(everything)
    if isinstance(part, Fused):
        return _fused([_rows(benchmark, each, progress) for each in part.parts])
    if isinstance(part, Reranked):
        return _reranked(benchmark, part, _rows(benchmark, part.first, progress))
    if isinstance(part, Whole):
        score, asked = part.pool(benchmark.pool_texts()), benchmark.query_texts()
        return lambda block: np.stack([score(query) for query in asked[block]])
    from ..embeddings import encode_benchmark

    told = None if progress is None else lambda stage, done, total: progress(f"{part.name}: {stage}", done, total)
    queries, pool = encode_benchmark(part, benchmark, told)
    return lambda block: np.asarray(queries[block] @ pool.T, dtype=np.float32)


def _fused(parts: list[Rows]) -> Rows:
    def rows(block: slice) -> Scores:
        found: Scores | None = None
        for part in parts:
            scores = part(block)
            shares = (1 / (fusion.CONSTANT + 1 + _places(scores))).astype(np.float32)
            # Candidates that are not retrieved add nothing.
            shares[np.isneginf(scores)] = 0
            found = shares if found is None else found + shares
        assert found is not None
        found[found == 0] = -np.inf
        return found

    return rows


def _reranked(benchmark: Benchmark, column: Reranked, first: Rows) -> Rows:
    texts, asked = benchmark.pool_texts(), benchmark.query_texts()

    def rows(block: slice) -> Scores:
        scores = first(block)
        # Only the order counts, and positions are exact in single precision.
        found = -_places(scores).astype(np.float32)
        found[np.isneginf(scores)] = -np.inf
        for line, query in zip(range(len(scores)), asked[block], strict=True):
            best = np.argsort(-scores[line], kind="stable")[: column.depth]
            best = best[~np.isneginf(scores[line, best])]
            again = column.order([texts[place] for place in best], query)
            found[line, best[np.argsort(-again, kind="stable")]] = -np.arange(len(best), dtype=np.float32)
        return found

    return rows


def _places(scores: Scores) -> NDArray[np.int64]:
    """The position of each score in its row when sorted, from 0 for the highest; ties keep their order."""
    order = np.argsort(-scores, axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(scores.shape[1])[None, :], axis=1)
    return places
