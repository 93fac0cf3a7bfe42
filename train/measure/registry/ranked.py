"""Defines the input of measures of rankings: the ranks of each query's relevant candidates in one pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
# The rank of a candidate that a truncated ranking does not have: after all others.
UNRETRIEVED = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Ranked:
    """Ranks in one pool of one or all languages; rows are queries.

    A candidate's rank is the number of candidates that score at least as high, itself included: all tied candidates
    get the last rank of the tie, so that a tie never helps.

    Args:
        ranks: ranks of each query's relevant candidates, from 1, -1 where padded, shape (queries, most relevant);
            UNRETRIEVED for candidates that a truncated ranking does not have.
        languages: index of each of these candidates' language, -1 where padded, same shape.
        query_languages: index of each query's language, shape (queries,).
        pool: how many candidates the pool has of each language, shape (languages,).
        top_languages: languages of each query's first candidates, -1 for those that were not retrieved, shape
            (queries, top); no columns if unknown.
        gains: gains of the relevant candidates if they are graded, same shape as `ranks`.
        last: the rank to use for UNRETRIEVED in measures that need a finite rank, shape (queries,).
    """

    ranks: Counts
    languages: Counts
    query_languages: Counts
    pool: Counts
    top_languages: Counts
    gains: NDArray[np.float64] | None = None
    last: Counts | None = None

    @property
    def whole(self) -> Counts:
        """The ranks, with UNRETRIEVED replaced by `last`."""
        return self.ranks if self.last is None else np.where(self.ranks == UNRETRIEVED, self.last[:, None], self.ranks)

    @classmethod
    def of(cls, ranks: Counts, gains: NDArray[np.float64] | None = None) -> Ranked:
        """Ranks without further knowledge: one language, and a pool of unknown size."""
        queries = len(ranks)
        none = np.zeros(queries, dtype=np.int64)
        languages = np.where(ranks > 0, 0, -1)
        return cls(ranks, languages, none, np.zeros(1, dtype=np.int64), np.zeros((queries, 0), dtype=np.int64), gains)
