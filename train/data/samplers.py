"""Batch samplers for sentence-transformers' trainer, passed in its arguments."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from sentence_transformers.base.sampler import DefaultBatchSampler

from ...engine.errors import DataError
from ..batches import Batch, Batches, refuse_without_cross, sampling
from .parallel import ParallelPairs


class DrawnBatch(Sequence[int]):
    """The integer indices of a batch's pairs, drawn on first access.

    Each process of a training iterates over all batches but accesses only its own, so batches of other processes, and
    those that a resumed training skips, are never drawn.
    """

    def __init__(self, pairs: ParallelPairs, batches: Batches, number: int, size: int) -> None:
        self._pairs = pairs
        self._batches = batches
        self._number = number
        self._size = size

    @cached_property
    def batch(self) -> Batch:
        """The drawn batch, with its number and kind."""
        return self._batches.batch(self._number)

    @cached_property
    def _indices(self) -> list[int]:
        return [self._pairs.triples.number(pick) for pick in self.batch.picks]

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: Any) -> Any:
        """The index at a position, or several for a slice."""
        return self._indices[place]

    def __iter__(self) -> Iterator[int]:
        return iter(self._indices)

    def __reduce__(self) -> tuple[type[_Sent], tuple[list[int], Batch]]:
        """Pickles only the drawn batch for a data loader's process, not the data."""
        return _Sent, (self._indices, self.batch)


class _Sent(list[int]):
    """A drawn batch in another process."""

    def __init__(self, indices: Sequence[int], batch: Batch) -> None:
        super().__init__(indices)
        self.batch = batch


