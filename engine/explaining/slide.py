"""Ranks with vectors between raw and neutral: a share of each language's mean is removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..encoders import Vectors
from ..encoders.neutral import fit
from ..search import exact
from ..store import Ids, Roster

# The strengths at which a passage is ranked: 0 as trained, 1 neutral.
STEPS = tuple(step / 10 for step in range(11))


@dataclass(frozen=True)
class Slide:
    """All passages by one encoder; at strength 0 they rank as in a search, at 1 as in a neutral search.

    Args:
        roster: the passages; its `texts` number them.
        vectors: of the passages, shape (n, dimension).
        means: the vector that each language of `roster.codes` loses at strength 1, shape (languages, dimension).
        fitted: the languages with a mean of their own.
        along: the product of each passage's vector with its language's mean, shape (n,).
    """

    roster: Roster
    vectors: Vectors
    means: Vectors
    fitted: dict[str, Vectors]
    along: NDArray[np.float32]

    @classmethod
    def of(cls, ids: Ids, vectors: Vectors, languages: Sequence[str]) -> Slide:
        """The slide of passages with ids in rising order, their unit vectors and languages."""
        fitted = dict(fit(vectors, languages).means)
        codes = {code: place for place, code in enumerate(dict.fromkeys(languages))}
        other = np.mean(list(fitted.values()), axis=0) if fitted else np.zeros(vectors.shape[1])
        means = np.stack([fitted.get(code, other) for code in codes]).astype(np.float32)
        places = np.array([codes[code] for code in languages], dtype=np.int16)
        along = np.empty(len(ids), dtype=np.float32)
        for place in range(len(codes)):
            rows = places == place
            along[rows] = vectors[rows] @ means[place]
        roster = Roster(ids, np.arange(len(ids), dtype=np.int64), places, tuple(codes))
        return cls(roster, vectors, means, fitted, along)

    def mean_of(self, code: str) -> Vectors:
        """The vector that a text in a language loses at strength 1."""
        if code in self.fitted:
            return self.fitted[code]
        nothing = np.zeros(self.vectors.shape[1], dtype=np.float32)
        return np.mean(list(self.fitted.values()), axis=0, dtype=np.float32) if self.fitted else nothing

    def best(
        self, query: Vectors, asked_in: str, strength: float, k: int, languages: tuple[str, ...] = ()
    ) -> list[tuple[int, float]]:
        """The k best passages in some languages (empty: all) as (id, cosine), best first."""
        vector, scores = self._scores(query, asked_in, strength)
        chosen = self.roster.chosen(languages)
        return exact.top(self.roster, scores, chosen, k, vector, lambda texts: (texts, self._at(texts, strength)))

    def rank(
        self, query: Vectors, asked_in: str, strength: float, number: int, languages: tuple[str, ...] = ()
    ) -> int | None:
        """The rank of a passage among those in some languages, from 1; None if it is not among them."""
        vector, scores = self._scores(query, asked_in, strength)
        scores[~self.roster.chosen(languages)] = -np.inf
        wanted = np.array([number], dtype=np.int64)
        found = exact.ranks(self.roster, scores, wanted, vector, lambda texts: (texts, self._at(texts, strength)))
        return found.get(number)

    def alike(self, number: int, k: int) -> list[tuple[int, float]]:
        """The k passages nearest to one by raw vectors, as (id, cosine), best first; empty if it has no vector."""
        own = self.vector(number)
        if own is None:
            return []
        scores = self.vectors @ own
        best = np.argsort(-scores, kind="stable")[: k + 1]
        found = [(int(self.roster.ids[row]), float(scores[row])) for row in best]
        return [(each, score) for each, score in found if each != number][:k]

    def nearest(self, number: int) -> dict[str, tuple[int, float]]:
        """The nearest passage in every other language by neutral vectors, as (id, cosine) by language."""
        places = np.flatnonzero(self.roster.ids == number)
        if not len(places):
            return {}
        own = int(places[0])
        code = self.roster.codes[int(self.roster.languages[own])]
        _, scores = self._scores(self.vectors[own], code, 1.0)
        found: dict[str, tuple[int, float]] = {}
        for place, other in enumerate(self.roster.codes):
            rows = np.flatnonzero(self.roster.languages == place)
            if other != code and len(rows):
                best = int(rows[np.argmax(scores[rows])])
                found[other] = int(self.roster.ids[best]), float(scores[best])
        return found

    def vector(self, number: int) -> Vectors | None:
        """A passage's vector, or None."""
        places = np.flatnonzero(self.roster.ids == number)
        return self.vectors[int(places[0])] if len(places) else None

    def _scores(self, query: Vectors, asked_in: str, strength: float) -> tuple[Vectors, Vectors]:
        vector = _unit(query - strength * self.mean_of(asked_in))
        lost = self.means @ vector
        lengths = np.square(self.means).sum(axis=1)
        languages = self.roster.languages
        squares = 1 - 2 * strength * self.along + strength * strength * lengths[languages]
        scores: Vectors = (self.vectors @ vector - strength * lost[languages]) / np.sqrt(np.maximum(squares, 1e-12))
        return vector, scores.astype(np.float32)

    def _at(self, rows: Ids, strength: float) -> Vectors:
        """The vectors of some passages at a strength."""
        shifted = self.vectors[rows] - strength * self.means[self.roster.languages[rows]]
        norms = np.linalg.norm(shifted, axis=1, keepdims=True)
        found: Vectors = (shifted / np.maximum(norms, 1e-12)).astype(np.float32)
        return found


def _unit(vector: Vectors) -> Vectors:
    found: Vectors = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)
    return found
