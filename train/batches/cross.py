"""Cross batches: the question and the passage of every pair differ in language."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np

from ...engine.errors import DataError
from .drawing import Drawing, Negatives, Sampling
from .pools import Pick, Pool, Rows, cross_rows, pair_counts, sample_languages, weight_of


class CrossLingualBatches(Sampling):
    """The question and the passage of every pair differ in language; languages mix within a batch.

    Args:
        pools: the sources; those with `cross` 0 take no part.
        size: pairs in a batch.
        seed: of the draws.
        exponent: None draws a row and then two of its languages; a number draws the ordered pair of languages with a
            probability that grows with its number of rows to this power, and then a row.
        weights: factors by language; a pair's chance is their product.
        pairing: `example` draws the languages of each pair, `batch` once for all pairs of a batch.
        mix: draw the source of each pair (`example`) or of the batch (`batch`).
        languages_per_batch: the batch draws from this many languages; 0 is all.
        negatives, per_query: see `train.negatives`.

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
        exponent: float | None = None,
        weights: Mapping[str, float] | None = None,
        pairing: str = "example",
        mix: str = "batch",
        languages_per_batch: int = 0,
        negatives: Negatives | None = None,
        per_query: int = 0,
    ) -> None:
        super().__init__(pools, size, seed, negatives, per_query)
        self._exponent = 0.0 if exponent is None and pairing == "batch" else exponent
        self._weights = weights
        self._per_batch = pairing == "batch"
        self._mix_sources = mix == "example"
        self._languages_per_batch = languages_per_batch
        self._rows = {source: cross_rows(pool) for source, pool in enumerate(pools) if pool.cross > 0}
        self._rows = {source: rows for source, rows in self._rows.items() if len(rows)}
        if not self._rows:
            raise DataError(
                "Cross-lingual pairs cannot be formed: no row has its question and its passage in two languages.",
                hint="Give parallel data or bitext, or train with --batches mono.",
            )
        self._pairs = (
            {source: self._pair_chances(source) for source in self._rows} if self._exponent is not None else {}
        )
        self._codes = sorted({code for source in self._rows for code in pools[source].languages})
        self._rows_of_pair = lru_cache(maxsize=4096)(self._find_rows_of_pair)

    def _pair_chances(self, source: int) -> tuple[list[tuple[int, int]], list[float]]:
        """Ordered pairs of languages with their chances; per batch, only those that can fill one."""
        assert self._exponent is not None
        pool = self._pools[source]
        counts = pair_counts(pool)
        least = self._size if self._per_batch and not self._mix_sources else 1
        pairs, chances = [], []
        for x, y in zip(*np.nonzero(counts >= least), strict=True):
            chance = float(counts[x, y]) ** self._exponent
            chance *= weight_of(self._weights, pool.languages[x]) * weight_of(self._weights, pool.languages[y])
            if x != y and chance > 0:
                pairs.append((int(x), int(y)))
                chances.append(chance)
        if not pairs:
            raise DataError(
                f"No pair of languages has {least} rows, as --pairing batch needs.",
                hint="Use --pairing example, more data, or a smaller --batch-size.",
            )
        return pairs, chances

    def _find_rows_of_pair(self, source: int, x: int, y: int) -> Rows:
        pool = self._pools[source]
        return pool.kept(np.intersect1d(pool.question.rows_with(x), pool.passage.rows_with(y), assume_unique=True))

    def _fill(self, drawing: Drawing, generator: random.Random) -> None:
        sources = list(self._rows)
        shares = [self._pools[source].cross for source in sources]
        fixed = None if self._mix_sources else generator.choices(sources, shares)[0]
        chosen = self._choose_languages(sources if fixed is None else [fixed], generator)
        pair: tuple[str, str] | None = None
        if self._per_batch:
            source = fixed if fixed is not None else generator.choices(sources, shares)[0]
            pairs, chances = self._pairs[source]
            x, y = generator.choices(pairs, chances)[0]
            pair = (self._pools[source].languages[x], self._pools[source].languages[y])

        def draw() -> Pick | None:
            source = fixed if fixed is not None else generator.choices(sources, shares)[0]
            if pair is not None:
                return self._from_pair(source, pair, generator)
            if self._exponent is None:
                rows = self._rows[source]
                return self._from_row(source, int(rows[generator.randrange(len(rows))]), chosen, generator)
            pairs, chances = self._pairs[source]
            x, y = generator.choices(pairs, chances)[0]
            languages = self._pools[source].languages
            if chosen is not None and not {languages[x], languages[y]} <= chosen:
                return None
            return self._from_pair(source, (languages[x], languages[y]), generator)

        def rest() -> Iterator[Pick]:
            # Where the chosen languages do not fill the batch, others do.
            for among in dict.fromkeys((chosen, None)):
                for source in sources if fixed is None else [fixed]:
                    rows = self._rows[source].tolist()
                    generator.shuffle(rows)
                    for row in rows:
                        pick = (
                            self._from_row(source, row, among, generator)
                            if pair is None
                            else self._as(source, row, pair)
                        )
                        if pick is not None:
                            yield pick

        self._draw_until_full(drawing, draw, rest)

    def _choose_languages(self, sources: Sequence[int], generator: random.Random) -> frozenset[str] | None:
        """Languages that a batch draws from: those of rows drawn at random, so that rows have them together."""
        if not 0 < self._languages_per_batch < len(self._codes):
            return None
        shares = [self._pools[source].cross for source in sources]
        chosen: list[str] = []
        for _ in range(self._languages_per_batch * 8):
            source = generator.choices(sources, shares)[0]
            pool, rows = self._pools[source], self._rows[source]
            row = int(rows[generator.randrange(len(rows))])
            codes = sorted({pool.languages[code] for side in (pool.question, pool.passage) for code in side.of(row)})
            chosen += [
                code for code in sample_languages(generator, codes, self._weights, len(codes)) if code not in chosen
            ]
            if len(chosen) >= self._languages_per_batch:
                break
        return frozenset(chosen[: self._languages_per_batch])

    def _from_row(self, source: int, row: int, chosen: frozenset[str] | None, generator: random.Random) -> Pick | None:
        """Two different languages of a row, drawn by their weights."""
        pool = self._pools[source]
        asked = [pool.languages[code] for code in pool.question.of(row)]
        read = [pool.languages[code] for code in pool.passage.of(row)]
        if chosen is not None:
            asked, read = [code for code in asked if code in chosen], [code for code in read if code in chosen]
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
