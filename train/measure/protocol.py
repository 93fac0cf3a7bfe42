"""One encoder on one benchmark by the paper's protocol: mono, cross and multi, and language bias."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.encoders import Encoder, Vectors
from ...engine.errors import DataError
from ..benchmarks import Benchmark
from .bias import complete_at_k, language_preference, max_at_r, peer_at_k, rank_distances
from .ranks import RelevantRanks, Scorer, rank_relevant, rank_scored
from .standard import average_precision, ndcg_at, quotient, recall_at

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
        gains: of the relevant candidates in the order of `ranks`, where they are graded.
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
    gains: NDArray[np.float64] | None = None

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
            matrix[row] = quotient(np.where(known, own, 0).sum(axis=0), known.sum(axis=0))
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
        return rank_distances(self.ranks.in_pool)

    def same_language_share(self) -> Scores:
        """Share of the query's language among its first 20 candidates (those retrieved), NaN without, (queries,)."""
        retrieved = (self.ranks.top_languages >= 0).sum(axis=1)
        same = (self.ranks.top_languages == self.query_languages[:, None]).sum(axis=1)
        return quotient(same, retrieved)

    def recall_at_10(self) -> Scores:
        """Share of each query's relevant candidates in the first 10 of the pool of all languages, shape (queries,)."""
        return recall_at(self.ranks.in_pool, 10)

    def own_ranks(self) -> NDArray[np.int64]:
        """Ranks of relevant candidates in the query's own language within that language's pool, -1 elsewhere."""
        same = self.ranks.language == self.query_languages[:, None]
        return np.where(same, self.ranks.in_language, -1)

    def per_query(self) -> dict[str, Scores]:
        """What encoders are compared on, query by query: mono, cross and multi AP and the rank distance."""
        own = self.query_languages[:, None] == np.arange(len(self.languages))
        values = {
            "mono": _row_means(np.where(own, self.average_precision, np.nan)),
            "cross": _row_means(np.where(own, np.nan, self.average_precision)),
            "multi": self.multi_average_precision,
            "rank_distance": self.rank_distances(),
        }
        kept = {*self.settings, *(("rank_distance",) if "multi" in self.settings else ())}
        return {name: column for name, column in values.items() if name in kept and not np.isnan(column).all()}

    def bias(self) -> dict[str, float]:
        """Measures that tell bias from quality; macro means over query languages where they are per query."""
        several = int((self.ranks.in_pool > 0).sum(axis=1).max())
        figures = {
            f"complete_at_{k}": self._macro(complete_at_k(self.ranks, k)) for k in (several, 20, 100) if k >= several
        }
        peer, explained = peer_at_k(self.ranks, self.query_languages, 100)
        return figures | {
            "max_at_r": self._macro(max_at_r(self.ranks)),
            "language_preference": self._macro(language_preference(self.ranks, self.query_languages)),
            "peer_at_100": peer,
            "rank_explained_by_language": explained,
        }

    def _macro(self, values: Scores) -> float:
        return _mean(self.by_query_language(values))

    def summary(self) -> dict[str, float]:
        """The headline figures: macro means over languages, pairs and query languages (DESIGN §5)."""
        matrix, recall = self.matrix(), self.recall_matrix()
        own = np.eye(len(self.languages), dtype=bool)
        figures: dict[str, float] = {}
        if "mono" in self.settings:
            figures["mono"] = _mean(matrix[own])
            figures["mono_recall_at_1"] = _mean(recall[own])
            figures["ndcg_at_10"] = self._macro(ndcg_at(self.own_ranks(), 10, self.gains))
            figures["recall_at_100"] = self._macro(recall_at(self.own_ranks(), 100))
        if "cross" in self.settings:
            figures["cross"] = _mean(matrix[~own])
            figures["cross_recall_at_1"] = _mean(recall[~own])
        if "multi" in self.settings:
            figures["multi"] = self._macro(self.multi_average_precision)
            figures["multi_recall_at_10"] = self._macro(self.recall_at_10())
            distances = self.rank_distances()
            figures["rank_distance"] = self._macro(distances)
            known = distances[~np.isnan(distances)]
            figures["rank_distance_median"] = float(np.median(known)) if len(known) else float("nan")
            figures["same_language_share"] = self._macro(self.same_language_share())
            figures["same_language_pool_share"] = float(self.pool_share[self.query_languages].mean())
        return figures

    def skipped(self) -> dict[str, int]:
        """Queries that a pool language has no answer to, by `query-pool` pair; they are left out of its figures."""
        found: dict[str, int] = {}
        for row, asked in enumerate(self.languages):
            own = np.isnan(self.average_precision[self.query_languages == row])
            for column, code in enumerate(self.languages):
                if own[:, column].any():
                    found[f"{asked}-{code}"] = int(own[:, column].sum())
        return found

    def as_dict(self) -> dict[str, Any]:
        """Everything a report needs, as plain JSON values; figures of settings that were not asked for are absent."""
        matrix, recall = self.matrix(), self.recall_matrix()
        names, size = self.languages, range(len(self.languages))
        asked = np.bincount(self.query_languages, minlength=len(names))
        found: dict[str, Any] = {
            "encoder": self.encoder,
            "benchmark": self.benchmark,
            "languages": list(names),
            "queries": {names[i]: int(asked[i]) for i in size},
            "pool_share": {names[i]: _plain(self.pool_share[i]) for i in size},
            "settings": list(self.settings),
            "summary": {name: _plain(value) for name, value in self.summary().items()},
            "skipped": self.skipped(),
            "notes": list(self.notes),
        }
        if "mono" in self.settings:
            found["mono"] = {names[i]: _plain(matrix[i, i]) for i in size if asked[i]}
            found["mono_recall_at_1"] = {names[i]: _plain(recall[i, i]) for i in size if asked[i]}
        if "cross" in self.settings:
            pairs = [(i, j) for i in size for j in size if i != j and asked[i] and self.pool_share[j] > 0]
            found["cross"] = {f"{names[i]}-{names[j]}": _plain(matrix[i, j]) for i, j in pairs}
            found["cross_recall_at_1"] = {f"{names[i]}-{names[j]}": _plain(recall[i, j]) for i, j in pairs}
        if "multi" in self.settings:
            found["bias"] = {name: _plain(value) for name, value in self.bias().items()}
            for name, values in {
                "multi": self.multi_average_precision,
                "multi_recall_at_10": self.recall_at_10(),
                "rank_distance": self.rank_distances(),
                "same_language_share": self.same_language_share(),
            }.items():
                means = self.by_query_language(values)
                found[name] = {names[i]: _plain(means[i]) for i in size if asked[i]}
        return found


