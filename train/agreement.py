"""A trained adapter taught by the means over translations: each language ranks as all of them do together.

The frozen encoder is its own teacher (self-distillation). Of drawn pairs, questions and passages are read in several
languages, and the mean of a text's vectors over its languages is what each of them is to come to: a question's softmax
over the means of all passages is drawn towards the one that the mean over its translations has, and so a passage's over
questions. The means are made once; only the texts of an update pass through the encoder, so every update has thousands
of candidates for the price of a few texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..engine.encoders.protocol import Encoder, Vectors
from ..engine.errors import DataError
from .config import RunConfig
from .model import by_tokens, choose_device, choose_precision, load_base, make_trainable, pool_over, prompt_of
from .outcome import load_adapter
from .translated import Pairs, Progress, Side, agreed, draw_pairs, embed

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Tokens that pass through the encoder at once, padding included.
_BUDGET = 1500


@dataclass(frozen=True)
class Settings:
    """How an adapter is taught.

    Attributes:
        pairs: of a question and a passage that are drawn, by the run's own sampling.
        translations: languages besides a pair's own in which its question and passage are read, in cross batches.
        steps: updates, by AdamW with a rate that rises over a tenth of them and then falls to 0.
        learning_rate: the highest.
        size: questions, and as many passages, in an update.
        temperature: of the softmax, the teacher's and the student's.
    """

    pairs: int = 4800
    translations: int = 4
    steps: int = 60
    learning_rate: float = 3e-4
    size: int = 96
    temperature: float = 0.02


@dataclass(frozen=True)
class Lesson:
    """One side of the pairs as it is taught.

    Attributes:
        texts: of the side, each in its language.
        wanted: for each of them the mean over its pair's languages, unit vectors, shape (texts, dimension).
        by_pair: for each pair its texts.
        bank: the other side's means, shape (candidates, dimension).
        kind: `query` or `document`.
        tokens: the most of a text.
    """

    texts: Sequence[str]
    wanted: Vectors
    by_pair: Sequence[Sequence[int]]
    bank: Vectors
    kind: str
    tokens: int


@dataclass(frozen=True)
class Taught:
    """What teaching did.

    Attributes:
        first, last: mean divergence from the teacher in the first and in the last tenth of the updates, in nats.
    """

    first: float
    last: float


def prepare_lessons(
    config: RunConfig, encoder: Encoder, settings: Settings, progress: Progress | None = None
) -> tuple[Lesson, Lesson]:
    """Draw and embed what the encoder is to be taught: questions against passages, and passages against questions.

    Raises:
        DataError: data that cannot be read, too few pairs, or none with a translation.
    """
    pairs = draw_pairs(config, settings.pairs, settings.translations)
    if not pairs.queries.of and not pairs.passages.of:
        raise DataError(
            f"{config.batches} batches of these data hold no translations: there is nothing to agree on.",
            hint="Mono batches have none. Draw cross or hybrid batches, from parallel data or bitext.",
        )
    asked, found = embed(encoder, pairs, progress)
    return lessons(config, pairs, asked, found)


def lessons(config: RunConfig, pairs: Pairs, asked: Vectors, found: Vectors) -> tuple[Lesson, Lesson]:
    """What is taught of pairs whose texts have these vectors (see `embed`)."""
    own, wrong = len(pairs.passages.own), len(pairs.negatives)
    wanted_queries, wanted_passages = agreed(pairs, asked, found)
    right = np.r_[np.arange(own), np.arange(own + wrong, len(found))]
    return (
        Lesson(
            [*pairs.queries.own, *pairs.queries.others],
            wanted_queries,
            _by_pair(pairs.queries),
            wanted_passages[: own + wrong],
            "query",
            config.query_tokens,
        ),
        Lesson(
            [*pairs.passages.own, *pairs.passages.others],
            wanted_passages[right],
            _by_pair(pairs.passages),
            wanted_queries[:own],
            "document",
            config.passage_tokens,
        ),
    )


def _by_pair(side: Side) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in side.own]
    for text, pair in enumerate(side.pairs().tolist()):
        found[pair].append(text)
    return found


def start(config: RunConfig, folder: Path) -> SentenceTransformer:
    """The base with a trained adapter on it that can be trained further, pooled as the finished encoder is.

    Args:
        config: base, rank, scale, layer weights and device; see `outcome.adapter_config`.
        folder: of the adapter.
    """
    device = choose_device(config.device)
    model, _ = load_base(config.base, device=device)
    make_trainable(model, config, choose_precision(config.precision, device))
    load_adapter(model, folder)
    pool_over(model, config.layer_weights)
    return model


def teach(
    model: SentenceTransformer,
    given: Sequence[Lesson],
    settings: Settings,
    config: RunConfig,
    progress: Callable[[int, float], None] | None = None,
) -> Taught:
    """Train what can be trained of the model.

    Args:
        model: see `start`.
        given: of both sides.
        settings: how.
        config: precision, clipping, weight decay and seed.
        progress: called with updates done and the divergence of the last.
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=settings.learning_rate, weight_decay=config.weight_decay)
    generator = np.random.default_rng([config.seed, 1])
    rising = max(1, settings.steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: (
            (step + 1) / rising if step < rising else (settings.steps - step) / max(1, settings.steps - rising)
        ),
    )
    banks = [torch.from_numpy(lesson.bank).to(model.device) for lesson in given]
    losses = []
    model.train()
    for step in range(settings.steps):
        loss = torch.zeros((), device=model.device)
        for lesson, bank in zip(given, banks, strict=True):
            drawn = _draw(lesson, settings.size, generator)
            vectors = _embedded(model, lesson, drawn, config)
            wanted = torch.from_numpy(lesson.wanted[drawn]).to(model.device)
            loss = loss + divergence(vectors @ bank.T, wanted @ bank.T, settings.temperature)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, config.clip or math.inf)
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if progress is not None:
            progress(step + 1, losses[-1])
    return Taught(float(np.mean(losses[:rising])), float(np.mean(losses[-rising:])))


