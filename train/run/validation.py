"""Scores of the encoder in training: on a benchmark, or on rows of the training data that were held out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ...engine.encoders import Encoder
from ..benchmarks import QUESTIONS, load, questions
from ..data import RunData
from ..measure import evaluate_vectors
from ..settings import RunConfig

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

    def measure() -> dict[str, float]:
        queries = encoder.encode_query(benchmark.query_texts())
        pool = encoder.encode_document(benchmark.pool_texts())
        found = evaluate_vectors(benchmark, queries, pool, encoder=encoder.name).summary()
        return {name: round(found[name], 6) for name in KEPT if name in found and not np.isnan(found[name])}

    return measure
