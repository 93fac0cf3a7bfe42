"""Scores of the encoder in training: on a benchmark, or on rows of the training data that were held out."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..engine.encoders.protocol import Encoder
from ..engine.errors import DataError
from .benchmarks import Benchmark, Candidate, Query, load
from .config import RunConfig
from .data import RunData
from .evaluate import evaluate_vectors
from .pairs import Corpus

HELD_OUT = "held-out"
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
    if config.validation == HELD_OUT:
        benchmark = held_out(config, data)
    else:
        benchmark = load(config.validation, questions=config.validation_questions, seed=config.seed)
        benchmark = sampled(benchmark, config.validation_questions, config.seed)

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


def held_out(config: RunConfig, data: RunData) -> Benchmark:
    """Held-out rows as a benchmark: questions, and a pool of their passages in the same languages.

    Raises:
        DataError: no source holds rows out, or the rows share no language.
    """
    queries: list[Query] = []
    pool: list[Candidate] = []
    relevant: list[tuple[int, ...]] = []
    for corpus, source in zip(data.corpora, config.sources, strict=True):
        if corpus.bitext or not source.holdout:
            continue
        rows = np.flatnonzero(corpus.held_out(source.holdout))
        if len(rows) > config.validation_questions:
            rows = np.array(sorted(random.Random(config.seed).sample(rows.tolist(), config.validation_questions)))
        _add(corpus, rows.tolist(), set(config.languages), queries, pool, relevant)
    if not queries:
        raise DataError(
            "No rows are held out of the sources, so there is nothing to validate on.",
            hint="Give a source a holdout, or a benchmark with --validation.",
        )
    return Benchmark("held-out", tuple(queries), tuple(pool), tuple(relevant))


def _add(
    corpus: Corpus,
    rows: Sequence[int],
    languages: set[str],
    queries: list[Query],
    pool: list[Candidate],
    relevant: list[tuple[int, ...]],
) -> None:
    """The rows' questions and passages; questions that share a passage share its places in the pool."""
    places: dict[tuple[str, str], int] = {}
    for row in rows:
        example = corpus.example(row)
        answers = []
        for code, text in example.passage.items():
            if languages and code not in languages:
                continue
            key = (code, text)
            if key not in places:
                places[key] = len(pool)
                pool.append(Candidate(f"{example.id}-{code}", code, text))
            answers.append(places[key])
        for code, text in example.question.items():
            if answers and (not languages or code in languages):
                queries.append(Query(example.id, code, text))
                relevant.append(tuple(answers))
