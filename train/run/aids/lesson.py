"""Holds a teacher's vectors of one batch."""

from __future__ import annotations

import torch
from torch import Tensor


class Taught:
    """The teacher's vectors of one batch.

    Attributes:
        queries: unit vectors, shape (n, d).
        candidates: unit vectors of passages, then of negatives, shape (n + m, d).
        query_mean, passage_mean: the mean of the teacher's vectors of that kind, shape (d,).
    """

    def __init__(self, queries: Tensor, candidates: Tensor, query_mean: Tensor, passage_mean: Tensor) -> None:
        self.queries = queries
        self.candidates = candidates
        self.query_mean = query_mean
        self.passage_mean = passage_mean

    def to(self, device: torch.device) -> Taught:
        """A copy on a device."""
        return Taught(*(part.to(device) for part in vars(self).values()))
