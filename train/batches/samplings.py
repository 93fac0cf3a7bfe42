"""Draws the pairs of a batch and their languages: three samplings over integers, each batch a function of its number.

Mono and hybrid batches are here, cross batches in `cross`, their common base in `drawing`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import DataError
from .cross import CrossLingualBatches
from .drawing import Drawing, Negatives, Sampling
from .pools import Batch, Batches, Pick, Pool, Rows, rows_in, weight_of

__all__ = ["CrossLingualBatches", "HybridBatches", "MonolingualBatches", "Negatives"]


class MonolingualBatches(Sampling):
    """All pairs of a batch are in one language, which is drawn for each batch.

    Args:
        pools: the sources; those with `mono` 0 and bitext take no part.
        size: pairs in a batch.
        seed: for the draws.
        weights: relative chances of languages, 1 where not named.
        negatives, per_query: see `train.run.aids.negatives`.

    A batch is drawn from one source; if no source alone can fill a batch, from all of them together.

    Attributes:
        languages: numbers of distinct passages by language, for languages that can fill a batch.
        left_out: the same for languages that cannot.

    Raises:
        DataError: no language can fill a batch.
    """

    kind = "mono"

    def __init__(
        self,
        pools: Sequence[Pool],
        size: int,
        seed: int,
        *,
        weights: Mapping[str, float] | None = None,
        negatives: Negatives | None = None,
        per_query: int = 0,
    ) -> None:
        super().__init__(pools, size, seed, negatives, per_query)
        self._rows: dict[int, dict[str, Rows]] = {}
        for source, pool in enumerate(pools):
            if pool.mono > 0 and not pool.bitext:
                self._rows[source] = {code: rows for code in pool.languages if len(rows := rows_in(pool, code)) > 0}
        self._choices: list[tuple[tuple[int, ...], float, dict[str, float]]] = []
        self.languages: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        for sources in [*((source,) for source in self._rows), tuple(self._rows)]:
            if len(sources) != 1 and self._choices:
                break
            counts = self._counts(sources)
            enough = {code: count for code, count in counts.items() if count >= size and weight_of(weights, code) > 0}
            self.languages |= {code: max(count, self.languages.get(code, 0)) for code, count in enough.items()}
            self.left_out.update({code: count for code, count in counts.items() if code not in enough})
            if enough:
                chances = {code: weight_of(weights, code) for code in enough}
                self._choices.append((sources, sum(pools[source].mono for source in sources), chances))
        self.left_out = {code: count for code, count in self.left_out.items() if code not in self.languages}
        if not self._choices:
            largest = max(self.left_out.items(), key=lambda item: item[1], default=None)
            found = f"the largest is {largest[0]} with {largest[1]} distinct passages" if largest else "there is none"
            raise DataError(
                f"No language has {size} pairs of a question and a passage in it, as a mono batch needs; {found}.",
                hint="Give more data or a smaller --batch-size.",
            )

    def _counts(self, sources: Sequence[int]) -> dict[str, int]:
        """Numbers of distinct passages by language over some sources."""
        found: dict[str, list[NDArray[np.uint64]]] = {}
        for source in sources:
            for code, rows in self._rows[source].items():
                found.setdefault(code, []).append(self._pools[source].groups[rows])
        return {code: len(np.unique(np.concatenate(groups))) for code, groups in sorted(found.items())}

    def _fill(self, drawing: Drawing, generator: random.Random) -> None:
        sources, _, chances = generator.choices(self._choices, [weight for _, weight, _ in self._choices])[0]
        language = generator.choices(list(chances), list(chances.values()))[0]
        having = [source for source in sources if language in self._rows[source]]
        shares = [self._pools[source].mono for source in having]

        def draw() -> Pick:
            source = generator.choices(having, shares)[0] if len(having) > 1 else having[0]
            rows = self._rows[source][language]
            return Pick(source, int(rows[generator.randrange(len(rows))]), language, language)

        def rest() -> Iterator[Pick]:
            pairs = [(source, int(row)) for source in having for row in self._rows[source][language]]
            generator.shuffle(pairs)
            return (Pick(source, row, language, language) for source, row in pairs)

        self._draw_until_full(drawing, draw, rest)


def toss(seed: int, number: int, alpha: float) -> str:
    """The kind of a hybrid run's batch: `mono` with probability `alpha`, else `cross`."""
    return "mono" if random.Random(f"{seed}/coin/{number}").random() < alpha else "cross"


class HybridBatches:
    """Tosses a coin for each batch: mono with probability `alpha`, else cross.

    The coin has its own generator, so mono batch number 7 of a hybrid run equals number 7 of a mono run.
    """

    def __init__(self, mono: Batches, cross: Batches, alpha: float, seed: int) -> None:
        self._mono = mono
        self._cross = cross
        self._alpha = alpha
        self._seed = seed

    def batch(self, number: int) -> Batch:
        """The batch with a number."""
        kind = toss(self._seed, number, self._alpha)
        return (self._mono if kind == "mono" else self._cross).batch(number)
