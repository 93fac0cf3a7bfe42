"""An affine map behind a trained encoder, so that a text that says little is not buried below those that say another.

Contrastive training sees whole sentences; a fragment such as "I." or a lone name then lies far from every question,
below thousands of passages about something else. The map is fitted with the encoder frozen, on vectors made once:
fragments of passages are to be found by the questions of these passages (InfoNCE over fragments and whole passages),
while every question's softmax over whole passages stays as it is (Kullback-Leibler divergence to before).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ..engine.encoders.protocol import Encoder, Vectors
from ..engine.errors import DataError
from .config import RunConfig
from .data import prepare
from .embeddings import encode
from .siblings import Sentences
from .spans import fragment

FEWEST = 16
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Settings:
    """How a map is fitted.

    Attributes:
        pairs: of a question and a passage that are drawn, by the run's own sampling.
        steps: updates of the map, by Adam with a rate that falls from `learning_rate` to 0.
        keep: weight of staying as it was.
        keep_temperature: of the softmax that is to stay.
        size: fragments, questions and, times four, passages in one update.
    """

    pairs: int = 4800
    steps: int = 150
    learning_rate: float = 3e-4
    keep: float = 60.0
    keep_temperature: float = 0.02
    size: int = 1024


@dataclass(frozen=True)
class Material:
    """Unit vectors, shape (rows, dimension); fragment i is of the passage that answers query i.

    Attributes:
        queries, fragments: a row each for every pair.
        passages: whole ones: those of the pairs first, then hard negatives.
        identities, groups: of each pair and each of the passages, -1 for negatives: what is one row, and one text.
    """

    queries: Vectors
    fragments: Vectors
    passages: Vectors
    identities: NDArray[np.int64]
    groups: NDArray[np.int64]


@dataclass(frozen=True)
class Calibrated:
    """A fitted map.

    Attributes:
        weight: shape (dimension, dimension).
        bias: shape (dimension,).
        before, after: median rank of a fragment among all whole passages but its own, for its question.
        passages: how many these are.
    """

    weight: Vectors
    bias: Vectors
    before: float
    after: float
    passages: int


def draw(
    config: RunConfig,
    encoder: Encoder,
    pairs: int,
    progress: Progress | None = None,
    sentences: Sentences | None = None,
) -> Material:
    """Draw pairs by a run's own sampling and embed them, whole and as fragments.

    Args:
        config: the run's sources, sampling and seed.
        encoder: the one to calibrate.
        pairs: how many.
        progress: called with `queries`, `fragments` or `passages`, texts done and in all.
        sentences: spans of sentences; the engine's where not given.

    Raises:
        DataError: data that cannot be read, or too few pairs.
    """
    data = prepare(config.replace(distill=0.0, anchor=0.0), sentences=sentences)
    queries: list[str] = []
    passages: list[str] = []
    negatives: list[str] = []
    fragments, identities, groups = [], [], []
    for number in range(-(-pairs // config.batch_size)):
        batch = data.batches.batch(number)
        texts = data.assembler.texts(batch)
        generator = random.Random(f"{config.seed}/calibration/{number}")
        queries += texts.queries
        passages += texts.passages
        negatives += texts.negatives
        for pick, passage in zip(batch.picks, texts.passages, strict=True):
            fragments.append(fragment(passage, pick.passage, generator))
            identities.append(_signed(data.pools[pick.source].ids[pick.row]))
            groups.append(_signed(data.pools[pick.source].groups[pick.row]))
    if len(queries) < FEWEST:
        raise DataError(f"{len(queries)} pairs are too few to calibrate on.", hint=f"Give {FEWEST} or more.")
    none = [-1] * len(negatives)
    return Material(
        encode(encoder, "queries", queries, _as("queries", progress)),
        encode(encoder, "pool", fragments, _as("fragments", progress)),
        encode(encoder, "pool", [*passages, *negatives], _as("passages", progress)),
        np.array(identities + none, dtype=np.int64),
        np.array(groups + none, dtype=np.int64),
    )


def _signed(digest: np.uint64) -> int:
    """A digest as a number that is never negative; -1 is kept free for what has none."""
    return int(digest) >> 1


def _as(kind: str, progress: Progress | None) -> Progress | None:
    """Progress that tells what kind of texts these are here."""
    return (lambda _, done, total: progress(kind, done, total)) if progress is not None else None


def fit_map(material: Material, temperature: float, seed: int, settings: Settings | None = None) -> Calibrated:
    """Fit the map, from the identity.

    Args:
        material: vectors of the frozen encoder.
        temperature: of the softmax in which fragments are found, as in training.
        seed: of the draws.
        settings: how.
    """
    settings = settings or Settings()
    generator = torch.Generator().manual_seed(seed)
    queries, fragments, passages = (
        torch.from_numpy(np.ascontiguousarray(part, dtype=np.float32))
        for part in (material.queries, material.fragments, material.passages)
    )
    ids, groups = torch.from_numpy(material.identities), torch.from_numpy(material.groups)
    dimension = queries.shape[1]
    weight = torch.eye(dimension, requires_grad=True)
    bias = torch.zeros(dimension, requires_grad=True)

    def mapped(vectors: Tensor) -> Tensor:
        return functional.normalize(vectors @ weight.T + bias, dim=-1)

    def drawn(rows: int, count: int) -> Tensor:
        return torch.randperm(rows, generator=generator)[:count]

    def median_rank() -> float:
        with torch.no_grad():
            found = fragment_ranks(mapped(queries), mapped(fragments), mapped(passages), ids, groups)
        return float(found.median())

    before = median_rank()
    optimiser = torch.optim.Adam([weight, bias], lr=settings.learning_rate)
    for step in range(settings.steps):
        optimiser.param_groups[0]["lr"] = settings.learning_rate * (1 - step / settings.steps)
        rows = _apart(drawn(len(queries), len(queries)), ids, groups, settings.size)
        asked = drawn(len(queries), settings.size)
        others = drawn(len(passages), 4 * settings.size)
        whole = mapped(passages[others])
        candidates = torch.cat([mapped(fragments[rows]), whole])
        scores = mapped(queries[rows]) @ candidates.T / temperature
        own = (ids[rows, None] == ids[others]) | (groups[rows, None] == groups[others])
        scores[:, len(rows) :] = scores[:, len(rows) :].masked_fill(own, -torch.inf)
        found = functional.cross_entropy(scores, torch.arange(len(rows)))
        kept = functional.kl_div(
            functional.log_softmax(mapped(queries[asked]) @ whole.T / settings.keep_temperature, dim=1),
            functional.log_softmax(queries[asked] @ passages[others].T / settings.keep_temperature, dim=1),
            log_target=True,
            reduction="batchmean",
        )
        optimiser.zero_grad()
        (found + settings.keep * kept).backward()
        optimiser.step()
    return Calibrated(weight.detach().numpy(), bias.detach().numpy(), before, median_rank(), len(passages))


def _apart(order: Tensor, ids: Tensor, groups: Tensor, count: int) -> Tensor:
    """The first rows in an order of which no two are one row or one text."""
    taken: set[tuple[str, int]] = set()
    chosen: list[int] = []
    for row in order.tolist():
        names = {("id", int(ids[row])), ("group", int(groups[row]))}
        if not names & taken:
            taken |= names
            chosen.append(row)
        if len(chosen) == count:
            break
    return torch.tensor(chosen)


def fragment_ranks(queries: Tensor, fragments: Tensor, passages: Tensor, ids: Tensor, groups: Tensor) -> Tensor:
    """The rank of each pair's fragment for its query among all passages that are not the pair's own, shape (pairs,).

    Args:
        queries: unit vectors, shape (pairs, dimension).
        fragments: the same.
        passages: unit vectors, shape (passages, dimension), those of the pairs first.
        ids: what is one row, shape (passages,).
        groups: what is one text, shape (passages,).
    """
    found = []
    for start in range(0, len(queries), 1024):
        block = slice(start, min(start + 1024, len(queries)))
        scores = queries[block] @ passages.T
        own = (ids[block, None] == ids) | (groups[block, None] == groups)
        reached = (queries[block] * fragments[block]).sum(dim=1, keepdim=True)
        found.append(1 + ((scores > reached) & ~own).sum(dim=1))
    return torch.cat(found)
