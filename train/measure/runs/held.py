"""Stores rankings as a matrix of scores over a whole pool or as lists that may be truncated; both rank alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ..registry import UNRETRIEVED, Counts

Ties = Literal["last", "descending", "ascending"]


class Held(Protocol):
    """Stored rankings of some queries; documents are rows of a pool."""

    @property
    def lengths(self) -> Counts:
        """How many documents each ranking has, shape (queries,)."""

    def ranks(self, query: int, wanted: Counts) -> Counts:
        """The ranks of some documents for a query, UNRETRIEVED for missing ones, shape of `wanted`."""

    def first(self, k: int) -> Counts:
        """Each query's first k, best first, padded with -1, shape (queries, at most k)."""

    def only(self, kept: NDArray[np.bool_]) -> Self:
        """Rankings of a part of the pool, whose rows are renumbered."""


class Matrix:
    """Rankings by a score for every query and document, -inf for documents that are not retrieved.

    Args:
        scores: shape (queries, pool).
        ids: the position of each document's id in sorted order, shape (pool,).
        ties: how equal scores are ranked.
    """

    def __init__(self, scores: NDArray[Any], ids: Counts, ties: Ties) -> None:
        self._scores, self._ids, self._ties = scores, ids, ties

    @property
    def lengths(self) -> Counts:
        """How many documents each ranking has, shape (queries,)."""
        lengths: Counts = (self._scores > -np.inf).sum(axis=1).astype(np.int64)
        return lengths

    def ranks(self, query: int, wanted: Counts) -> Counts:
        """The ranks of some documents for a query."""
        scores = self._scores[query]
        if self._ties == "last":
            places = len(scores) - np.searchsorted(np.sort(scores), scores[wanted], side="left")
        else:
            places = np.empty(len(scores), dtype=np.int64)
            places[best(scores, self._ids, self._ties, len(scores))] = np.arange(1, len(scores) + 1)
            places = places[wanted]
        return np.where(scores[wanted] > -np.inf, places, UNRETRIEVED).astype(np.int64)

    def first(self, k: int) -> Counts:
        """Each query's first k."""
        found = np.full((len(self._scores), min(k, self._scores.shape[1])), -1, dtype=np.int64)
        for row, scores in enumerate(self._scores):
            chosen = best(scores, self._ids, self._ties, found.shape[1])
            found[row] = np.where(scores[chosen] > -np.inf, chosen, -1)
        return found

    def only(self, kept: NDArray[np.bool_]) -> Matrix:
        """Rankings of a part of the pool."""
        return Matrix(self._scores[:, kept], self._ids[kept], self._ties)


class Lists:
    """Rankings, possibly truncated, as lists of documents with their scores, best first.

    Args:
        documents: rows of the pool for each query.
        scores: scores of the same documents.
        ties: how equal scores are ranked.
    """

    def __init__(self, documents: Sequence[Counts], scores: Sequence[NDArray[Any]], ties: Ties) -> None:
        self._documents, self._scores, self._ties = documents, scores, ties

    @classmethod
    def of(cls, run: Sequence[Mapping[int, float]], ids: Counts, ties: Ties) -> Lists:
        """Rankings of scores by document; `descending` compares scores in single precision, as trec_eval does.

        Args:
            run: scores by document for each query.
            ids: the position of each document's id in sorted order, shape (pool,).
            ties: how equal scores are ranked.
        """
        documents, scores = [], []
        for held in run:
            rows = np.array(list(held), dtype=np.int64)
            values = np.array(list(held.values()), dtype=np.float32 if ties == "descending" else np.float64)
            order = best(values, ids[rows], ties, len(rows))
            documents.append(rows[order])
            scores.append(values[order])
        return cls(documents, scores, ties)

    @property
    def lengths(self) -> Counts:
        """How many documents each ranking has, shape (queries,)."""
        return np.array([len(each) for each in self._documents], dtype=np.int64)

    def ranks(self, query: int, wanted: Counts) -> Counts:
        """The ranks of some documents for a query."""
        place = {int(document): number for number, document in enumerate(self._documents[query], 1)}
        found = np.array([place.get(int(document), UNRETRIEVED) for document in wanted], dtype=np.int64)
        if self._ties == "last":
            held = found < UNRETRIEVED
            scores = self._scores[query]
            found[held] = np.searchsorted(-scores, -scores[found[held] - 1], side="right")
        return found

    def first(self, k: int) -> Counts:
        """Each query's first k."""
        width = min(k, max((len(each) for each in self._documents), default=0))
        found = np.full((len(self._documents), width), -1, dtype=np.int64)
        for row, each in enumerate(self._documents):
            found[row, : min(width, len(each))] = each[:width]
        return found

    def only(self, kept: NDArray[np.bool_]) -> Lists:
        """Rankings of a part of the pool."""
        anew = np.cumsum(kept) - 1
        return Lists(
            [anew[each[kept[each]]] for each in self._documents],
            [scores[kept[each]] for each, scores in zip(self._documents, self._scores, strict=True)],
            self._ties,
        )


def order_of_ids(names: Sequence[str]) -> Counts:
    """The position of each id when all are sorted by code points."""
    order = np.empty(len(names), dtype=np.int64)
    order[sorted(range(len(names)), key=lambda row: names[row])] = np.arange(len(names))
    return order


def best(scores: NDArray[Any], ids: Counts, ties: Ties, k: int) -> Counts:
    """The positions of the k best scores, best first; ties by id."""
    inside = np.arange(len(scores))
    if 0 < k < len(scores) // 4:
        # All scores that may be among the first k, including ties with the last of them.
        inside = np.flatnonzero(scores >= np.partition(scores, len(scores) - k)[len(scores) - k])
    own = ids[inside] if ties == "ascending" else -ids[inside]
    order = np.lexsort((own, -scores[inside]))
    return np.asarray(inside[order][:k], dtype=np.int64)
