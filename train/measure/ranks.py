"""Computes exact ranks of every query's relevant candidates, in the whole pool and in their language's pool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...engine.encoders import Vectors
from ..benchmarks import Benchmark
from .registry import Counts

BLOCK_BYTES = 128 * 2**20
# Takes an order of the pool; returns a function from a block of queries to their scores, shape (block, pool).
Scorer = Callable[[Counts], Callable[[slice], NDArray[np.float32]]]


@dataclass(frozen=True)
class RelevantRanks:
    """Ranks of each query's relevant candidates; rows are queries, columns relevant candidates, padded with -1.

    A candidate's rank is the number of candidates that score at least as high, itself included: all tied candidates
    get the last rank of the tie, so that a tie never helps (as in scikit-learn's average precision).

    Args:
        in_pool: rank in the pool of all languages, shape (queries, most relevant).
        in_language: rank among the candidates of its own language, same shape.
        language: index of its language in the benchmark's languages, same shape, -1 where padded.
        top_languages: languages of the first `top` candidates of each query, shape (queries, top); -1 for candidates
            that were not retrieved (score -inf).
    """

    in_pool: Counts
    in_language: Counts
    language: Counts
    top_languages: Counts


def relevant_rows(benchmark: Benchmark) -> Counts:
    """Relevant pool rows of each query, padded with -1, shape (queries, most relevant)."""
    width = max(len(rows) for rows in benchmark.relevant)
    padded = np.full((len(benchmark.relevant), width), -1, dtype=np.int64)
    for row, relevant in enumerate(benchmark.relevant):
        padded[row, : len(relevant)] = relevant
    return padded


def rank_relevant(
    benchmark: Benchmark,
    queries: Vectors,
    pool: Vectors,
    *,
    top: int = 20,
    progress: Callable[[int, int], None] | None = None,
) -> RelevantRanks:
    """Rank exactly by dot product, in blocks that limit memory.

    Args:
        benchmark: the benchmark.
        queries: vectors of its queries, shape (queries, dimension).
        pool: vectors of its pool, shape (pool, dimension).
        top: the number of first candidates whose languages are returned.
        progress: called with queries done and their total.
    """

    def scorer(order: Counts) -> Callable[[slice], NDArray[np.float32]]:
        columns = np.ascontiguousarray(pool[order]).T
        return lambda block: queries[block] @ columns

    return rank_scored(benchmark, scorer, top=top, progress=progress)


def rank_scored(
    benchmark: Benchmark,
    scorer: Scorer,
    *,
    top: int = 20,
    progress: Callable[[int, int], None] | None = None,
) -> RelevantRanks:
    """Rank exactly by any scores; see `rank_relevant`."""
    order = np.argsort(benchmark.pool_languages, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    scores_of = scorer(order)
    sorted_languages = benchmark.pool_languages[order]
    edges = np.searchsorted(sorted_languages, np.arange(len(benchmark.languages) + 1))
    rows = relevant_rows(benchmark)
    known = rows >= 0
    columns = np.where(known, place[np.where(known, rows, 0)], 0)
    language = np.where(known, sorted_languages[columns], -1)
    top = min(top, len(order))
    in_pool = np.zeros_like(rows)
    in_language = np.zeros_like(rows)
    top_languages = np.zeros((len(rows), top), dtype=np.int64)
    step = max(1, BLOCK_BYTES // (4 * len(order)))
    for start in range(0, len(rows), step):
        block = slice(start, min(start + step, len(rows)))
        scores = scores_of(block)
        wanted = np.take_along_axis(scores, columns[block], axis=1)
        for code in range(len(benchmark.languages)):
            segment = scores[:, edges[code] : edges[code + 1]]
            reached = np.zeros((len(segment), -(-segment.shape[1] // 8) * 8), dtype=bool)
            for column in range(rows.shape[1]):
                np.greater_equal(segment, wanted[:, column : column + 1], out=reached[:, : segment.shape[1]])
                # Counts eight booleans per 64-bit word: several times faster than summing them.
                count = np.bitwise_count(reached.view(np.uint64)).sum(axis=1, dtype=np.int64)
                in_pool[block, column] += count
                own = language[block, column] == code
                in_language[block, column][own] = count[own]
        best = np.argpartition(-scores, top - 1, axis=1)[:, :top]
        retrieved = np.take_along_axis(scores, best, axis=1) > -np.inf
        top_languages[block] = np.where(retrieved, sorted_languages[best], -1)
        if progress is not None:
            progress(block.stop, len(rows))
    in_pool[~known] = -1
    in_language[~known] = -1
    return RelevantRanks(in_pool, in_language, language, top_languages)
