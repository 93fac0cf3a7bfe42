"""Measures several encoders on one benchmark and tests how they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.encoders import BM25, NEUTRAL, Column, Encoder, Reranked, Vectors
from ...engine.errors import DataError
from ...engine.progress import OnStage
from ..benchmarks import Benchmark, systems_on
from . import registry
from .alignment import Alignment, measure_alignment, sample_rows
from .components import principal
from .protocol import measure_scores, measure_vectors
from .registry import Measure
from .result import SETTINGS, Result
from .significance import EQUAL, FEWEST_PAIRS, Difference, corrected, differences
from .tail import Tail, tail_of

# Suffix of an encoder's name for vectors without the language means of the benchmark's own texts.
OWN_MEANS = "+centred"


@dataclass(frozen=True)
class Compared:
    """How two encoders differ in one measure, over questions."""

    measure: Measure
    difference: Difference

    def verdict(self) -> str:
        """The difference in a sentence that claims only what the figures show."""
        return self.difference.verdict(self.measure)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        item = self.difference
        rounded = {name: round(value, 6) for name, value in vars(item).items() if isinstance(value, float)}
        return {
            "measure": self.measure.key,
            **vars(item),
            **rounded,
            "p": item.p,
            "significant": item.significant(),
            "verdict": self.verdict(),
        }


@dataclass
class Evaluation:
    """Results of encoders on one benchmark, in the order in which they were named.

    Args:
        benchmark: the benchmark.
        results: by encoder.
        alignments: by encoder; none for lexical search.
        maps: coordinates of the sampled pool rows by encoder, shape (sample, 2).
        sample: pool rows in `maps`.
        notes: what could not be measured, in sentences.
    """

    benchmark: Benchmark
    results: dict[str, Result] = field(default_factory=dict)
    alignments: dict[str, Alignment] = field(default_factory=dict)
    maps: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    sample: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    notes: list[str] = field(default_factory=list)

    def differences(self) -> list[Compared]:
        """Every two encoders in every compared measure; p-values are corrected over all comparisons together.

        Translations of a question count as one observation. Empty for one encoder and below six questions.
        """
        if len(self.results) < 2 or len({query.id for query in self.benchmark.queries}) < FEWEST_PAIRS:
            return []
        clusters = [query.id for query in self.benchmark.queries]
        values = {name: result.compared() for name, result in self.results.items()}
        found: list[Compared] = []
        for measure in registry.compared():
            columns = {name: columns[measure.key] for name, columns in values.items() if measure.key in columns}
            if len(columns) == len(values):
                try:
                    found += [Compared(measure, item) for item in differences(columns, clusters)]
                except DataError:
                    continue
        fixed = corrected([item.difference for item in found])
        return [Compared(item.measure, difference) for item, difference in zip(found, fixed, strict=True)]

    def pair_counts(self) -> list[dict[str, Any]]:
        """For every two encoders and pair of languages, the numbers of queries on which each has the higher AP."""
        found = []
        for first, second in combinations(self.results, 2):
            one, other = self.results[first], self.results[second]
            apart = one.average_precision - other.average_precision
            pairs = {}
            for row, asked in enumerate(one.languages):
                own = apart[one.query_languages == row]
                for column, code in enumerate(one.languages):
                    values = own[:, column][~np.isnan(own[:, column])]
                    if len(values):
                        wins, losses = int((values > EQUAL).sum()), int((values < -EQUAL).sum())
                        pairs[f"{asked}-{code}"] = [wins, len(values) - wins - losses, losses]
            found.append({"first": first, "second": second, "wins_ties_losses": pairs})
        return found

    def tails(self) -> dict[str, Tail]:
        """Where the mean rank distance of each encoder comes from, if it was measured."""
        found = {
            name: tail_of(result, self.benchmark) for name, result in self.results.items() if "multi" in result.settings
        }
        return {name: tail for name, tail in found.items() if tail is not None}

    def refusal(self) -> str:
        """Why encoders are not compared, or an empty string."""
        questions = len({query.id for query in self.benchmark.queries})
        if len(self.results) > 1 and questions < FEWEST_PAIRS:
            return f"Encoders are not compared: {questions} questions are fewer than {FEWEST_PAIRS}."
        return ""

    def as_dict(self) -> dict[str, Any]:
        """Everything, as plain JSON values."""
        return {
            "benchmark": self.benchmark.name,
            "digest": self.benchmark.digest,
            "languages": list(self.benchmark.languages),
            "queries": len(self.benchmark.queries),
            "questions": len({query.id for query in self.benchmark.queries}),
            "pool": len(self.benchmark.pool),
            "results": [result.as_dict() for result in self.results.values()],
            "alignment": {name: found.as_dict() for name, found in self.alignments.items()},
            "comparisons": [item.as_dict() for item in self.differences()],
            "tails": {name: tail.as_dict() for name, tail in self.tails().items()},
            "pairs": self.pair_counts(),
            "paper": [
                {"name": system.name, "summary": system.summary(self.benchmark.name)}
                for system in systems_on(self.benchmark.name)
            ],
            "notes": [*self.benchmark.notes, *self.notes, *filter(None, [self.refusal()])],
        }


def evaluate(
    benchmark: Benchmark,
    names: Sequence[str],
    load: Callable[[str], Encoder],
    *,
    settings: Sequence[str] = SETTINGS,
    neutral: bool = False,
    align: bool = False,
    map_size: int = 0,
    progress: OnStage | None = None,
) -> Evaluation:
    """Measure encoders one after another.

    Args:
        benchmark: the benchmark.
        names: names of encoders, and `bm25`.
        load: returns an encoder by name.
        settings: some of `mono`, `cross`, `multi`.
        neutral: measure each encoder also without the language means of its vectors, estimated on the benchmark's own
            unlabelled texts.
        align: measure how close translations are.
        map_size: how many pool rows to map to the plane; 0 for none.
        progress: called with a stage, items done and their total.

    Raises:
        UnknownEncoder: an encoder is not available.
        DataError: a setting is unknown.
    """
    found = Evaluation(benchmark)
    if map_size:
        found.sample = sample_rows(benchmark, map_size)
    for name in dict.fromkeys(names):
        ranking = _named(progress, name)
        if name == BM25:
            from .scorers import by_words

            found.results[name] = measure_scores(
                benchmark, by_words(benchmark), encoder=name, settings=settings, progress=ranking
            )
            continue
        encoder = load(name)
        if isinstance(encoder, Column):
            for before in (encoder.first_name,) if isinstance(encoder, Reranked) else ():
                # Show the ranking before reranking, too.
                if before not in found.results:
                    again = evaluate(benchmark, [before], load, settings=settings, progress=progress)
                    found.results.update(again.results)
            _measure_column(found, encoder, settings, progress)
            continue
        from .embeddings import encode_benchmark

        queries, pool = encode_benchmark(encoder, benchmark, _prefixed(progress, name))
        _measure(found, name, queries, pool, settings, align, ranking)
        if neutral and not name.endswith(NEUTRAL):
            _measure(found, name + OWN_MEANS, *neutralised(benchmark, queries, pool), settings, align, ranking)
    return found


def neutralised(benchmark: Benchmark, queries: Vectors, pool: Vectors) -> tuple[Vectors, Vectors]:
    """Vectors without language means, fitted on all queries and on all candidates without using judgements."""
    from ...engine.encoders.neutral import fit

    asked = [query.language for query in benchmark.queries]
    held = [item.language for item in benchmark.pool]
    return (
        fit(queries, asked).apply(queries, asked),
        fit(pool, held).apply(pool, held),
    )


def _measure_column(found: Evaluation, column: Column, settings: Sequence[str], progress: OnStage | None) -> None:
    """Measure a column, which ranks without its own vectors."""
    from .scorers import by_column

    found.results[column.name] = measure_scores(
        found.benchmark,
        by_column(found.benchmark, column, progress),
        encoder=column.name,
        settings=settings,
        progress=_named(progress, column.name),
    )


def _measure(
    found: Evaluation,
    name: str,
    queries: Vectors,
    pool: Vectors,
    settings: Sequence[str],
    align: bool,
    progress: Callable[[int, int], None] | None,
) -> None:
    found.results[name] = measure_vectors(
        found.benchmark, queries, pool, encoder=name, settings=settings, progress=progress
    )
    if align:
        try:
            found.alignments[name] = measure_alignment(found.benchmark, pool)
        except DataError as error:
            if str(error) not in found.notes:
                found.notes.append(str(error))
    if len(found.sample):
        found.maps[name] = principal(pool[found.sample].astype(float), 2)


def _named(progress: OnStage | None, name: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(f"{name}: ranking", done, total)


def _prefixed(progress: OnStage | None, name: str) -> OnStage | None:
    return None if progress is None else lambda stage, done, total: progress(f"{name}: {stage}", done, total)
