"""Measures encoders over a suite: the figures of each part, and the mean by which encoders are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...engine.encoders import Encoder
from ...engine.progress import OnStage
from ..measure import Result, encode, known, measure_vectors
from .reading import SCORES, Part

# Shown in tables: the scores that may count, and rank distance, which has another scale.
SHOWN = (*SCORES, "rank_distance")


@dataclass(frozen=True)
class Chosen:
    """One encoder over a suite.

    Attributes:
        encoder: its name.
        number: mean over the parts of the mean of the scores that count in each, from 0 to 1; higher is better.
        parts: figures by part.
        by_language: cross mAP by part and language of the questions.
    """

    encoder: str
    number: float
    parts: dict[str, dict[str, float]]
    by_language: dict[str, dict[str, float]]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "encoder": self.encoder,
            "number": round(self.number, 6),
            "parts": {
                name: {key: round(value, 6) for key, value in figures.items()} for name, figures in self.parts.items()
            },
            "cross_by_language": {
                name: {code: round(value, 6) for code, value in figures.items()}
                for name, figures in self.by_language.items()
            },
        }


def measure_suite(
    parts: Sequence[Part],
    names: Sequence[str],
    load: Callable[[str], Encoder],
    progress: OnStage | None = None,
) -> list[Chosen]:
    """Measure encoders, the best first.

    Args:
        parts: the suite's parts.
        names: the encoders' names.
        load: returns an encoder by its name.
        progress: called with a stage's name, texts done and their total.
    """
    found = []
    for name in names:
        encoder = load(name)
        figures: dict[str, dict[str, float]] = {}
        languages: dict[str, dict[str, float]] = {}
        for part in parts:
            figures[part.name], languages[part.name] = _measured(part, encoder, name, progress)
        number = suite_number(figures, {part.name: part.counted for part in parts})
        found.append(Chosen(name, number, figures, languages))
    return sorted(found, key=lambda each: -each.number)


def suite_number(figures: Mapping[str, Mapping[str, float]], counted: Mapping[str, Sequence[str]]) -> float:
    """The mean over the parts of the mean of what counts in each; a score that could not be measured counts as 0.

    Args:
        figures: scores by part.
        counted: the scores that count, by part; a part without any does not take part.
    """
    means = [sum(figures[part].get(key, 0.0) for key in keys) / len(keys) for part, keys in counted.items() if keys]
    return sum(means) / len(means) if means else 0.0


def _measured(
    part: Part, encoder: Encoder, name: str, progress: OnStage | None
) -> tuple[dict[str, float], dict[str, float]]:
    def told(kind: str, done: int, of: int) -> None:
        if progress is not None:
            progress(f"{name}: {part.name}, {kind}", done, of)

    benchmark = part.benchmark
    queries = encode(encoder, "queries", benchmark.query_texts(), told)
    pool = encode(encoder, "pool", benchmark.pool_texts(), told)
    result = measure_vectors(benchmark, queries, pool, encoder=name)
    summary = result.summary()
    return {key: summary[key] for key in SHOWN if known(summary[key])}, _across(result)


def _across(result: Result) -> dict[str, float]:
    """Mean AP of the questions of each language over the pools of all other languages; without those, left out."""
    matrix = result.matrix()
    np.fill_diagonal(matrix, np.nan)
    there = ~np.isnan(matrix)
    return {
        code: float(matrix[row][there[row]].mean()) for row, code in enumerate(result.languages) if there[row].any()
    }
