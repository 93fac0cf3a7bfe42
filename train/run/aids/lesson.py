"""The vectors that a teacher gives of one batch."""

from __future__ import annotations

import torch
from torch import Tensor


class Taught:
    """The teacher's vectors of one batch.

    Attributes:
        queries: unit vectors, shape (n, d).
        candidates: of passages and then negatives, unit vectors, shape (n + m, d).
        query_mean, passage_mean: what all the teacher's vectors of that kind share, shape (d,).
    """

    def __init__(self, queries: Tensor, candidates: Tensor, query_mean: Tensor, passage_mean: Tensor) -> None:
        self.queries = queries
        self.candidates = candidates
        self.query_mean = query_mean
        self.passage_mean = passage_mean

    def to(self, device: torch.device) -> Taught:
        """The same on a device."""
        return Taught(*(part.to(device) for part in vars(self).values()))
