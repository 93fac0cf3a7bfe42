"""Fits the affine map behind a trained encoder, so that short texts are found and languages agree.

Contrastive training uses whole sentences, so a fragment such as "I." or a lone name ranks below thousands of unrelated
passages for every question. And the mean vector of a question's translations finds more than the vector of any one.
The map is fitted on vectors of the frozen encoder, with three losses: a passage's fragment should be found by the
passage's question (InfoNCE over fragments and whole passages); each question's softmax over whole passages should stay
as it was (Kullback-Leibler divergence from the original), and agree with the softmax of means over translations (the
same divergence).
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
    """Unit vectors, shape (rows, dimension); fragment i is cut from passage i, which answers query i.

    Attributes:
        queries: queries of the pairs, then their translations.
        fragments: a row for every pair.
        passages: whole passages of the pairs, then hard negatives, then translations of the pairs' passages.
        agreed_queries, agreed_passages: for each query and passage, the mean over its translations and itself.
        identities, groups: for each passage, numbers of its row and its text; -1 for negatives.
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
        before, after: median rank of a fragment for its question, among all whole passages except its own.
        passages: the number of whole passages.
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
        settings: how many pairs and translations.
        progress: called with `queries`, `fragments` or `passages`, texts done and their total.
        sentences: returns spans of sentences; the engine's splitter by default.

    Raises:
        DataError: data cannot be read, or there are too few pairs.
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
    """Fit the map, starting from the identity, then interpolate between the identity and it by `share`.

    On validation, half of the map helps fragments nearly as much as the whole and hardly costs whole passages.

    Args:
        material: vectors of the frozen encoder.
        temperature: temperature of the softmax over fragments and passages, as in training.
        seed: for the draws.
        settings: how the map is fitted.
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
    """The first `count` rows in an order, skipping rows whose id or text has occurred."""
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
    """The rank of each pair's fragment for its query among all passages except the pair's own, shape (pairs,).

    Args:
        queries: unit vectors, shape (pairs, dimension).
        fragments: the same.
        passages: unit vectors, shape (passages, dimension), those of the pairs first.
        ids: numbers of the passages' rows, shape (passages,).
        groups: numbers of the passages' texts, shape (passages,).
    """
    found = []
    for start in range(0, len(queries), 1024):
        block = slice(start, min(start + 1024, len(queries)))
        scores = queries[block] @ passages.T
        own = (ids[block, None] == ids) | (groups[block, None] == groups)
        reached = (queries[block] * fragments[block]).sum(dim=1, keepdim=True)
        found.append(1 + ((scores > reached) & ~own).sum(dim=1))
    return torch.cat(found)
