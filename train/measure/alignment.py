"""Measures how close translations are in an encoder's space, and how well a vector reveals its text's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.encoders import Vectors
from ...engine.errors import DataError
from ..benchmarks import Benchmark
from . import registry
from .registry import Values

FEWEST = 10
PROBE_ROWS = 4000
RIDGE = 1e-2


@dataclass(frozen=True, eq=False)
class Alignment:
    """How one encoder places translations.

    Args:
        languages: in the order of the matrices.
        sentences: how many parallel sentences were used.
        alignment: mean squared distance of translations, E |x - y|^2; 0 is best (Wang and Isola, arXiv 2005.10242).
        uniformity: log E exp(-2 |x - y|^2) over distinct sentences of all languages; lower is more evenly spread.
        retrieval: share of sentences in the row's language whose nearest sentence in the column's language is their
            translation, shape (languages, languages), NaN on the diagonal and where too few are parallel (Tatoeba's
            measure, arXiv 1812.10464; exact, and with a pool of parallel sentences only).
        same_language_gap: mean cosine of unrelated sentences in one language minus that of sentences in two; 0 means
            that language has no effect.
        probe: accuracy of a linear probe that predicts the language from the vector of an unseen sentence.
        chance: accuracy of always guessing the commonest language.
    """

    languages: tuple[str, ...]
    sentences: int
    alignment: float
    uniformity: float
    retrieval: Values
    same_language_gap: float
    probe: float
    chance: float

    @property
    def retrieval_mean(self) -> float:
        """Translation retrieval accuracy over all ordered pairs of languages."""
        known = self.retrieval[~np.isnan(self.retrieval)]
        return float(known.mean()) if len(known) else float("nan")

    def figures(self) -> dict[str, float]:
        """The figure of each measure of an encoder's space, by key."""
        return {each.key: float(each.function(self)) for each in registry.of("alignment")}

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        size = range(len(self.languages))
        return {
            "sentences": self.sentences,
            **{key: round(value, 6) for key, value in self.figures().items()},
            "translation_retrieval_pairs": {
                f"{self.languages[i]}-{self.languages[j]}": round(float(self.retrieval[i, j]), 6)
                for i in size
                for j in size
                if not np.isnan(self.retrieval[i, j])
            },
        }


def parallel_rows(benchmark: Benchmark) -> NDArray[np.int64]:
    """Pool rows that translate each other, -1 where a language has none, shape (sentences, languages).

    Answers to one question in several languages are considered translations; sentences that answer several questions
    count once.
    """
    found: dict[tuple[int, ...], None] = {}
    seen: set[str] = set()
    taken: set[int] = set()
    languages = benchmark.pool_languages
    for query, rows in zip(benchmark.queries, benchmark.relevant, strict=True):
        if query.id in seen or len({int(languages[row]) for row in rows}) < 2:
            continue
        seen.add(query.id)
        line = [-1] * len(benchmark.languages)
        for row in rows:
            line[int(languages[row])] = row
        if not taken.intersection(rows):
            taken.update(rows)
            found[tuple(line)] = None
    return np.array(list(found), dtype=np.int64).reshape(-1, len(benchmark.languages))


def measure_alignment(benchmark: Benchmark, pool: Vectors, *, seed: int = 0) -> Alignment:
    """Measure the vectors of a benchmark's pool.

    Args:
        benchmark: its parallel answers are considered translations.
        pool: unit vectors, shape (pool, dimension).
        seed: for the samples.

    Raises:
        DataError: the benchmark has too few parallel answers.
    """
    return align(pool, benchmark.pool_languages, benchmark.languages, parallel_rows(benchmark), benchmark.name, seed)


