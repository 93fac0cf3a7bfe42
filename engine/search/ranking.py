"""The result of a search: passages in order with scores, and what each ranking adds to a fused one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..encoders import BM25
from ..languages import Detected
from ..store import Passage

__all__ = ["BM25", "Hit", "Passage", "Ranking", "Share"]


@dataclass(frozen=True)
class Share:
    """What one ranking adds to a fused score: 1 / (60 + rank)."""

    encoder: str
    rank: int
    share: float

    def __str__(self) -> str:
        """The share as text for people."""
        return f"{self.encoder}: rank {self.rank} adds {self.share:.4f}"


@dataclass(frozen=True)
class Hit:
    """A passage in a ranking; ranks start at 1, and scores are comparable only within one ranking."""

    rank: int
    score: float
    passage: Passage


@dataclass(frozen=True)
class Ranking:
    """The answers of one encoder.

    `searched` counts the ranked passages, `exact` means that each was compared, `trace` has for each passage of a fused
    ranking what every ranking adds to its score.
    """

    encoder: str
    query: str
    query_language: Detected
    hits: tuple[Hit, ...]
    searched: int
    exact: bool
    seconds: float
    trace: Mapping[int, tuple[Share, ...]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    def first(self, k: int) -> Ranking:
        """This ranking with only its k best hits."""
        return self if len(self.hits) <= k else replace(self, hits=self.hits[: max(0, k)])
