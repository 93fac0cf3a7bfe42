"""Validates the encoder in training, on a benchmark or on held-out rows of the training data."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...engine.encoders import Encoder
from ..benchmarks import QUESTIONS, NoBenchmark, load, questions
from ..data import RunData
from ..measure import known, measure_vectors, registry
from ..settings import RunConfig

# A fixed seed: runs with different seeds are measured on the same questions.
DRAW = 0


def validator(config: RunConfig, data: RunData, encoder: Encoder) -> Callable[[], Mapping[str, float]]:
    """A function that measures the encoder in its current state.

    Args:
        config: names the benchmark and how many of its questions are used.
        data: the run's data, for held-out rows.
        encoder: the model in training.

    Returns:
        The function; it gives figures by key, for the measures of `registry.followed()` that the benchmark allows.

    Raises:
        DataError: the benchmark cannot be read.
    """
    if config.validation == QUESTIONS:
        benchmark = questions(config, data.corpora, config.validation_questions)
    else:
        try:
            benchmark = load(config.validation, questions=config.validation_questions, seed=DRAW)
        except NoBenchmark as error:
            raise NoBenchmark(
                error.message,
                hint=f"A file, a folder or {QUESTIONS}; `hybrid-search evaluate --benchmark NAME --fetch` fetches one.",
            ) from None

    def measure() -> dict[str, float]:
        queries = encoder.encode_query(benchmark.query_texts())
        pool = encoder.encode_document(benchmark.pool_texts())
        found = measure_vectors(benchmark, queries, pool, encoder=encoder.name)
        figures = {each.key: found.figure(each) for each in registry.followed() if found.reports(each)}
        return {key: round(value, 6) for key, value in figures.items() if known(value)}

    return measure
