"""Draws pairs by a run's sampling, with their translations, and computes the mean vector over a pair's languages.

The mean over translations finds more than the vector of any one language.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...engine.encoders import Encoder, Vectors
from ...engine.progress import OnStage
from ..data import Sentences, fragment, prepare
from ..measure import encode
from ..settings import RunConfig


@dataclass
class Side:
    """The questions or the passages of all pairs, and their translations.

    Attributes:
        own: a text for each pair.
        others: translations.
        of: the number of each translation's pair.
    """

    own: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    of: list[int] = field(default_factory=list)

    def add(self, own: Sequence[str], others: Sequence[Sequence[str]]) -> None:
        """Add the texts of a batch."""
        for pair, texts in enumerate(others, len(self.own)):
            self.others += texts
            self.of += [pair] * len(texts)
        self.own += own

    def pairs(self) -> NDArray[np.int64]:
        """The number of the pair of each text: own texts first, then translations."""
        return np.array([*range(len(self.own)), *self.of], dtype=np.int64)

    def means(self, vectors: Vectors) -> Vectors:
        """For each vector, own texts first, then translations: the unit mean over the vectors of its pair."""
        sums = np.zeros((len(self.own), vectors.shape[1]), dtype=np.float32)
        np.add.at(sums, self.pairs(), vectors)
        means: Vectors = (sums / np.linalg.norm(sums, axis=1, keepdims=True))[self.pairs()]
        return means


@dataclass
class Pairs:
    """Pairs that were drawn.

    Attributes:
        queries, passages: texts of the pairs in their drawn languages and in others.
        fragments: a few words of each pair's own passage.
        negatives: hard negatives of all pairs.
        identities, groups: numbers of each pair's row and passage, never negative.
    """

    queries: Side = field(default_factory=Side)
    passages: Side = field(default_factory=Side)
    fragments: list[str] = field(default_factory=list)
    negatives: list[str] = field(default_factory=list)
    identities: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)


def draw_pairs(config: RunConfig, count: int, translations: int, sentences: Sentences | None = None) -> Pairs:
    """Draw whole batches by a run's own sampling until there are at least `count` pairs.

    Args:
        config: the run's sources, sampling and seed.
        count: the least number of pairs.
        translations: further languages for each side of a pair of a cross batch.
        sentences: returns spans of sentences; the engine's splitter by default.

    Raises:
        DataError: data cannot be read.
    """
    data = prepare(config.replace(distill=0.0), sentences=sentences)
    pairs = Pairs()
    for number in range(-(-count // config.batch_size)):
        batch = data.batches.batch(number)
        texts = data.assembler.texts(batch)
        others = data.assembler.translations(batch, translations, config.language_weights)
        generator = random.Random(f"{config.seed}/calibration/{number}")
        pairs.queries.add(texts.queries, [asked for asked, _ in others])
        pairs.passages.add(texts.passages, [read for _, read in others])
        pairs.negatives += texts.negatives
        for pick, passage in zip(batch.picks, texts.passages, strict=True):
            pairs.fragments.append(fragment(passage, pick.passage, generator))
            pairs.identities.append(_signed(data.pools[pick.source].ids[pick.row]))
            pairs.groups.append(_signed(data.pools[pick.source].groups[pick.row]))
    return pairs


def embed(encoder: Encoder, pairs: Pairs, progress: OnStage | None = None) -> tuple[Vectors, Vectors]:
    """Unit vectors of all queries, and of all passages: the pairs' own, then the negatives, then the translations."""
    texts = [*pairs.passages.own, *pairs.negatives, *pairs.passages.others]
    found = encode(encoder, "pool", texts, named("passages", progress))
    return encode(encoder, "queries", [*pairs.queries.own, *pairs.queries.others], named("queries", progress)), found


def agreed(pairs: Pairs, asked: Vectors, found: Vectors) -> tuple[Vectors, Vectors]:
    """For each vector of `embed`, the mean over its pair's languages; a negative's mean is the vector itself."""
    own, wrong = len(pairs.passages.own), len(pairs.negatives)
    right = np.r_[np.arange(own), np.arange(own + wrong, len(found))]
    means = found.copy()
    means[right] = pairs.passages.means(found[right])
    return pairs.queries.means(asked), means


def named(kind: str, progress: OnStage | None) -> OnStage | None:
    """Progress with another name for its stage."""
    return (lambda _, done, total: progress(kind, done, total)) if progress is not None else None


def _signed(digest: np.uint64) -> int:
    """A digest as a non-negative integer; -1 stands for none."""
    return int(digest) >> 1