def _mean(values: Scores) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _row_means(values: Scores) -> Scores:
    known = ~np.isnan(values)
    return quotient(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1))


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
    if len(queries) != len(benchmark.queries) or len(pool) != len(benchmark.pool):
        raise DataError(
            f"{benchmark.name} has {len(benchmark.queries)} queries and {len(benchmark.pool)} candidates, "
            f"but {len(queries)} and {len(pool)} vectors were given."
        )
    chosen = _checked(settings)
    ranks = rank_relevant(benchmark, queries, pool, top=SHARE_CUT, progress=progress)
    return _result(benchmark, ranks, encoder, chosen)


def evaluate_scores(
    benchmark: Benchmark,
    scorer: Scorer,
    *,
    encoder: str = "",
    settings: Sequence[str] = SETTINGS,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Measure any scores, such as those of search by words; see `evaluate_vectors`."""
    chosen = _checked(settings)
    return _result(benchmark, rank_scored(benchmark, scorer, top=SHARE_CUT, progress=progress), encoder, chosen)


def _checked(settings: Sequence[str]) -> tuple[str, ...]:
    unknown = set(settings) - set(SETTINGS)
    if unknown:
        raise DataError(f"Unknown setting {', '.join(sorted(unknown))}.", hint=f"Known: {', '.join(SETTINGS)}.")
    return tuple(name for name in SETTINGS if name in settings)


def _result(benchmark: Benchmark, ranks: RelevantRanks, encoder: str, settings: tuple[str, ...]) -> Result:
    precision, first = _by_language(ranks, len(benchmark.languages))
    counts = np.bincount(benchmark.pool_languages, minlength=len(benchmark.languages))
    gains = None
    if benchmark.grades:
        gains = np.zeros(ranks.in_pool.shape)
        for row, grades in enumerate(benchmark.grades):
            gains[row, : len(grades)] = grades
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
        settings=settings,
        notes=benchmark.notes,
        gains=gains,
    )


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
