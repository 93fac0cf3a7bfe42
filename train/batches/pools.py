"""Defines the data as samplings see them: the languages and identities of each row, as integers."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
_AT_ONCE = 65_536


class Pick(NamedTuple):
    """One pair of a batch: a row of a source, and the languages of its question and passage.

    `window` is True if the passage includes its neighbouring sentences; `negatives` are rows of the same source whose
    passage in the question's language is a hard negative.
    """

    source: int
    row: int
    question: str
    passage: str
    window: bool = False
    negatives: tuple[int, ...] = ()


@dataclass(frozen=True)
class Batch:
    """The pairs of one training step: `kind` is `mono` or `cross`; seed and number seed later draws."""

    kind: str
    number: int
    picks: tuple[Pick, ...]
    seed: int = 0


class Batches(Protocol):
    """A sampling."""

    def batch(self, number: int) -> Batch:
        """The batch with a number."""


@dataclass(frozen=True)
class Side:
    """Languages of one side of all rows: `codes[starts[row]:starts[row + 1]]` indexes the pool's languages."""

    starts: Rows
    codes: NDArray[np.uint16]

    def of(self, row: int) -> NDArray[np.uint16]:
        """Languages of a row."""
        return self.codes[self.starts[row] : self.starts[row + 1]]

    def counts(self) -> Rows:
        """How many languages each row has, shape (rows,)."""
        return np.diff(self.starts)

    def rows_with(self, code: int) -> Rows:
        """Rows with a language, ascending."""
        entries = np.flatnonzero(self.codes == code)
        return np.searchsorted(self.starts, entries, side="right") - 1


@dataclass(frozen=True)
class Pool:
    """The integers of one source.

    Attributes:
        languages: codes by index.
        question, passage: languages of each row's sides.
        groups, ids: shape (rows,); passages and ids, of which none may occur twice in a batch.
        keep: shape (rows,), False for rows that are not trained on.
        mono, cross: the source's weight in batches of that kind.
        bitext: whether question and passage are the same sentence, which rules out mono batches.
        neighbourhood: the share of picks whose passage includes its neighbouring rows.
        previous, following: neighbouring rows of the same document, -1 for none.
    """

    languages: tuple[str, ...]
    question: Side
    passage: Side
    groups: NDArray[np.uint64]
    ids: NDArray[np.uint64]
    keep: NDArray[np.bool_]
    mono: float = 1.0
    cross: float = 1.0
    bitext: bool = False
    neighbourhood: float = 0.0
    previous: Rows | None = None
    following: Rows | None = None

    def around(self, row: int) -> list[int]:
        """The rows before and after a row in its document."""
        if self.previous is None or self.following is None:
            return []
        return [int(other) for other in (self.previous[row], self.following[row]) if other >= 0]

    def kept(self, rows: Rows) -> Rows:
        """The rows that are trained on."""
        return rows[self.keep[rows]]


def weight_of(weights: Mapping[str, float] | None, code: str) -> float:
    """The weight of a language, 1 where none is given."""
    return 1.0 if weights is None else weights.get(code, 1.0)


def rows_in(pool: Pool, code: str) -> Rows:
    """Rows for training with both sides in a language."""
    index = pool.languages.index(code)
    return pool.kept(np.intersect1d(pool.question.rows_with(index), pool.passage.rows_with(index), assume_unique=True))


def cross_rows(pool: Pool) -> Rows:
    """Rows for training from which two different languages can be drawn."""
    asked, read = pool.question.counts(), pool.passage.counts()
    possible = (asked > 0) & (read > 0) & ((asked > 1) | (read > 1))
    single = np.flatnonzero((asked == 1) & (read == 1))
    possible[single] = (
        pool.question.codes[pool.question.starts[single]] != pool.passage.codes[pool.passage.starts[single]]
    )
    return pool.kept(np.flatnonzero(possible))


def pair_counts(pool: Pool) -> NDArray[np.int64]:
    """How many rows for training have each ordered pair of languages, shape (languages, languages)."""
    total = np.zeros((len(pool.languages), len(pool.languages)), dtype=np.int64)
    rows = pool.kept(np.arange(len(pool.groups)))
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        asked, read = (np.zeros((len(part), len(pool.languages)), dtype=np.float32) for _ in range(2))
        for place, row in enumerate(part):
            asked[place, pool.question.of(row)] = 1
            read[place, pool.passage.of(row)] = 1
        total += (asked.T @ read).astype(np.int64)
    np.fill_diagonal(total, 0)
    return total


def sample_languages(
    generator: random.Random, codes: Sequence[str], weights: Mapping[str, float] | None, count: int
) -> list[str]:
    """Draw languages without repetition, by weight (Efraimidis and Spirakis, 2006)."""
    keyed = [(generator.random() ** (1 / max(weight_of(weights, code), 1e-9)), code) for code in codes]
    return [code for _, code in sorted(keyed, reverse=True)[:count]]
