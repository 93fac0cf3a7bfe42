"""Batch samplers for sentence-transformers' trainer: its own arguments take them, and so does our training."""

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
    """The whole numbers of a batch's pairs, drawn when they are first looked at.

    Processes that train together go through all batches and look at their own: what the others train on costs nothing,
    nor does what a resumed training skips.
    """

    def __init__(self, pairs: ParallelPairs, batches: Batches, number: int, size: int) -> None:
        self._pairs = pairs
        self._batches = batches
        self._number = number
        self._size = size

    @cached_property
    def batch(self) -> Batch:
        """What was drawn, with its number and kind."""
        return self._batches.batch(self._number)

    @cached_property
    def _indices(self) -> list[int]:
        return [self._pairs.triples.number(pick) for pick in self.batch.picks]

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: Any) -> Any:
        """The whole number at a place, or several for a slice."""
        return self._indices[place]

    def __iter__(self) -> Iterator[int]:
        return iter(self._indices)

    def __reduce__(self) -> tuple[type[_Sent], tuple[list[int], Batch]]:
        """A process that loads data gets what was drawn, not what it was drawn from."""
        return _Sent, (self._indices, self.batch)


class _Sent(list[int]):
    """A drawn batch in another process."""

    def __init__(self, indices: Sequence[int], batch: Batch) -> None:
        super().__init__(indices)
        self.batch = batch


class PairBatchSampler(DefaultBatchSampler):  # type: ignore[misc]
    """Batches of pairs by number, for the trainer of sentence-transformers.

    Epoch 0 has the batches 0 to `len` - 1, epoch 1 those that follow, so that none comes twice. Processes take turns:
    with two of them the first has the batches 0, 2, 4, …, each of one language whole.

    Args:
        pairs: what the trainer trains on.
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
        """Say which batches come next. The pairs hold it, since it reaches only them where a training is resumed."""
        super().set_epoch(epoch)
        self._pairs.set_epoch(epoch)

    def __iter__(self) -> Iterator[DrawnBatch]:
        """The batches of the epoch in their order."""
        first = self._pairs.epoch * self._length
        for number in range(first, first + self._length):
            yield DrawnBatch(self._pairs, self._batches, number, self.batch_size)

    def __len__(self) -> int:
        """How many batches an epoch has, over all processes."""
        return self._length


@dataclass(frozen=True)
class BatchFactory:
    """What `batch_sampler` of the trainer's arguments may be: it makes the sampler of a data set of `ParallelPairs`.

    Attributes:
        kind: `mono`, `cross` or `hybrid`.
        alpha: probability of a mono batch under `hybrid`.
        seed: of the random draws; the trainer's if None.
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
            DataError: one that cannot be.
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
            generator: not used: every batch has one of its own.
            seed: of the trainer.

        Raises:
            DataError: a data set that is no `ParallelPairs`, or cannot fill such batches.
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
    """Hybrid batches (arXiv 2408.10536): each is in one language with probability `alpha`, else two in every pair.

    A batch is a function of the seed and its number, and never holds a passage twice. The same seed gives the same
    batches in `hybrid-search train`, in one process or several, and after a training is resumed.

    Args:
        pairs: what is trained on; give the same to the trainer as `train_dataset`.
        alpha: probability of a mono batch.
        seed: of the random draws; the trainer's if None.
        weights: relative chances of languages, 1 where not named.
        pairing: draw the languages of a cross pair for each `example`, or for the whole `batch`.
        length: batches in an epoch over all processes; None for as many as use each passage about once.

    Returns:
        What `SentenceTransformerTrainingArguments(batch_sampler=…)` takes.

    Raises:
        DataError: no row has its question and its passage in two languages, or a value that cannot be.
    """
    return _factory("hybrid", pairs, alpha, seed, weights, pairing, length)


def mono_batches(
    pairs: ParallelPairs,
    *,
    seed: int | None = None,
    weights: Mapping[str, float] | None = None,
    length: int | None = None,
) -> BatchFactory:
    """Mono batches: every pair of a batch in one language, drawn for each batch; otherwise like `hybrid_batches`.

    Args, returns: as of `hybrid_batches`.
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

    Args, returns, raises: as of `hybrid_batches`.
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
    """As many batches as use each passage about once, and as many for each process as for the others."""
    passages = len(np.unique(np.concatenate([pool.groups[pool.keep] for pool in pairs.pools])))
    world = int(os.environ.get("WORLD_SIZE", "1"))
    return max(passages // size // world, 1) * world
