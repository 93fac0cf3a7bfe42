"""Targeted lexical injection (arXiv 2506.15415): pulls translations of words together in the states of an early layer.

Before the batches, the adapter is trained on pairs of words or names with the same meaning, by a contrastive loss on
the mean of an early layer's states over the tokens of each word. Only the layers up to that one are trained.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ....engine.errors import DataError, TrainingError
from ....engine.files import replacing_file
from ...data import RunData
from ...settings import RunConfig, fixed
from ..model import layer_count, load_weights, multiplying, prompt_of, save_weights, trainable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Pairs of held-out rows that are measured before and after.
_MEASURED = 256
_BATCH = 64


class WordPair(NamedTuple):
    """A word and its translation."""

    left: str
    right: str


def inject(
    model: SentenceTransformer,
    config: RunConfig,
    data: RunData,
    stored: Path,
    tell: Callable[[dict[str, Any]], None],
    autocast: torch.dtype | None = None,
) -> None:
    """Train the adapter on word pairs, or load the weights that an interrupted run stored.

    Args:
        model: with its adapter.
        config: `inject` is the layer, from 1.
        data: the words come from bitext sources that take part in no batch.
        stored: the file of the weights, for a run that is resumed.
        tell: called with an event that has the similarity of held-out pairs before and after.
        autocast: the precision of matrix products, None for fp32.

    Raises:
        TrainingError: the base does not have the layer, or its states are not available.
        DataError: no source has words.
    """
    if stored.is_file():
        load_weights(model, stored)
        return
    layers = _layers(model)
    if config.inject > layers:
        raise TrainingError(
            f"Words cannot be put into layer {config.inject}: the base has {layers} layers.",
            hint=f"Use --inject with 1 to {layers}.",
        )
    measured, batches = _pairs(config, data)
    before = likeness(model, measured, config.inject, autocast)
    parameters = list(trainable(model).values())
    optimiser = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=fixed.WEIGHT_DECAY)
    warm = max(1, min(config.warmup_steps, fixed.INJECT_STEPS))
    for step in range(fixed.INJECT_STEPS):
        rate = config.learning_rate * min(1.0, (step + 1) / warm) * (1 - step / fixed.INJECT_STEPS)
        for group in optimiser.param_groups:
            group["lr"] = rate
        drawn = next(batches)
        left = pooled(model, [pair.left for pair in drawn], config.inject, autocast)
        right = pooled(model, [pair.right for pair in drawn], config.inject, autocast)
        scores = left @ right.T / fixed.INJECT_TEMPERATURE
        truth = torch.arange(len(drawn), device=scores.device)
        loss = (functional.cross_entropy(scores, truth) + functional.cross_entropy(scores.T, truth)) / 2
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, fixed.CLIP)
        optimiser.step()
    with replacing_file(stored) as partial:
        save_weights(model, partial)
    after = likeness(model, measured, config.inject, autocast)
    tell({"event": "injection", "layer": config.inject, "steps": fixed.INJECT_STEPS, "before": before, "after": after})


def pooled(model: SentenceTransformer, words: Sequence[str], layer: int, autocast: torch.dtype | None = None) -> Tensor:
    """Unit means of a layer's states over the tokens of each word, encoded as a query, shape (words, dimension).

    Args:
        model: any encoder with a transformer.
        words: at least one.
        layer: from 1; the states of the last layer are those pooled for search.
        autocast: the precision of matrix products, None for fp32.
    """
    backbone = model.transformers_model
    assert backbone is not None
    prompt = prompt_of(model, "query")
    tokens = model.tokenizer(
        [prompt + word for word in words],
        truncation=True,
        max_length=fixed.QUERY_TOKENS,
        padding=True,
        return_tensors="pt",
    ).to(model.device)
    with multiplying(model.device.type, autocast):
        states = backbone(**tokens, output_hidden_states=True).hidden_states[layer].float()
    mask = tokens["attention_mask"][..., None].to(states.dtype)
    return functional.normalize((states * mask).sum(dim=1) / mask.sum(dim=1), dim=-1)


def likeness(
    model: SentenceTransformer, pairs: Sequence[WordPair], layer: int, autocast: torch.dtype | None = None
) -> dict[str, float]:
    """The similarity of translations, and of other pairs of words, at a layer and at the output.

    In an anisotropic space unrelated words are similar, too; so the result includes the mean cosine of all other pairs
    and the share of words that find their translation.

    Returns:
        `layer`, `output`: the mean cosine of translations; `layer_others`, `output_others`: that of all other pairs;
        `layer_found`, `output_found`: the share of words whose translation is nearest.
    """
    found: dict[str, float] = {}
    for name, place in (("layer", layer), ("output", _layers(model))):
        with torch.no_grad():
            left = pooled(model, [pair.left for pair in pairs], place, autocast)
            right = pooled(model, [pair.right for pair in pairs], place, autocast)
        scores = left @ right.T
        own = scores.diagonal()
        others = (scores.sum() - own.sum()) / max(1, scores.numel() - len(own))
        nearest = (scores.argmax(dim=1) == torch.arange(len(own), device=own.device)).float().mean()
        found |= {name: float(own.mean()), f"{name}_others": float(others), f"{name}_found": float(nearest)}
    return {name: round(value, 6) for name, value in found.items()}


def _layers(model: SentenceTransformer) -> int:
    layers = layer_count(model)
    if not layers:
        raise TrainingError("Words cannot be put into this base: the states of its layers cannot be read.")
    return layers


def _pairs(config: RunConfig, data: RunData) -> tuple[list[WordPair], Iterator[list[WordPair]]]:
    """Pairs of held-out rows to measure on, and an endless iterator of batches to train on."""
    rows: list[tuple[int, int]] = []
    kept_out: list[tuple[int, int]] = []
    weights: list[float] = []
    for place, (corpus, source, pool) in enumerate(zip(data.corpora, config.sources, data.pools, strict=True)):
        if not corpus.bitext or source.mono or source.cross:
            continue
        several = np.flatnonzero(pool.question.counts() > 1)
        used = several[pool.keep[several]]
        rows += [(place, int(row)) for row in used]
        weights += [1 / max(1, len(used))] * len(used)
        # A source without held-out rows is measured on its training rows.
        spare = several[~pool.keep[several]]
        kept_out += [(place, int(row)) for row in (spare if len(spare) else used)]
    if len(rows) < 2:
        raise DataError(
            "No source has words to put into an early layer.",
            hint="Give bitext of words or names, with mono and cross 0.",
        )
    generator = random.Random(f"{config.seed}/inject")
    measured = [_pair(data, *row, generator) for row in generator.sample(kept_out, min(_MEASURED, len(kept_out)))]

    def drawn() -> Iterator[list[WordPair]]:
        while True:
            # A repeated row would be a false negative of itself.
            chosen = dict.fromkeys(generator.choices(rows, weights, k=4 * _BATCH))
            yield [_pair(data, place, row, generator) for place, row in list(chosen)[:_BATCH]]

    return measured, drawn()


def _pair(data: RunData, place: int, row: int, generator: random.Random) -> WordPair:
    pool, corpus = data.pools[place], data.corpora[place]
    codes = [pool.languages[code] for code in pool.question.of(row)]
    left, right = generator.sample(codes, 2)
    texts = [corpus.question.text(row, corpus.language(code)) for code in (left, right)]
    return WordPair(*(text or "" for text in texts))
