"""The contrastive losses: InfoNCE over a batch with a gradient cache, distillation, and two losses for bitext."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from sentence_transformers.base.losses.gradcache import CachedLossMixin, RandContext
from torch import Tensor, nn
from torch.nn import functional

from ...engine.errors import TrainingError
from ..settings import RunConfig, fixed
from .aids import WIDTH, vectors_of
from .model import multiplying

if TYPE_CHECKING:
    from .aids import Taught

MONO, CROSS = 0, 1


def info_nce(queries: Tensor, passages: Tensor, temperature: float) -> Tensor:
    """InfoNCE with in-batch negatives, the mean over queries (arXiv 2408.10536, section 3, with a temperature).

    Args:
        queries: unit vectors, shape (n, d).
        passages: unit vectors, shape (n + m, d); passage i answers query i, the other m are hard negatives.
        temperature: divides the cosines.

    Returns:
        A scalar.
    """
    scores = queries @ passages.T / temperature
    truth = torch.arange(len(queries), device=scores.device)
    return functional.cross_entropy(scores, truth)


def semantic_loss(left: Tensor, right: Tensor, temperature: float) -> Tensor:
    """Each sentence finds its translation among all other sentences of the batch (arXiv 2210.06633, semantic loss).

    Args:
        left: unit vectors of sentences, shape (n, d).
        right: unit vectors of their translations, shape (n, d).
        temperature: divides the cosines.
    """
    every = torch.cat([left, right])
    scores = every @ every.T / temperature
    scores = scores.masked_fill(torch.eye(len(every), dtype=torch.bool, device=every.device), -torch.inf)
    truth = torch.arange(len(every), device=every.device).roll(len(left))
    return functional.cross_entropy(scores, truth)


def language_loss(left: Tensor, right: Tensor, temperature: float) -> Tensor:
    """Any third sentence is equally close to both sentences of a parallel pair (arXiv 2210.06633, language loss).

    For every pair (i, d(i)) and every other sentence j, the two-way softmax over the cosines (j, i) and (j, d(i)) is
    pulled towards one half each; the minimum is log 2.

    Args:
        left: unit vectors of sentences, shape (n, d), n > 1.
        right: unit vectors of their translations, shape (n, d).
        temperature: divides the cosines.
    """
    every = torch.cat([left, right])
    difference = (every @ left.T - every @ right.T) / temperature
    apart = ~torch.eye(len(left), dtype=torch.bool, device=every.device).repeat(2, 1)
    both = (functional.softplus(difference) + functional.softplus(-difference)) / 2
    return both[apart].mean()


def distillation(
    queries: Tensor,
    passages: Tensor,
    taught_queries: Tensor,
    taught_passages: Tensor,
    temperature: float,
    taught_temperature: float,
) -> Tensor:
    """Cross-entropy from the teacher's softmax over the batch's passages to the student's.

    Args:
        queries: the student's unit vectors, shape (n, d).
        passages: the student's unit vectors of passages and negatives, shape (n + m, d).
        taught_queries: the teacher's unit vectors of the same rows, shape (n, d).
        taught_passages: the teacher's unit vectors of passages and negatives, shape (n + m, d).
        temperature: the student's temperature.
        taught_temperature: the teacher's temperature.
    """
    targets = torch.softmax(taught_queries @ taught_passages.T / taught_temperature, dim=1)
    return functional.cross_entropy(queries @ passages.T / temperature, targets)


def regression(vectors: Tensor, taught: Tensor, mean: Tensor) -> Tensor:
    """1 minus the mean cosine to the teacher's vectors, with the teacher's mean subtracted from both.

    Args:
        vectors: the student's unit vectors, shape (n, d).
        taught: the teacher's unit vectors, shape (n, d).
        mean: the mean of the teacher's vectors, shape (d,).
    """
    own = functional.normalize(vectors - mean, dim=-1)
    wanted = functional.normalize(taught - mean, dim=-1)
    return 1 - (own * wanted).sum(dim=-1).mean()


@contextmanager
def untrained(model: nn.Module) -> Iterator[None]:
    """The model as it was before training, by disabling its adapters.

    Raises:
        TrainingError: it has no adapter, so training changes the base itself.
    """
    from peft.tuners.tuners_utils import BaseTunerLayer

    layers = [module for module in model.modules() if isinstance(module, BaseTunerLayer)]
    if not layers:
        raise TrainingError(
            "Distillation (--distill) needs an adapter: without one, the base itself is trained.",
            hint="Use --lora, or --distill 0.",
        )
    for layer in layers:
        layer._disable_adapters = True
    try:
        yield
    finally:
        for layer in layers:
            layer._disable_adapters = False


class ContrastiveLoss(CachedLossMixin, nn.Module):  # type: ignore[misc]
    """The loss of one batch, for sentence-transformers' trainer.

    Texts are embedded in pieces of similar length, which saves padding, or all columns at once, which is faster on a
    GPU. With a gradient cache (arXiv 2101.06983, as implemented by sentence-transformers) only one piece's activations
    are in memory at a time.

    Args:
        model: the encoder in training.
        temperature: see `info_nce`.
        semantic_weight, language_weight: weights of the two losses on bitext batches.
        distill: the share of the cross-entropy against the teacher's softmax over the batch's passages.
        distill_temperature: the temperature of that softmax.
        teacher: the teacher's model; None uses the model with its adapters disabled, that is, the base.
        lessons: returns the teacher's vectors of a batch by its number, instead of `teacher`.
        regress: weight of `regression` to these vectors.
        piece: texts embedded at once; 0 embeds all columns together, which a gradient cache cannot.
        cached: recompute pieces in the backward pass instead of storing their activations.
        autocast: the precision of matrix products, None for fp32; weights are not converted.

    Attributes:
        last: kind of batch and loss of the newest batch, for progress.
    """

    def __init__(
        self,
        model: nn.Module,
        *,
        temperature: float = RunConfig.temperature,
        semantic_weight: float = 0.0,
        language_weight: float = 0.0,
        distill: float = 0.0,
        distill_temperature: float = fixed.DISTILL_TEMPERATURE,
        teacher: nn.Module | None = None,
        lessons: Callable[[int], Taught] | None = None,
        regress: float = 0.0,
        piece: int = 0,
        cached: bool = False,
        autocast: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.temperature = temperature
        self.semantic_weight = semantic_weight
        self.language_weight = language_weight
        self.distill = distill
        self.distill_temperature = distill_temperature
        # In a list, so that torch does not register it as a submodule.
        self._teacher = [teacher] if teacher is not None else []
        self._lessons = lessons
        self.regress = regress
        self._lesson: Taught | None = None
        self.mini_batch_size = piece
        self.cached = cached
        self.autocast = autocast
        self.last: tuple[int, Tensor] = (MONO, torch.zeros(()))
        self._orders: list[Tensor] = []
        self._taught: list[Tensor] = []

    def forward(self, sentence_features: Iterable[dict[str, Tensor]], labels: Tensor | None = None) -> Tensor:
        """The batch's loss.

        Args:
            sentence_features: tokens of queries, of passages, of hard negatives if there are any, and of the teacher's
                texts if they differ.
            labels: integers: the kind (`MONO` or `CROSS`), whether the batch is bitext, how many columns are the
                teacher's, the number of the batch.
        """
        columns = list(sentence_features)
        apart = int(labels[2]) if labels is not None and len(labels) > 2 else 0
        read = columns[-apart:] if apart else columns
        columns = columns[:-apart] if apart else columns
        if self._lessons is not None:
            assert labels is not None
            self._lesson = self._lessons(int(labels[3])).to(columns[0]["input_ids"].device)
            self._taught = [self._lesson.queries, self._lesson.candidates]
        else:
            self._taught = self._teach(read) if self.distill else []
        columns, self._orders = self._by_length(columns)
        if self.cached:
            loss: Tensor = self.forward_cached(columns, labels)
        elif self.mini_batch_size == 0:
            with self._precision():
                vectors = vectors_of(columns, self._student, padding=self._padding)
            loss = self.calculate_loss([[each] for each in vectors], labels)
        else:
            loss = self.calculate_loss([self._embedded(column) for column in columns], labels)
        self.last = (MONO if labels is None else int(labels[0]), loss.detach())
        return loss

    def _by_length(self, columns: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Tensor]]:
        """Columns sorted by length, and the orders, if they are embedded in pieces; else the columns unchanged."""
        longest = max(len(column["input_ids"]) for column in columns)
        if not 0 < self.mini_batch_size < longest:
            return columns, []
        orders = [column["attention_mask"].sum(dim=1).argsort(stable=True) for column in columns]
        return [_reordered(column, order) for column, order in zip(columns, orders, strict=True)], orders

    def _embedded(self, column: dict[str, Any]) -> list[Tensor]:
        """Vectors of a column in pieces, with gradients."""
        count = len(column["input_ids"])
        size = self.mini_batch_size or count
        return [
            self.embed_minibatch(column, begin, begin + size, with_grad=True, copy_random_state=False)[0]
            for begin in range(0, count, size)
        ]

    def embed_minibatch(
        self,
        sentence_feature: dict[str, Any],
        begin: int,
        end: int,
        with_grad: bool,
        copy_random_state: bool,
        random_state: Any = None,
    ) -> tuple[Tensor, Any]:
        """Vectors of some texts, float32, computed under `autocast`; see `CachedLossMixin`."""
        part = _piece(sentence_feature, begin, end)
        replayed = nullcontext() if random_state is None else random_state
        with replayed, nullcontext() if with_grad else torch.no_grad(), self._precision():
            state = RandContext(*part.values()) if copy_random_state else None
            vectors = self.model(part)["sentence_embedding"]
        return vectors.float(), state

    def _student(self, part: dict[str, Any]) -> Tensor:
        vectors: Tensor = self.model(part)["sentence_embedding"]
        return vectors.float()

    @property
    def _padding(self) -> int:
        """The id of the padding token."""
        return int(getattr(getattr(self.model, "tokenizer", None), "pad_token_id", 0) or 0)

    def _teach(self, columns: list[dict[str, Any]]) -> list[Tensor]:
        """The teacher's unit vectors of queries, of passages and of negatives, each of shape (n, d)."""
        teacher = self._teacher[0] if self._teacher else self.model
        switched_off = nullcontext() if self._teacher else untrained(self.model)
        found = []
        with torch.no_grad(), switched_off, self._precision():
            if self.mini_batch_size == 0:
                read = vectors_of(
                    columns, lambda part: teacher(part)["sentence_embedding"].float(), padding=self._padding
                )
                return [functional.normalize(each, dim=-1) for each in read]
            ordered, orders = self._by_length(columns)
            for place, column in enumerate(ordered):
                count = len(column["input_ids"])
                size = self.mini_batch_size or count
                parts = [
                    teacher(_piece(column, begin, begin + size))["sentence_embedding"].float()
                    for begin in range(0, count, size)
                ]
                vectors = functional.normalize(torch.cat(parts), dim=-1)
                found.append(vectors[orders[place].argsort()] if orders else vectors)
        return found

    def calculate_loss(
        self, reps: list[list[Tensor]], labels: Tensor | None = None, *, with_backward: bool = False
    ) -> Tensor:
        """The loss from vectors in pieces; see `CachedLossMixin`."""
        columns = [torch.cat(pieces) for pieces in reps]
        if self._orders:
            columns = [column[order.argsort()] for column, order in zip(columns, self._orders, strict=True)]
        columns = [functional.normalize(column, dim=-1) for column in columns]
        bitext = labels is not None and bool(labels[1])
        queries, passages = columns[0], columns[1]
        candidates = torch.cat(columns[1:])
        loss = info_nce(queries, candidates, self.temperature)
        if self._taught and self.distill:
            vectors = (queries, candidates, self._taught[0], torch.cat(self._taught[1:]))
            taught = distillation(*vectors, self.temperature, self.distill_temperature)
            loss = (1 - self.distill) * loss + self.distill * taught
        if self._lesson is not None and self.regress:
            lesson = self._lesson
            asked = regression(queries, lesson.queries, lesson.query_mean)
            found = regression(candidates, lesson.candidates, lesson.passage_mean)
            loss = loss + self.regress * (asked + found) / 2
        if bitext and self.semantic_weight:
            loss = loss + self.semantic_weight * semantic_loss(queries, passages, self.temperature)
        if bitext and self.language_weight:
            loss = loss + self.language_weight * language_loss(queries, passages, self.temperature)
        if with_backward:
            loss.backward()
            loss = loss.detach()
        return loss

    def _precision(self) -> AbstractContextManager[Any]:
        return multiplying(next(self.model.parameters()).device.type, self.autocast)


def _reordered(column: dict[str, Any], order: Tensor) -> dict[str, Any]:
    return {
        key: value[order] if isinstance(value, Tensor) and value.ndim and len(value) == len(order) else value
        for key, value in column.items()
    }


def _piece(column: dict[str, Any], begin: int, end: int) -> dict[str, Any]:
    """Some texts of a column, without padding beyond the longest of them."""
    mask = column["attention_mask"][begin:end]
    longest = int(mask.sum(dim=1).max())
    width = min(-(-longest // WIDTH) * WIDTH, mask.shape[1])
    return {
        key: value[begin:end, :width] if isinstance(value, Tensor) and value.ndim == 2 else value
        for key, value in column.items()
    }