class PairBatchSampler(DefaultBatchSampler):  # type: ignore[misc]
    """Batches of pairs by number, for the trainer of sentence-transformers.

    Epoch 0 has the batches 0 to `len` - 1, epoch 1 the next ones, so no batch repeats. Processes take turns: the first
    of two has the whole batches 0, 2, 4, …

    Args:
        pairs: the training data.
        batches: the sampling.
        size: pairs in a batch, per process.
        length: batches in an epoch, over all processes.
    """

    def __init__(self, pairs: ParallelPairs, batches: Batches, size: int, length: int) -> None:
        super().__init__(pairs, batch_size=size, drop_last=True)
        self._pairs = pairs
        self._batches = batches
        self._length = length

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch. It is stored in the pairs, since a resumed training sets it only there."""
        super().set_epoch(epoch)
        self._pairs.set_epoch(epoch)

    def __iter__(self) -> Iterator[DrawnBatch]:
        """The batches of the epoch in order."""
        first = self._pairs.epoch * self._length
        for number in range(first, first + self._length):
            yield DrawnBatch(self._pairs, self._batches, number, self.batch_size)

    def __len__(self) -> int:
        """How many batches an epoch has, over all processes."""
        return self._length


@dataclass(frozen=True)
class BatchFactory:
    """Makes the sampler of `ParallelPairs`; pass it as `batch_sampler` in the trainer's arguments.

    Attributes:
        kind: `mono`, `cross` or `hybrid`.
        alpha: probability of a mono batch under `hybrid`.
        seed: seed of the draws; the trainer's if None.
        weights: relative chances of languages, 1 where not named.
        pairing: whether the languages of a cross pair are drawn for each `example` or for the whole `batch`.
        length: batches in an epoch over all processes; None for as many as use each passage about once.
    """

    kind: str
    alpha: float = 0.5
    seed: int | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    pairing: str = "example"
    length: int | None = None

    def __post_init__(self) -> None:
        """Check every value.

        Raises:
            DataError: a value is invalid.
        """
        if not 0 <= self.alpha <= 1:
            raise DataError(f"alpha is {self.alpha:g}, but must be a probability, 0 to 1.")
        if self.pairing not in ("example", "batch"):
            raise DataError(f"pairing is {self.pairing!r}.", hint="Use example or batch.")
        if self.length is not None and self.length < 1:
            raise DataError(f"length is {self.length}, but an epoch must have at least 1 batch.")
        if any(not 0 <= weight < float("inf") for weight in self.weights.values()):
            raise DataError("A language's weight is negative or not a number.")

    def __call__(
        self,
        dataset: Any,
        batch_size: int,
        drop_last: bool = False,
        valid_label_columns: list[str] | None = None,
        generator: Any = None,
        seed: int = 0,
    ) -> PairBatchSampler:
        """The sampler of a data set; the trainer calls this.

        Args:
            dataset: `ParallelPairs`.
            batch_size: pairs in a batch, per process.
            drop_last: not used: every batch is whole.
            valid_label_columns: not used.
            generator: not used: every batch has its own.
            seed: the trainer's seed.

        Raises:
            DataError: the data set is not `ParallelPairs`, or cannot fill such batches.
        """
        if not isinstance(dataset, ParallelPairs):
            raise DataError(
                f"{self.kind} batches are drawn from ParallelPairs, and this data set is a {type(dataset).__name__}.",
                hint="Give the trainer ParallelPairs as train_dataset, and as eval_dataset ParallelPairs or nothing.",
            )
        drawn = seed if self.seed is None else self.seed
        batches, _ = sampling(
            self.kind,
            dataset.pools,
            batch_size,
            drawn or 0,
            alpha=self.alpha,
            weights=self.weights,
            pairing=self.pairing,
        )
        return PairBatchSampler(dataset, batches, batch_size, self.length or _epoch(dataset, batch_size))


def hybrid_batches(
    pairs: ParallelPairs,
    alpha: float = 0.5,
    *,
    seed: int | None = None,
    weights: Mapping[str, float] | None = None,
    pairing: str = "example",
    length: int | None = None,
) -> BatchFactory:
    """Hybrid batches (arXiv 2408.10536): with probability `alpha` a mono batch (one language), else a cross batch.

    A batch is a function of the seed and its number, and never contains a passage twice. The same seed gives the same
    batches in `hybrid-search train`, in one process or several, and after a training is resumed.

    Args:
        pairs: the training data; pass the same to the trainer as `train_dataset`.
        alpha: probability of a mono batch.
        seed: seed of the draws; the trainer's if None.
        weights: relative chances of languages, 1 where not named.
        pairing: draw the languages of a cross pair for each `example`, or for the whole `batch`.
        length: batches in an epoch over all processes; None for as many as use each passage about once.

    Returns:
        The value for `SentenceTransformerTrainingArguments(batch_sampler=…)`.

    Raises:
        DataError: no row has question and passage in two languages, or a value is invalid.
    """
    return _factory("hybrid", pairs, alpha, seed, weights, pairing, length)


def mono_batches(
    pairs: ParallelPairs,
    *,
    seed: int | None = None,
    weights: Mapping[str, float] | None = None,
    length: int | None = None,
) -> BatchFactory:
    """Mono batches: all pairs of a batch in one language, drawn for each batch; otherwise like `hybrid_batches`.

    Args, returns: as in `hybrid_batches`.
    """
    return _factory("mono", pairs, 1.0, seed, weights, "example", length)


def cross_batches(
    pairs: ParallelPairs,
    *,
    seed: int | None = None,
    weights: Mapping[str, float] | None = None,
    pairing: str = "example",
    length: int | None = None,
) -> BatchFactory:
    """Cross batches: question and passage of every pair in two languages; otherwise like `hybrid_batches`.

    Args, returns, raises: as in `hybrid_batches`.
    """
    return _factory("cross", pairs, 0.0, seed, weights, pairing, length)


def _factory(
    kind: str,
    pairs: ParallelPairs,
    alpha: float,
    seed: int | None,
    weights: Mapping[str, float] | None,
    pairing: str,
    length: int | None,
) -> BatchFactory:
    if not isinstance(pairs, ParallelPairs):
        raise DataError(
            f"{kind} batches are drawn from ParallelPairs, not from a {type(pairs).__name__}.",
            hint="Make them with ParallelPairs.from_dataset, from_files, from_pandas or from_bitext.",
        )
    unknown = sorted(set(weights or {}) - set(pairs.languages))
    if unknown:
        raise DataError(f"The pairs have no text in {unknown[0]!r}.", hint=f"They have {', '.join(pairs.languages)}.")
    made = BatchFactory(kind, alpha, seed, dict(weights or {}), pairing, length)
    if kind != "mono" and alpha < 1:
        refuse_without_cross(kind, pairs.pools)
    return made


def _epoch(pairs: ParallelPairs, size: int) -> int:
    """The number of batches that use each passage about once, a multiple of the number of processes."""
    passages = len(np.unique(np.concatenate([pool.groups[pool.keep] for pool in pairs.pools])))
    world = int(os.environ.get("WORLD_SIZE", "1"))
    return max(passages // size // world, 1) * world
