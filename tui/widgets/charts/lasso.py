"""A closed line around points: its corners in cells, and the cells inside by the even-odd rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

Cell = tuple[int, int]


class Lasso:
    """A closed line; the cells that it passes through count as inside.

    Args:
        corners: (column, row) in the order of drawing; the last is joined to the first.
    """

    def __init__(self, corners: Sequence[Cell]) -> None:
        self.corners = tuple(corners)
        edges = [*pairwise(self.corners), (self.corners[-1], self.corners[0])]
        self._inside = frozenset(cell for edge in edges for cell in _line(*edge)) | frozenset(_filled(edges))

    def contains(self, x: int, y: int) -> bool:
        """Whether a cell is inside."""
        return (x, y) in self._inside

    def __eq__(self, other: object) -> bool:
        """Whether it is the same line."""
        return isinstance(other, Lasso) and self.corners == other.corners

    def __hash__(self) -> int:
        """The hash of its corners."""
        return hash(self.corners)


def _line(start: Cell, end: Cell) -> Iterator[Cell]:
    """The cells from one to another."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for step in range(steps + 1):
        share = step / steps
        yield round(start[0] + (end[0] - start[0]) * share), round(start[1] + (end[1] - start[1]) * share)


def _filled(edges: Sequence[tuple[Cell, Cell]]) -> Iterator[Cell]:
    """The cells inside, row by row: between pairs of crossings of the row with an edge."""
    rows = [y for edge in edges for _, y in edge]
    for row in range(min(rows), max(rows) + 1):
        crossings = sorted(
            x1 + (row - y1) * (x2 - x1) / (y2 - y1) for (x1, y1), (x2, y2) in edges if (y1 <= row) != (y2 <= row)
        )
        for left, right in zip(crossings[::2], crossings[1::2], strict=True):
            for column in range(round(left), round(right) + 1):
                yield column, row
