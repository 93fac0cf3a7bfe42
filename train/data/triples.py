"""Numbers all triples of row, question language and passage language without storing a list of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...engine.errors import DataError
from ..batches import Pick, Pool
from .pairs import Integers


class Triple(NamedTuple):
    """A row, and the languages of its question and its passage."""

    row: int
    question: str
    passage: str


class Triples:
    """All triples of some sources by number: row after row, in each row by question and then by passage.

    Memory is one number per row. Rows that are not trained on have no triple; in bitext the two languages differ, since
    a sentence is not a translation of itself.

    Args:
        pools: the integers of each source.
    """

    def __init__(self, pools: Sequence[Pool]) -> None:
        self._pools = pools
        counts = [_counts(pool) for pool in pools]
        self._rows = np.cumsum([0, *map(len, counts)])
        self._starts: Integers = np.concatenate([[0], np.cumsum(np.concatenate(counts))])

    def __len__(self) -> int:
        """How many triples there are."""
        return int(self._starts[-1])

    @property
    def rows(self) -> int:
        """Rows of all sources, including those without a triple."""
        return int(self._rows[-1])

    def row(self, source: int, row: int) -> int:
        """The number of a source's row among all rows."""
        return int(self._rows[source]) + row

    def number(self, pick: Pick) -> int:
        """The number of a pick, ignoring its window and negatives."""
        pool = self._pools[pick.source]
        asked, read = pool.question.of(pick.row).tolist(), pool.passage.of(pick.row).tolist()
        x, y = asked.index(pool.languages.index(pick.question)), read.index(pool.languages.index(pick.passage))
        place = x * (len(read) - 1) + (y if y < x else y - 1) if pool.bitext else x * len(read) + y
        return int(self._starts[self.row(pick.source, pick.row)] + place)

    def pick(self, number: int) -> Pick:
        """The pick with a number; negative numbers count from the end.

        Raises:
            IndexError: the number is out of range.
        """
        if not -len(self) <= number < len(self):
            raise IndexError(f"there is no pair {number}: these are {len(self)}")
        number %= len(self)
        row = int(np.searchsorted(self._starts, number, side="right")) - 1
        source, inside = self._inside(row)
        pool = self._pools[source]
        asked, read = pool.question.of(inside), pool.passage.of(inside)
        x, y = divmod(number - int(self._starts[row]), len(read) - 1 if pool.bitext else len(read))
        y = y + 1 if pool.bitext and y >= x else y
        return Pick(source, inside, pool.languages[asked[x]], pool.languages[read[y]])

    def named(self, row: Any, question: Any = None, passage: Any = None) -> Pick:
        """The pick of a row, numbered among all rows, in two languages.

        Raises:
            IndexError: there is no such row.
            DataError: the row has no text in that language, or no triple.
        """
        if not isinstance(row, int) or not 0 <= row < self.rows:
            raise IndexError(f"there is no row {row!r}: these are {self.rows}")
        source, inside = self._inside(row)
        pool = self._pools[source]
        for name, side, code in (("question", pool.question, question), ("passage", pool.passage, passage)):
            held = [pool.languages[each] for each in side.of(inside)]
            if code not in held:
                raise DataError(f"Row {row} has no {name} in {code!r}.", hint=f"It has {', '.join(held)}.")
        if not pool.keep[inside]:
            raise DataError(f"Row {row} is left out: it is held out or overlaps a benchmark.")
        if pool.bitext and question == passage:
            raise DataError(
                f"Row {row} is bitext: a sentence is not a translation of itself.", hint="Name two languages."
            )
        return Pick(source, inside, question, passage)

    def _inside(self, row: int) -> tuple[int, int]:
        """The source of a row, and its number in that source."""
        source = int(np.searchsorted(self._rows, row, side="right")) - 1
        return source, row - int(self._rows[source])


def _counts(pool: Pool) -> Integers:
    """How many triples each row has, shape (rows,)."""
    asked, read = pool.question.counts(), pool.passage.counts()
    found: Integers = np.where(pool.keep, asked * (np.maximum(read - 1, 0) if pool.bitext else read), 0)
    return found
