"""Ranks by columns that score every passage themselves; their pools are kept until the library changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from ..encoders import Vectors, Whole
from ..search import Hit, Ranking, Searcher, language_of_query, wanted_languages
from ..store import Reading

# Texts read from the database at once.
_READ_AT_ONCE = 1_000


class WholeRankings:
    """Rankings of one library by columns of the type `Whole`.

    Args:
        store: the library's database.
        searcher: has its languages and its roster.
    """

    def __init__(self, store: Reading, searcher: Searcher) -> None:
        self._store = store
        self._searcher = searcher
        # By the column's fingerprint: the library's revision, and the function that scores its texts.
        self._pools: dict[str, tuple[int, Callable[[str], Vectors]]] = {}

    def ranking(
        self, query: str, column: Whole, k: int, *, languages: Sequence[str] = (), query_language: str = ""
    ) -> Ranking:
        """The k best passages; of equal scores the one stored first comes first.

        Raises:
            EncoderError: the library has more passages than the column accepts.
        """
        began = time.perf_counter()
        counts = self._searcher.languages()
        asked = language_of_query(query, counts, query_language)
        with self._store.connection.snapshot():
            roster = self._searcher.roster()
            # A text is scored once, however many passages have it.
            texts, rows = np.unique(roster.texts, return_inverse=True)
            scores = self._pool(column, texts.tolist())(query)[rows]
            chosen = np.flatnonzero(roster.chosen(wanted_languages(languages, counts)))
            best = chosen[np.argsort(-scores[chosen], kind="stable")[: max(0, k)]]
            passages = {each.id: each for each in self._store.passages(roster.ids[best].tolist())}
        hits = [
            Hit(rank, float(scores[row]), passages[int(roster.ids[row])]) for rank, row in enumerate(best.tolist(), 1)
        ]
        return Ranking(column.name, query, asked, tuple(hits), len(chosen), True, time.perf_counter() - began)

    def _pool(self, column: Whole, texts: list[int]) -> Callable[[str], Vectors]:
        revision = self._store.revision()
        known = self._pools.get(column.fingerprint)
        if known is None or known[0] != revision:
            column.check(len(texts))
            read: list[str] = []
            for start in range(0, len(texts), _READ_AT_ONCE):
                read += self._store.texts(texts[start : start + _READ_AT_ONCE])
            known = revision, column.pool(read)
            self._pools[column.fingerprint] = known
        return known[1]
