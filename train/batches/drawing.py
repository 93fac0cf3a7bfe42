"""The samplings' common base: draws a batch of distinct pairs from the batch's own generator.

The generator is seeded by the run's seed and the batch's number, and no state carries over between batches: the same
seed gives the same batches, a run resumes anywhere without replaying, and in data-parallel training each process draws
whole batches by their numbers, so a mono batch always has one language.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import DataError
from .pools import Batch, Pick, Pool


class Drawing:
    """The pairs of a batch so far, and the ids and passages that may not occur again."""

    def __init__(self, pools: Sequence[Pool], size: int) -> None:
        self._pools = pools
        self._size = size
        self._taken: set[int] = set()
        self.picks: list[Pick] = []

    @property
    def full(self) -> bool:
        """Whether the batch has all its pairs."""
        return len(self.picks) >= self._size

    def add(self, pick: Pick) -> bool:
        """Add a pair unless it shares a passage or an id with one in the batch; returns whether it was added."""
        pool = self._pools[pick.source]
        rows = [pick.row, *(pool.around(pick.row) if pick.window else ())]
        marks = {int(pool.groups[row]) for row in rows} | {int(pool.ids[row]) for row in rows}
        if marks & self._taken:
            return False
        self._taken |= marks
        self.picks.append(pick)
        return True

    def clashes(self, source: int, row: int) -> bool:
        """Whether a row shares its passage or id with a pair of the batch."""
        pool = self._pools[source]
        return int(pool.groups[row]) in self._taken or int(pool.ids[row]) in self._taken


Negatives = Mapping[tuple[int, str], NDArray[np.int32]]


class Sampling:
    """Base class of the samplings: seeds, distinct pairs, negatives."""

    kind = ""

    def __init__(
        self, pools: Sequence[Pool], size: int, seed: int, negatives: Negatives | None, per_query: int
    ) -> None:
        self._pools = pools
        self._size = size
        self._seed = seed
        self._negatives = negatives or {}
        self._per_query = per_query

    def batch(self, number: int) -> Batch:
        """The batch with a number.

        Raises:
            DataError: there are too few distinct pairs to fill it.
        """
        generator = random.Random(f"{self._seed}/{self.kind}/{number}")
        drawing = Drawing(self._pools, self._size)
        self._fill(drawing, generator)
        if not drawing.full:
            raise DataError(
                f"A {self.kind} batch of {self._size} cannot be filled: only {len(drawing.picks)} distinct pairs fit.",
                hint="Give more data or a smaller --batch-size.",
            )
        return Batch(self.kind, number, tuple(self._with_negatives(drawing, generator)), self._seed)

    def _fill(self, drawing: Drawing, generator: random.Random) -> None:
        raise NotImplementedError

    def _draw_until_full(
        self, drawing: Drawing, draw: Callable[[], Pick | None], rest: Callable[[], Iterator[Pick]]
    ) -> None:
        """Draw at random up to 20 times per pair; if the batch is not full, go through `rest` in order."""
        for _ in range(self._size * 20):
            if drawing.full:
                return
            pick = draw()
            if pick is not None:
                drawing.add(pick)
        for pick in rest():
            if drawing.full:
                return
            drawing.add(pick)

    def _with_negatives(self, drawing: Drawing, generator: random.Random) -> Iterator[Pick]:
        for pick in drawing.picks:
            mined = self._negatives.get((pick.source, pick.question))
            if mined is None or not self._per_query:
                yield pick
                continue
            rows = [int(row) for row in mined[pick.row] if row >= 0 and not drawing.clashes(pick.source, int(row))]
            generator.shuffle(rows)
            yield pick._replace(negatives=tuple(rows[: self._per_query]))
