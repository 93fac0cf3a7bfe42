"""Lays the token ids of several texts end to end, and records where each text is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Ids = NDArray[np.int32]


@dataclass(frozen=True)
class Layout:
    """Texts of one batch, longest first, without padding between them.

    Attributes:
        ids: token numbers of all texts, one after the other, shape (tokens,).
        positions: the place of each token in its text, from 0, shape (tokens,).
        starts: where each text begins, then the number of tokens, int32, shape (texts + 1,).
        runs: (number of texts, their length in tokens) of each group of neighbours of one length.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    starts: torch.Tensor
    runs: tuple[tuple[int, int], ...]

    @property
    def longest(self) -> int:
        """The most tokens of a text."""
        return self.runs[0][1]

    def moved(self, move: Any) -> Layout:
        """The layout with each tensor replaced by `move` of it."""
        return Layout(move(self.ids), move(self.positions), move(self.starts), self.runs)


def laid_out(rows: Sequence[Ids]) -> Layout:
    """The layout of texts given as their token numbers, the longest first."""
    import torch

    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    positions = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
    values, counts = np.unique(lengths, return_counts=True)
    runs = tuple((int(count), int(value)) for value, count in zip(values[::-1], counts[::-1], strict=True))
    return Layout(
        torch.from_numpy(np.concatenate(rows).astype(np.int64)),
        torch.from_numpy(positions),
        torch.from_numpy(starts.astype(np.int32)),
        runs,
    )


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices of texts, longest first, in batches of at most `budget` tokens; a longer text is alone."""
    batch: list[int] = []
    tokens = 0
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if batch and tokens + lengths[index] > budget:
            yield batch
            batch, tokens = [], 0
        batch.append(index)
        tokens += lengths[index]
    if batch:
        yield batch
