"""Fits the affine map behind a trained encoder: short texts are found, and languages agree.

Contrastive training sees whole sentences; a fragment such as "I." or a lone name then lies far from every question,
below thousands of passages about something else. And what one language's vector of a sentence misses, another's has:
the mean of a question's translations finds more than each of them. The map is fitted with the encoder frozen, on
vectors made once. Fragments of passages are to be found by the questions of these passages (InfoNCE over fragments and
whole passages); every question's softmax over whole passages stays as it is (Kullback-Leibler divergence to before),
and becomes what the means over translations have (the same, to a softmax over means).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ...engine.encoders import Encoder, Vectors
from ...engine.progress import OnStage
from ..data import Sentences
from ..measure import encode
from ..settings import CalibrationSettings, RunConfig
from .translations import agreed, draw_pairs, embed, named


@dataclass(frozen=True)
class Material:
    """Unit vectors, shape (rows, dimension); fragment i is of passage i, which answers query i.

    Attributes:
        queries: those of the pairs first, then their translations.
        fragments: a row for every pair.
        passages: whole ones: those of the pairs first, then hard negatives, then translations of the pairs'.
        agreed_queries, agreed_passages: for each of these the mean over its pair's translations, itself among them.
        identities, groups: of each passage, -1 for negatives: what is one row, and one text.
    """

    queries: Vectors
    fragments: Vectors
    passages: Vectors
    agreed_queries: Vectors
    agreed_passages: Vectors
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
    settings: CalibrationSettings,
    progress: OnStage | None = None,
    sentences: Sentences | None = None,
) -> Material:
    """Draw pairs by a run's own sampling and embed them: whole, as fragments, and in other languages.

    Args:
        config: the run's sources, sampling and seed.
        encoder: the one to calibrate.
        settings: how many.
        progress: called with `queries`, `fragments` or `passages`, texts done and in all.
        sentences: spans of sentences; the engine's where not given.

    Raises:
        DataError: data that cannot be read, or too few pairs.
    """
    pairs = draw_pairs(config, settings.pairs, settings.translations if settings.agree else 0, sentences)
    asked, found = embed(encoder, pairs, progress)
    none = [-1] * len(pairs.negatives)
    return Material(
        asked,
        encode(encoder, "pool", pairs.fragments, named("fragments", progress)),
        found,
        *agreed(pairs, asked, found),
        *(
            np.array(own + none + [own[pair] for pair in pairs.passages.of], dtype=np.int64)
            for own in (pairs.identities, pairs.groups)
        ),
    )


def fit_map(
    material: Material, temperature: float, seed: int, settings: CalibrationSettings | None = None
) -> Calibrated:
    """Fit the map, from the identity, and go `share` of the way to it.

    On validation half of it does most of what the whole does for fragments, and costs whole passages next to nothing.

    Args:
        material: vectors of the frozen encoder.
        temperature: of the softmax in which fragments are found, as in training.
        seed: of the draws.
        settings: how.
    """
    settings = settings or CalibrationSettings()
    generator = torch.Generator().manual_seed(seed)
    queries, fragments, passages, agreed_queries, agreed_passages = (
        torch.from_numpy(np.ascontiguousarray(part, dtype=np.float32))
        for part in (
            material.queries,
            material.fragments,
            material.passages,
            material.agreed_queries,
            material.agreed_passages,
        )
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
            found = fragment_ranks(mapped(queries[: len(fragments)]), mapped(fragments), mapped(passages), ids, groups)
        return float(found.median())

    before = median_rank()
    optimiser = torch.optim.Adam([weight, bias], lr=settings.learning_rate)
    for step in range(settings.steps):
        optimiser.param_groups[0]["lr"] = settings.learning_rate * (1 - step / settings.steps)
        rows = _apart(drawn(len(fragments), len(fragments)), ids, groups, settings.size)
        asked = drawn(len(queries), settings.size)
        others = drawn(len(passages), 4 * settings.size)
        whole = mapped(passages[others])
        candidates = torch.cat([mapped(fragments[rows]), whole])
        scores = mapped(queries[rows]) @ candidates.T / temperature
        own = (ids[rows, None] == ids[others]) | (groups[rows, None] == groups[others])
        scores[:, len(rows) :] = scores[:, len(rows) :].masked_fill(own, -torch.inf)
        found = functional.cross_entropy(scores, torch.arange(len(rows)))
        scores = mapped(queries[asked]) @ whole.T
        kept = _divergence(scores, queries[asked] @ passages[others].T, settings.keep_temperature)
        loss = found + settings.keep * kept
        if settings.agree:
            wanted = agreed_queries[asked] @ agreed_passages[others].T
            loss = loss + settings.agree * _divergence(scores, wanted, settings.agree_temperature)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        weight.lerp_(torch.eye(dimension), 1 - settings.share)
        bias.mul_(settings.share)
    return Calibrated(weight.detach().numpy(), bias.detach().numpy(), before, median_rank(), len(passages))


def _divergence(scores: Tensor, wanted: Tensor, temperature: float) -> Tensor:
    """The mean Kullback-Leibler divergence from the softmax of `wanted` to that of `scores`, both shape (n, m)."""
    return functional.kl_div(
        functional.log_softmax(scores / temperature, dim=1),
        functional.log_softmax(wanted / temperature, dim=1),
        log_target=True,
        reduction="batchmean",
    )


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
