"""Measures one encoder on one benchmark by the paper's protocol: mono, cross and multi, and language bias."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...engine.encoders import Vectors
from ...engine.errors import DataError
from ..benchmarks import Benchmark
from .ranks import RelevantRanks, Scorer, rank_relevant, rank_scored
from .result import SETTINGS, Result

SHARE_CUT = 20


def measure_vectors(
    benchmark: Benchmark,
    queries: Vectors,
    pool: Vectors,
    *,
    encoder: str = "",
    settings: Sequence[str] = SETTINGS,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Measure given vectors.

    Args:
        benchmark: the benchmark.
        queries: vectors of its queries, shape (queries, dimension).
        pool: vectors of its pool, shape (pool, dimension).
        encoder: the name to report.
        settings: some of `mono`, `cross`, `multi`.
        progress: called with queries done and their total.

    Raises:
        DataError: a shape does not fit, or a setting is unknown.
    """
    if len(queries) != len(benchmark.queries) or len(pool) != len(benchmark.pool):
        raise DataError(
            f"{benchmark.name} has {len(benchmark.queries)} queries and {len(benchmark.pool)} candidates, "
            f"but {len(queries)} and {len(pool)} vectors were given."
        )
    chosen = _checked(settings)
    ranks = rank_relevant(benchmark, queries, pool, top=SHARE_CUT, progress=progress)
    return _result(benchmark, ranks, encoder, chosen)


def measure_scores(
    benchmark: Benchmark,
    scorer: Scorer,
    *,
    encoder: str = "",
    settings: Sequence[str] = SETTINGS,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Measure any scores, such as those of lexical search; see `measure_vectors`."""
    chosen = _checked(settings)
    return _result(benchmark, rank_scored(benchmark, scorer, top=SHARE_CUT, progress=progress), encoder, chosen)


def _checked(settings: Sequence[str]) -> tuple[str, ...]:
    unknown = set(settings) - set(SETTINGS)
    if unknown:
        raise DataError(f"Unknown setting {', '.join(sorted(unknown))}.", hint=f"Known: {', '.join(SETTINGS)}.")
    return tuple(name for name in SETTINGS if name in settings)


def _result(benchmark: Benchmark, ranks: RelevantRanks, encoder: str, settings: tuple[str, ...]) -> Result:
    gains = None
    if benchmark.grades:
        gains = np.zeros(ranks.in_pool.shape)
        for row, grades in enumerate(benchmark.grades):
            gains[row, : len(grades)] = grades
    return Result(
        encoder=encoder,
        benchmark=benchmark.name,
        languages=benchmark.languages,
        ranks=ranks,
        query_languages=benchmark.query_languages,
        pool_sizes=np.bincount(benchmark.pool_languages, minlength=len(benchmark.languages)),
        settings=settings,
        notes=benchmark.notes,
        gains=gains,
    )
