"""Scores of the encoder in training: on a benchmark, or on rows of the training data that were held out."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import numpy as np

from ..engine.encoders.protocol import Encoder
from .benchmarks import Benchmark, load
from .config import RunConfig
from .data import RunData
from .evaluate import evaluate_vectors
from .heldout import QUESTIONS, questions

# Runs of several seeds are measured on the same questions.
DRAW = 0
KEPT = ("mono", "cross", "multi", "rank_distance", "rank_distance_median", "same_language_share")


def validator(config: RunConfig, data: RunData, encoder: Encoder) -> Callable[[], Mapping[str, float]]:
    """A function that measures the encoder as it is.

    Args:
        config: names the benchmark and how many of its questions are used.
        data: the run's, for held-out rows.
        encoder: the model in training.

    Returns:
        Scores by name: mAP in `mono`, `cross` and `multi` where the benchmark allows it, and measures of bias.

    Raises:
        DataError: a benchmark that cannot be read.
    """
    if config.validation == QUESTIONS:
        benchmark = questions(config, data.corpora, config.validation_questions)
    else:
        benchmark = load(config.validation, questions=config.validation_questions, seed=DRAW)
        benchmark = sampled(benchmark, config.validation_questions, DRAW)

    def measure() -> dict[str, float]:
        queries = encoder.encode_query(benchmark.query_texts())
        pool = encoder.encode_document(benchmark.pool_texts())
        found = evaluate_vectors(benchmark, queries, pool, encoder=encoder.name).summary()
        return {name: round(found[name], 6) for name in KEPT if name in found and not np.isnan(found[name])}

    return measure


def sampled(benchmark: Benchmark, questions: int, seed: int) -> Benchmark:
    """A benchmark with at most so many distinct questions; the pool stays whole, so that ranks mean the same."""
    identities = sorted({query.id for query in benchmark.queries})
    if questions < 1 or len(identities) <= questions:
        return benchmark
    chosen = set(random.Random(seed).sample(identities, questions))
    kept = [index for index, query in enumerate(benchmark.queries) if query.id in chosen]
    return Benchmark(
        benchmark.name,
        tuple(benchmark.queries[index] for index in kept),
        benchmark.pool,
        tuple(benchmark.relevant[index] for index in kept),
        tuple(benchmark.grades[index] for index in kept) if benchmark.grades else (),
        benchmark.notes,
    )
