"""Ranks stored vectors exactly: every passage is compared, and ties are broken by passage id."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..encoders import Vectors
from ..store import Ids, Roster

Scores = NDArray[np.float64]
# Two single-precision sums of one cosine differ by far less than this; scores this close are summed again.
_MARGIN = 2e-6
# Comparing this many vectors takes about ten milliseconds, so no index is built or used up to here.
EXACT_LIMIT = 50_000


@dataclass(frozen=True)
class Matrix:
    """The vectors of an encoder in memory: `texts` in rising order, `vectors` of shape (len(texts), dimension)."""

    texts: Ids
    vectors: Vectors

    def of(self, texts: Ids) -> tuple[Ids, Vectors]:
        """The vectors of some texts; those without one are left out."""
        wanted = np.unique(texts)
        rows = np.searchsorted(self.texts, wanted)
        rows[rows == len(self.texts)] = 0
        rows = rows[self.texts[rows] == wanted] if len(self.texts) else rows[:0]
        return self.texts[rows], self.vectors[rows]


VectorsOf = Callable[[Ids], tuple[Ids, Vectors]]


def precise(vectors: Vectors, query: Vectors) -> Scores:
    """Cosines of unit vectors, shape (n,), summed in double precision.

    Unlike in a matrix product, a row's score does not depend on the other rows: exact, filtered and approximate search
    give a passage the same score.
    """
    wide: Scores = vectors.astype(np.float64)
    return np.asarray((wide * query.astype(np.float64)).sum(axis=1))


def rough(blocks: Iterable[tuple[Ids, Vectors]], query: Vectors) -> tuple[Ids, Vectors]:
    """Text ids and single-precision cosines of all blocks of vectors."""
    ids, scores = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.float32)]
    for texts, vectors in blocks:
        ids.append(texts)
        scores.append(vectors @ query)
    return np.concatenate(ids), np.concatenate(scores)


def spread(roster: Roster, texts: Ids, scores: Vectors) -> Vectors:
    """A score for every passage of the roster: that of its text, -inf if the text has none."""
    result = np.full(len(roster.ids), -np.inf, dtype=np.float32)
    if len(texts):
        places = np.searchsorted(texts, roster.texts)
        places[places == len(texts)] = 0
        found = texts[places] == roster.texts
        result[found] = scores[places[found]]
    return result


def top(
    roster: Roster, scores: Vectors, chosen: NDArray[np.bool_], k: int, query: Vectors, vectors_of: VectorsOf
) -> list[tuple[int, float]]:
    """The k best of the chosen passages as (id, cosine), best first; of equal scores the lower id first.

    Args:
        roster: all passages.
        scores: a rough score for each, -inf for those without a vector.
        chosen: which of them may be returned.
        k: how many at most.
        query: the query's vector.
        vectors_of: returns the vectors of texts, for the precise scores of the best.
    """
    places = np.flatnonzero(chosen & np.isfinite(scores))
    k = min(k, len(places))
    if k <= 0:
        return []
    among = scores[places]
    bound = np.partition(among, len(among) - k)[len(among) - k] - _MARGIN
    places = places[among >= bound]
    exact = _exact_scores(roster.texts[places], query, vectors_of)
    order = np.lexsort((roster.ids[places], -exact))[:k]
    return [(int(roster.ids[places[place]]), float(exact[place])) for place in order]


def ranks(roster: Roster, scores: Vectors, wanted: Ids, query: Vectors, vectors_of: VectorsOf) -> dict[int, int]:
    """The rank of each wanted passage among all that have a vector, from 1; those without one are left out."""
    found: dict[int, int] = {}
    for number in dict.fromkeys(int(each) for each in wanted):
        place = int(np.searchsorted(roster.ids, number))
        if place == len(roster.ids) or roster.ids[place] != number or not np.isfinite(scores[place]):
            continue
        near = np.flatnonzero(np.abs(scores - scores[place]) <= _MARGIN)
        exact = _exact_scores(roster.texts[near], query, vectors_of)
        own = exact[np.searchsorted(near, place)]
        ahead = (exact > own) | ((exact == own) & (roster.ids[near] < number))
        found[number] = 1 + int((scores > scores[place] + _MARGIN).sum()) + int(ahead.sum())
    return found


def _exact_scores(texts: Ids, query: Vectors, vectors_of: VectorsOf) -> Scores:
    known, vectors = vectors_of(texts)
    return precise(vectors, query)[np.searchsorted(known, texts)]
