"""Ranks by neutral vectors: each language's mean over the library is removed.

Estimating the means needs every vector of an encoder, so the result is kept until the library changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from ..encoders import Vectors
from ..encoders.neutral import Neutraliser, fit
from ..store import Ids, Roster
from . import exact

# Bytes of neutral vectors kept in memory between queries, besides the last ones used.
_KEPT_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class Space:
    """All passages by one encoder, neutral.

    The roster's `texts` number the passages, since equal texts may have different languages; the matrix has a row for
    each passage.
    """

    neutraliser: Neutraliser
    roster: Roster
    matrix: exact.Matrix

    @classmethod
    def fitted(cls, ids: Ids, vectors: Vectors, languages: Sequence[str]) -> Space:
        """The space of passages with ids in rising order, unit vectors of shape (n, dimension) and languages."""
        codes = {code: place for place, code in enumerate(dict.fromkeys(languages))}
        rows = np.arange(len(ids), dtype=np.int64)
        places = np.array([codes[code] for code in languages], dtype=np.int16)
        neutraliser = fit(vectors, languages)
        return cls(
            neutraliser,
            Roster(ids, rows, places, tuple(codes)),
            exact.Matrix(rows, neutraliser.apply(vectors, languages)),
        )

    def best(
        self, query: Vectors, asked_in: str, k: int, languages: tuple[str, ...] = ()
    ) -> tuple[list[tuple[int, float]], int]:
        """The k best passages in some languages as (id, cosine), best first, and how many were ranked.

        Args:
            query: its unit vector, shape (dimension,).
            asked_in: the language of the query.
            k: how many at most.
            languages: empty for all.
        """
        chosen = self.roster.chosen(languages)
        vector, scores = self._scores(query, asked_in)
        return exact.top(self.roster, scores, chosen, k, vector, self.matrix.of), int(chosen.sum())

    def ranks(
        self, query: Vectors, asked_in: str, wanted: Sequence[int], languages: tuple[str, ...] = ()
    ) -> dict[int, int]:
        """The rank of each wanted passage among those in some languages, from 1; the others are left out."""
        vector, scores = self._scores(query, asked_in)
        scores[~self.roster.chosen(languages)] = -np.inf
        return exact.ranks(self.roster, scores, np.array(wanted, dtype=np.int64), vector, self.matrix.of)

    def _scores(self, query: Vectors, asked_in: str) -> tuple[Vectors, Vectors]:
        vector: Vectors = self.neutraliser.apply(query[None], [asked_in])[0]
        return vector, self.matrix.vectors @ vector


class Spaces:
    """The neutral spaces of one library, one per encoder, kept between queries."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Hashable, Space]] = OrderedDict()

    def of(self, fingerprint: str, state: Hashable, make: Callable[[], tuple[Ids, Vectors, list[str]]]) -> Space:
        """The space of an encoder.

        Args:
            fingerprint: the encoder's.
            state: changes whenever the library's passages or the encoder's vectors may change; with None the space is
                not kept.
            make: returns the passages' ids, in rising order, their vectors and languages.
        """
        kept = self._kept.pop(fingerprint, None)
        if kept is None or state is None or kept[0] != state:
            kept = state, Space.fitted(*make())
        self._kept[fingerprint] = kept
        while len(self._kept) > 1 and sum(s.matrix.vectors.nbytes for _, s in self._kept.values()) > _KEPT_BYTES:
            self._kept.popitem(last=False)
        return kept[1]
