"""Draws cross batches: the question and the passage of every pair differ in language."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np

from ...engine.errors import DataError
from .drawing import Drawing, Negatives, Sampling
from .pools import Pick, Pool, Rows, cross_rows, pair_counts, weight_of


class CrossLingualBatches(Sampling):
    """The question and the passage of every pair differ in language; languages mix within a batch.

    Args:
        pools: the sources; those with `cross` 0 take no part.
        size: pairs in a batch.
        seed: for the draws.
        weights: relative chances of languages, 1 where not named.
        pairing: `example` draws a row and then two of its languages; `batch` draws an ordered pair of languages for the
            whole batch, with the product of their weights as its chance, and then rows.
        negatives, per_query: see `train.run.aids.negatives`.

    A batch is drawn from one source.

    Raises:
        DataError: no source has rows in two languages.
    """

    kind = "cross"

    def __init__(
        self,
        pools: Sequence[Pool],
        size: int,
        seed: int,
        *,
        weights: Mapping[str, float] | None = None,
        pairing: str = "example",
        negatives: Negatives | None = None,
        per_query: int = 0,
    ) -> None:
        super().__init__(pools, size, seed, negatives, per_query)
        self._weights = weights
        self._per_batch = pairing == "batch"
        self._rows = {source: cross_rows(pool) for source, pool in enumerate(pools) if pool.cross > 0}
        self._rows = {source: rows for source, rows in self._rows.items() if len(rows)}
        if not self._rows:
            raise DataError(
                "Cross-lingual pairs cannot be formed: no row has its question and its passage in two languages.",
                hint="Give parallel data or bitext, or train with --batches mono.",
            )
        self._pairs = {source: self._pair_chances(source) for source in self._rows} if self._per_batch else {}
        self._rows_of_pair = lru_cache(maxsize=4096)(self._find_rows_of_pair)

    def _pair_chances(self, source: int) -> tuple[list[tuple[int, int]], list[float]]:
        """Ordered pairs of languages that can fill a batch, with their chances."""
        pool = self._pools[source]
        pairs, chances = [], []
        for x, y in zip(*np.nonzero(pair_counts(pool) >= self._size), strict=True):
            chance = weight_of(self._weights, pool.languages[x]) * weight_of(self._weights, pool.languages[y])
            if x != y and chance > 0:
                pairs.append((int(x), int(y)))
                chances.append(chance)
        if not pairs:
            raise DataError(
                f"No pair of languages has {self._size} rows, as --pairing batch needs.",
                hint="Use --pairing example, more data, or a smaller --batch-size.",
            )
        return pairs, chances

    def _find_rows_of_pair(self, source: int, x: int, y: int) -> Rows:
        pool = self._pools[source]
        return pool.kept(np.intersect1d(pool.question.rows_with(x), pool.passage.rows_with(y), assume_unique=True))

    def _fill(self, drawing: Drawing, generator: random.Random) -> None:
        sources = list(self._rows)
        source = generator.choices(sources, [self._pools[each].cross for each in sources])[0]
        pair = self._draw_pair(source, generator) if self._per_batch else None
        rows = self._rows[source]

        def draw() -> Pick | None:
            if pair is not None:
                return self._from_pair(source, pair, generator)
            return self._from_row(source, int(rows[generator.randrange(len(rows))]), generator)

        def rest() -> Iterator[Pick]:
            others = rows.tolist()
            generator.shuffle(others)
            for row in others:
                pick = self._from_row(source, row, generator) if pair is None else self._as(source, row, pair)
                if pick is not None:
                    yield pick

        self._draw_until_full(drawing, draw, rest)

    def _draw_pair(self, source: int, generator: random.Random) -> tuple[str, str]:
        pairs, chances = self._pairs[source]
        x, y = generator.choices(pairs, chances)[0]
        return self._pools[source].languages[x], self._pools[source].languages[y]

    def _from_row(self, source: int, row: int, generator: random.Random) -> Pick | None:
        """Two different languages of a row, drawn by their weights."""
        pool = self._pools[source]
        asked = [pool.languages[code] for code in pool.question.of(row)]
        read = [pool.languages[code] for code in pool.passage.of(row)]
        asked = [code for code in asked if any(other != code for other in read)]
        weighed = [weight_of(self._weights, code) for code in asked]
        if not sum(weighed):
            return None
        x = generator.choices(asked, weighed)[0]
        others = [code for code in read if code != x]
        weighed = [weight_of(self._weights, code) for code in others]
        if not sum(weighed):
            return None
        return self._windowed(Pick(source, row, x, generator.choices(others, weighed)[0]), generator)

    def _from_pair(self, source: int, pair: tuple[str, str], generator: random.Random) -> Pick | None:
        """A row that has a question in the first language and a passage in the second."""
        languages = self._pools[source].languages
        if not set(pair) <= set(languages):
            return None
        rows = self._rows_of_pair(source, languages.index(pair[0]), languages.index(pair[1]))
        if not len(rows):
            return None
        return self._windowed(Pick(source, int(rows[generator.randrange(len(rows))]), *pair), generator)

    def _as(self, source: int, row: int, pair: tuple[str, str]) -> Pick | None:
        pool = self._pools[source]
        asked = {pool.languages[code] for code in pool.question.of(row)}
        read = {pool.languages[code] for code in pool.passage.of(row)}
        return Pick(source, row, *pair) if pair[0] in asked and pair[1] in read else None

    def _windowed(self, pick: Pick, generator: random.Random) -> Pick:
        pool = self._pools[pick.source]
        if pool.neighbourhood and pool.around(pick.row) and generator.random() < pool.neighbourhood:
            return pick._replace(window=True)
        return pick
