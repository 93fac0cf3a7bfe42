"""One encoder on one benchmark by the paper's protocol: mono, cross and multi, and language bias."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.encoders.protocol import Encoder, Vectors
from ..engine.errors import DataError
from .benchmarks import Benchmark
from .ranks import RelevantRanks, rank_relevant

SETTINGS = ("mono", "cross", "multi")
SHARE_CUT = 20
Scores = NDArray[np.float64]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Result:
    """What one encoder reached on one benchmark.

    Args:
        encoder: its name.
        benchmark: its name.
        languages: in the order of every matrix below.
        average_precision: per query and pool language, NaN where nothing there is relevant, shape (queries, languages).
        first_rank: rank of the best relevant candidate of that language in that language's pool, same shape.
        multi_average_precision: per query in the pool of all languages, NaN without relevant ones, shape (queries,).
        ranks: ranks of all relevant candidates.
        query_languages: index of each query's language, shape (queries,).
        pool_share: share of each language in the pool, shape (languages,).
        settings: those asked for.
        notes: what was left out.
    """

    encoder: str
    benchmark: str
    languages: tuple[str, ...]
    average_precision: Scores
    first_rank: Scores
    multi_average_precision: Scores
    ranks: RelevantRanks
    query_languages: NDArray[np.int64]
    pool_share: Scores
    settings: tuple[str, ...] = SETTINGS
    notes: tuple[str, ...] = ()

    def matrix(self) -> Scores:
        """Mean AP by query language (rows) and pool language (columns), NaN where no query can be scored."""
        return self._by_pair(self.average_precision)

    def recall_matrix(self) -> Scores:
        """R@1 by query language and pool language: the share of queries whose first candidate is relevant."""
        found = np.where(np.isnan(self.first_rank), np.nan, self.first_rank <= 1)
        return self._by_pair(found)

    def _by_pair(self, values: Scores) -> Scores:
        matrix = np.full((len(self.languages), len(self.languages)), np.nan)
        for row in range(len(self.languages)):
            own = values[self.query_languages == row]
            known = ~np.isnan(own)
            counts = known.sum(axis=0)
            sums = np.where(known, own, 0).sum(axis=0)
            matrix[row] = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
        return matrix

    def by_query_language(self, values: NDArray[Any]) -> Scores:
        """Means of per-query values by query language, NaN where there are none, shape (languages,)."""
        means = np.full(len(self.languages), np.nan)
        for code in range(len(self.languages)):
            own = values[self.query_languages == code]
            own = own[~np.isnan(own)]
            if len(own):
                means[code] = own.mean()
        return means

    def rank_distances(self) -> Scores:
        """Worst minus best rank of each query's relevant candidates in the pool of all languages, shape (queries,).

        NaN below two relevant ones. Source: paper, table of average rank distance; DESIGN §5.
        """
        ranks = self.ranks.in_pool.astype(float)
        ranks[self.ranks.in_pool < 0] = np.nan
        known = (~np.isnan(ranks)).sum(axis=1)
        distances = np.full(len(ranks), np.nan)
        several = known > 1
        distances[several] = np.nanmax(ranks[several], axis=1) - np.nanmin(ranks[several], axis=1)
        return distances

    def same_language_share(self) -> Scores:
        """Share of the query's language among its first 20 candidates, shape (queries,)."""
        same: Scores = (self.ranks.top_languages == self.query_languages[:, None]).mean(axis=1)
        return same

    def recall_at_10(self) -> Scores:
        """Share of each query's relevant candidates in the first 10 of the pool of all languages, shape (queries,)."""
        relevant = (self.ranks.in_pool > 0).sum(axis=1)
        found = ((self.ranks.in_pool > 0) & (self.ranks.in_pool <= 10)).sum(axis=1)
        return np.divide(found, relevant, out=np.full(len(found), np.nan), where=relevant > 0)

    def summary(self) -> dict[str, float]:
        """The headline figures: macro means over languages, pairs and query languages (DESIGN §5)."""
        matrix, recall = self.matrix(), self.recall_matrix()
        own = np.eye(len(self.languages), dtype=bool)
        figures: dict[str, float] = {}
        if "mono" in self.settings:
            figures["mono"] = _mean(matrix[own])
            figures["mono_recall_at_1"] = _mean(recall[own])
        if "cross" in self.settings:
            figures["cross"] = _mean(matrix[~own])
            figures["cross_recall_at_1"] = _mean(recall[~own])
        if "multi" in self.settings:
            figures["multi"] = _mean(self.by_query_language(self.multi_average_precision))
            figures["multi_recall_at_10"] = _mean(self.by_query_language(self.recall_at_10()))
            distances = self.rank_distances()
            figures["rank_distance"] = _mean(self.by_query_language(distances))
            known = distances[~np.isnan(distances)]
            figures["rank_distance_median"] = float(np.median(known)) if len(known) else float("nan")
            figures["same_language_share"] = _mean(self.by_query_language(self.same_language_share()))
            figures["same_language_pool_share"] = float(self.pool_share[self.query_languages].mean())
        return figures

    def as_dict(self) -> dict[str, Any]:
        """Everything a report needs, as plain JSON values."""
        matrix, recall = self.matrix(), self.recall_matrix()
        own = range(len(self.languages))
        multi = self.by_query_language(self.multi_average_precision)
        distance = self.by_query_language(self.rank_distances())
        return {
            "encoder": self.encoder,
            "benchmark": self.benchmark,
            "languages": list(self.languages),
            "queries": len(self.query_languages),
            "summary": {name: _plain(value) for name, value in self.summary().items()},
            "mono": {self.languages[i]: _plain(matrix[i, i]) for i in own},
            "cross": {
                f"{self.languages[i]}-{self.languages[j]}": _plain(matrix[i, j]) for i in own for j in own if i != j
            },
            "multi": {self.languages[i]: _plain(multi[i]) for i in own},
            "rank_distance": {self.languages[i]: _plain(distance[i]) for i in own},
            "recall_at_1": [[_plain(value) for value in row] for row in recall],
            "notes": list(self.notes),
        }


