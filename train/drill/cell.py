"""Ranks the questions of one language by how well their answers in another are found, and says what each lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...engine.encoders import Vectors
from ...engine.errors import DataError
from ..benchmarks import Benchmark

_BLOCK_BYTES = 64 * 2**20
# Given rows of queries, their scores for every candidate of the pool, shape (rows, pool).
Scores = Callable[[NDArray[np.int64]], NDArray[np.float32]]


@dataclass(frozen=True)
class Lost:
    """One question of a cell.

    Args:
        id: of the question; its translations share it.
        question: its text.
        answer: the best-ranked answer in the cell's language.
        first: the candidate that ranks first in the pool of that language.
        rank: the answer's rank in that pool; of tied ranks, the last.
        precision: average precision in that pool, from 0 to 1.
        ahead: wrong candidates of all languages that score at least as high as the answer.
        ahead_neutral: the same with each language's mean removed; None without vectors.
    """

    id: str
    question: str
    answer: str
    first: str
    rank: int
    precision: float
    ahead: int
    ahead_neutral: int | None

    @property
    def language(self) -> int | None:
        """Places lost to language: `ahead` minus `ahead_neutral`. Negative if language helped."""
        return None if self.ahead_neutral is None else self.ahead - self.ahead_neutral

    @property
    def meaning(self) -> int | None:
        """Places lost even with each language's mean removed."""
        return self.ahead_neutral


@dataclass(frozen=True)
class Cell:
    """All questions of a cell, worst first; `unanswered` counts those without an answer in its language."""

    asked: str
    read: str
    rows: tuple[Lost, ...]
    unanswered: int

    @property
    def precision(self) -> float | None:
        """Mean average precision of the questions; None if there are none."""
        return float(np.mean([row.precision for row in self.rows])) if self.rows else None

    def places(self) -> tuple[float, float] | None:
        """Mean places that a question loses to language and to meaning; None if they were not measured apart."""
        told = [(row.language, row.meaning) for row in self.rows if row.language is not None]
        if not told:
            return None
        language, meaning = np.array(told, dtype=float).mean(axis=0)
        return float(language), float(meaning)


def by_vectors(queries: Vectors, pool: Vectors) -> Scores:
    """Cosines of unit vectors, shapes (queries, dimension) and (pool, dimension)."""
    turned = np.ascontiguousarray(pool.T)
    return lambda rows: queries[rows] @ turned


def by_words(benchmark: Benchmark) -> Scores:
    """Scores of lexical search."""
    from ..measure.scorers import by_words as scorer

    score = scorer(benchmark)(np.arange(len(benchmark.pool)))
    return lambda rows: np.concatenate([score(slice(row, row + 1)) for row in rows.tolist()])


def cell(
    benchmark: Benchmark,
    asked: str,
    read: str,
    scores: Scores,
    neutral: Scores | None = None,
    check: Callable[[], None] = lambda: None,
) -> Cell:
    """The questions behind the figure of two languages.

    Args:
        benchmark: queries, pool and relevance.
        asked: the language of the questions.
        read: the language of the answers.
        scores: the scores to examine.
        neutral: the scores with each language's mean removed, if known.
        check: called between blocks; may raise to stop.

    Raises:
        DataError: the benchmark does not have one of the languages.
    """
    for code in (asked, read):
        if code not in benchmark.languages:
            raise DataError(
                f"{benchmark.name} has nothing in {code}.", hint=f"It is in {', '.join(benchmark.languages)}."
            )
    codes = benchmark.languages
    inside = np.flatnonzero(benchmark.pool_languages == codes.index(read))
    own = np.flatnonzero(benchmark.query_languages == codes.index(asked))
    held = set(inside.tolist())
    wanted = {int(row): [each for each in benchmark.relevant[row] if each in held] for row in own}
    answered = np.array([row for row in own if wanted[int(row)]], dtype=np.int64)
    found: list[Lost] = []
    step = max(1, _BLOCK_BYTES // (8 * len(benchmark.pool)))
    for start in range(0, len(answered), step):
        check()
        rows = answered[start : start + step]
        given = scores(rows)
        other = neutral(rows) if neutral is not None else None
        for place, row in enumerate(rows.tolist()):
            found.append(
                _lost(benchmark, row, wanted[row], inside, given[place], None if other is None else other[place])
            )
    found.sort(key=lambda each: (each.precision, -each.ahead))
    return Cell(asked, read, tuple(found), len(own) - len(answered))


def _lost(
    benchmark: Benchmark,
    row: int,
    wanted: list[int],
    inside: NDArray[np.int64],
    scores: NDArray[np.float32],
    neutral: NDArray[np.float32] | None,
) -> Lost:
    here = scores[inside]
    ranks = np.sort([int((here >= scores[each]).sum()) for each in wanted])
    best = wanted[int(np.argmax(scores[wanted]))]
    query = benchmark.queries[row]
    return Lost(
        id=query.id,
        question=query.text,
        answer=benchmark.pool[best].text,
        first=benchmark.pool[int(inside[int(np.argmax(here))])].text,
        rank=int(ranks[0]),
        precision=float(np.mean(np.arange(1, len(ranks) + 1) / ranks)),
        ahead=_ahead(scores, wanted, benchmark.relevant[row]),
        ahead_neutral=None if neutral is None else _ahead(neutral, wanted, benchmark.relevant[row]),
    )


def _ahead(scores: NDArray[np.float32], wanted: list[int], relevant: tuple[int, ...]) -> int:
    """Wrong candidates of all languages that score at least as high as the best wanted one."""
    least = scores[wanted].max()
    return int((scores >= least).sum()) - int((scores[list(relevant)] >= least).sum())