def align(
    pool: Vectors,
    pool_languages: NDArray[np.int64],
    languages: tuple[str, ...],
    rows: NDArray[np.int64],
    name: str,
    seed: int = 0,
) -> Alignment:
    """Measure vectors of texts of which some are translations.

    Args:
        pool: unit vectors, shape (pool, dimension).
        pool_languages: index of each vector's language, shape (pool,).
        languages: codes.
        rows: rows of the pool that translate each other, -1 where a language has none, shape (sentences, languages).
        name: the name of the texts, for messages.
        seed: for the samples.

    Raises:
        DataError: too few sentences are parallel.
    """
    if len(rows) < FEWEST:
        raise DataError(f"{name} has too few parallel answers to measure alignment on.")
    size = len(languages)
    retrieval = np.full((size, size), np.nan)
    distances: list[Values] = []
    unrelated_two: list[float] = []
    unrelated_one: list[float] = []
    for first in range(size):
        for second in range(first, size):
            both = rows[(rows[:, first] >= 0) & (rows[:, second] >= 0)]
            if len(both) < FEWEST:
                continue
            one, other = pool[both[:, first]], pool[both[:, second]]
            cosines = one @ other.T
            others = (float(cosines.sum()) - float(np.trace(cosines))) / (len(both) * (len(both) - 1))
            if first == second:
                unrelated_one.append(others)
                continue
            unrelated_two.append(others)
            own = np.diagonal(cosines)
            distances.append(2.0 - 2.0 * own.astype(float))
            retrieval[first, second] = _hits(cosines, own)
            retrieval[second, first] = _hits(cosines.T, own)
    if not distances:
        raise DataError(f"{name} has too few parallel answers to measure alignment on.")
    probe, chance = language_probe(pool, pool_languages, seed=seed)
    return Alignment(
        languages,
        len(rows),
        float(np.concatenate(distances).mean()),
        uniformity(pool[np.unique(rows[rows >= 0])], seed=seed),
        retrieval,
        float(np.mean(unrelated_one) - np.mean(unrelated_two)),
        probe,
        chance,
    )


def _hits(cosines: NDArray[np.float32], own: NDArray[np.float32]) -> float:
    """Share of rows in which the row's own column is the only maximum; a tie is a miss."""
    return float(((cosines >= own[:, None]).sum(axis=1) == 1).mean())


def uniformity(vectors: Vectors, *, sample: int = 2000, seed: int = 0) -> float:
    """Log E exp(-2 |x - y|^2) over pairs of distinct rows (Wang and Isola, arXiv 2005.10242), on a sample of rows."""
    if len(vectors) > sample:
        vectors = vectors[np.random.default_rng(seed).choice(len(vectors), sample, replace=False)]
    squared = np.clip(2.0 - 2.0 * (vectors @ vectors.T).astype(float), 0.0, None)
    kernel = np.exp(-2.0 * squared)
    count = len(vectors) * (len(vectors) - 1)
    return float(np.log((kernel.sum() - np.trace(kernel)) / count)) if count else float("nan")


def language_probe(vectors: Vectors, languages: NDArray[np.int64], *, seed: int = 0) -> tuple[float, float]:
    """Accuracy of a linear probe (ridge regression on one-hot languages) on held-out texts, and of the best guess.

    The probe is fitted on half of the texts, at most 4,000, and tested on the other half. 1 means that languages are
    linearly separable; the accuracy of the best guess means that they are not separable at all.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(vectors))[: 2 * PROBE_ROWS]
    fit, test = order[: len(order) // 2], order[len(order) // 2 :]
    codes, labels = np.unique(languages, return_inverse=True)
    targets = np.eye(len(codes))[labels]
    features = np.hstack([vectors.astype(float), np.ones((len(vectors), 1))])
    gram = features[fit].T @ features[fit] + RIDGE * np.eye(features.shape[1])
    weights = np.linalg.solve(gram, features[fit].T @ targets[fit])
    guessed = (features[test] @ weights).argmax(axis=1)
    commonest = np.bincount(labels[fit], minlength=len(codes)).argmax()
    return float((guessed == labels[test]).mean()), float((labels[test] == commonest).mean())


def sample_rows(benchmark: Benchmark, size: int) -> NDArray[np.int64]:
    """About `size` pool rows for a picture, in pool order; the same sentences in every language if parallel."""
    rows = parallel_rows(benchmark)
    if not len(rows):
        step = max(1, len(benchmark.pool) // size)
        return np.arange(0, len(benchmark.pool), step, dtype=np.int64)[:size]
    each = max(1, size // max(1, rows.shape[1]))
    chosen = rows[:: max(1, len(rows) // each)][:each]
    return np.sort(chosen[chosen >= 0])