def _draw(lesson: Lesson, size: int, generator: np.random.Generator) -> list[int]:
    """Texts of different pairs, each in one of its languages: a mono pair counts as much as one in many."""
    chosen = generator.permutation(len(lesson.by_pair))[:size]
    return [int(generator.choice(lesson.by_pair[pair])) for pair in chosen]


def _embedded(model: SentenceTransformer, lesson: Lesson, drawn: Sequence[int], config: RunConfig) -> Tensor:
    """Unit vectors of some of a lesson's texts, with gradients."""
    prompt = prompt_of(model, lesson.kind)
    device = model.device.type
    autocast = choose_precision(config.precision, device)
    ids: list[list[int]] = model.tokenizer(
        [prompt + lesson.texts[text] for text in drawn], truncation=True, max_length=lesson.tokens
    )["input_ids"]
    parts, order = [], []
    for part in by_tokens([len(row) for row in ids], _BUDGET):
        batch: dict[str, Any] = model.tokenizer.pad({"input_ids": [ids[row] for row in part]}, return_tensors="pt")
        with torch.autocast(device, dtype=autocast) if autocast is not None else nullcontext():
            found = model({key: value.to(model.device) for key, value in batch.items()})["sentence_embedding"]
        parts.append(found.float())
        order += part
    return functional.normalize(torch.cat(parts)[torch.tensor(order).argsort()], dim=-1)


def divergence(scores: Tensor, wanted: Tensor, temperature: float) -> Tensor:
    """The mean Kullback-Leibler divergence from the softmax of `wanted` to that of `scores`, both shape (n, m)."""
    return functional.kl_div(
        functional.log_softmax(scores / temperature, dim=1),
        functional.log_softmax(wanted / temperature, dim=1),
        log_target=True,
        reduction="batchmean",
    )