def _mean(values: Scores) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)


def evaluate_vectors(
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
        benchmark: what is asked and relevant.
        queries: vectors of its queries, shape (queries, dimension).
        pool: vectors of its pool, shape (pool, dimension).
        encoder: the name to report.
        settings: of `mono`, `cross`, `multi`.
        progress: called with queries done and in all.

    Raises:
        DataError: shapes that do not fit, or an unknown setting.
    """
    unknown = set(settings) - set(SETTINGS)
    if unknown:
        raise DataError(f"Unknown setting {', '.join(sorted(unknown))}.", hint=f"Known: {', '.join(SETTINGS)}.")
    if len(queries) != len(benchmark.queries) or len(pool) != len(benchmark.pool):
        raise DataError(
            f"{benchmark.name} has {len(benchmark.queries)} queries and {len(benchmark.pool)} candidates, "
            f"but {len(queries)} and {len(pool)} vectors were given."
        )
    ranks = rank_relevant(benchmark, queries, pool, top=SHARE_CUT, progress=progress)
    precision, first = _by_language(ranks, len(benchmark.languages))
    counts = np.bincount(benchmark.pool_languages, minlength=len(benchmark.languages))
    return Result(
        encoder=encoder,
        benchmark=benchmark.name,
        languages=benchmark.languages,
        average_precision=precision,
        first_rank=first,
        multi_average_precision=average_precision(ranks.in_pool),
        ranks=ranks,
        query_languages=benchmark.query_languages,
        pool_share=counts / counts.sum(),
        settings=tuple(name for name in SETTINGS if name in settings),
        notes=benchmark.notes,
    )


def average_precision(ranks: NDArray[np.int64]) -> Scores:
    """AP over the whole ranking: the mean over relevant candidates of (relevant ones at or above) / rank.

    Args:
        ranks: of each query's relevant candidates, -1 where padded, shape (queries, most relevant). Tied ones share
            the last rank of their tie, as in scikit-learn's `average_precision_score`.

    Returns:
        AP of each query, NaN where it has no relevant candidate, shape (queries,).
    """
    known = ranks > 0
    filled = np.where(known, ranks, np.iinfo(np.int64).max)
    above = (filled[:, None, :] <= filled[:, :, None]).sum(axis=2)
    precision = np.where(known, above / filled, 0.0)
    counts = known.sum(axis=1)
    return np.divide(precision.sum(axis=1), counts, out=np.full(len(ranks), np.nan), where=counts > 0)


def _by_language(ranks: RelevantRanks, languages: int) -> tuple[Scores, Scores]:
    precision = np.full((len(ranks.in_language), languages), np.nan)
    first = np.full_like(precision, np.nan)
    for code in range(languages):
        own = np.where(ranks.language == code, ranks.in_language, -1)
        rows = (own > 0).any(axis=1)
        if rows.any():
            precision[rows, code] = average_precision(own[rows])
            first[rows, code] = np.where(own[rows] > 0, own[rows], np.iinfo(np.int64).max).min(axis=1)
    return precision, first


def evaluate(
    encoder: Encoder,
    benchmark: Benchmark,
    settings: Sequence[str] = SETTINGS,
    progress: Progress | None = None,
) -> Result:
    """Embed a benchmark with an encoder and measure it, exactly.

    Args:
        encoder: anything that encodes queries and documents.
        benchmark: what is asked and relevant.
        settings: of `mono`, `cross`, `multi`.
        progress: called with a stage (`queries`, `pool`, `ranking`), texts done and texts in all.
    """
    from .embeddings import encode_benchmark

    queries, pool = encode_benchmark(encoder, benchmark, progress)
    ranking = (lambda done, total: progress("ranking", done, total)) if progress else None
    return evaluate_vectors(benchmark, queries, pool, encoder=encoder.name, settings=settings, progress=ranking)
