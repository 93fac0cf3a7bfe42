"""Defines a training run: all its settings in one frozen object, each declared once with range, help and unit."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...engine.encoders import name_problem
from ...engine.errors import TrainingError
from .fixed import CROPS
from .setting import check_all, setting, shortened

SAMPLINGS = ("mono", "cross", "hybrid")
# Stands for all languages that `languages` does not name.
OTHERS = "*"


def read_languages(listed: str) -> dict[str, float]:
    """`de,fr:3` as weights by language; all other languages get weight 0, unless `*` is named."""
    weights: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in listed.split(","))):
        code, colon, weight = part.partition(":")
        if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*|\*", code.strip()):
            raise ValueError(
                f"{shortened(code.strip())} is not a language code; give codes such as de,fr or de:3,fr:1."
            )
        try:
            weights[code.strip()] = float(weight) if colon else 1.0
        except ValueError:
            raise ValueError(f"{shortened(weight)} is not a weight; give codes such as de,fr or de:3,fr:1.") from None
    return {**weights, **({} if OTHERS in weights or not weights else {OTHERS: 0.0})}


def read_numbers(listed: str) -> tuple[float, ...]:
    """`0.2,0.8` as numbers."""
    try:
        return tuple(float(part) for part in listed.split(",") if part.strip())
    except ValueError:
        raise ValueError("It is a list of numbers such as 0.2,0.8.") from None


def _name_problem(name: str) -> str:
    return name_problem(name) if name else ""


def _weights_problem(weights: tuple[float, ...]) -> str:
    sound = all(0 <= weight < float("inf") for weight in weights) and (sum(weights) > 0 or not weights)
    return "" if sound else "None may be negative, and at least one must be positive."


def _languages_problem(weights: Mapping[str, float]) -> str:
    sound = all(0 <= weight < float("inf") for weight in weights.values()) and (any(weights.values()) or not weights)
    return "" if sound else "No weight may be negative, and at least one must be positive."


@dataclass(frozen=True)
class SourceConfig:
    """One set of training pairs and how a run uses it; each field describes its setting.

    Raises:
        TrainingError: a value is invalid.
    """

    path: str = setting(
        "", "A file, several joined by a comma, a folder, or hf:ID[:CONFIG[:SPLIT]].", option=None, place=True
    )
    language: str = setting("", "Language of rows that name none.", option=None)
    mono: float = setting(
        1.0,
        "Weight among the sources of mono batches; 0 excludes it, and bitext is always excluded.",
        low=0,
        high=10**6,
        option=None,
    )
    cross: float = setting(
        1.0, "Weight among the sources of cross batches; 0 excludes it.", low=0, high=10**6, option=None
    )
    include: Mapping[str, tuple[str, ...]] = setting(
        {},
        'Keep only rows whose field has one of these values, as { source = ["NTREX-128"] }.',
        option=None,
        empty="all",
    )
    crop: str = setting(
        "none",
        "Crop passages to whole sentences around the answer, or to its sentence alone.",
        choices=("none", *CROPS),
    )
    neighbourhood: float = setting(0.0, "Share of bitext passages with their neighbouring sentences.", low=0, high=1)
    spans: float = setting(0.0, "Share of bitext batches whose queries are parts of sentences.", low=0, high=1)
    negatives: str = setting(
        "none",
        "Hard negatives in the question's language: sentences beside the right one, or what the base finds.",
        choices=("none", "siblings", "mine"),
    )
    holdout: int = setting(
        0, "Keep every Nth passage out of training, by a digest of its text; 0 keeps none.", low=0, metavar="N"
    )

    def __post_init__(self) -> None:
        """Check every value."""
        check_all(self, f" of the source {self.path}" if isinstance(self.path, str) and self.path else "")


@dataclass(frozen=True)
class RunConfig:
    """One training run; each field describes its setting.

    Raises:
        TrainingError: a value is invalid.
    """

    name: str = setting(
        "",
        "Name of the result; with --batches all, the start of three names.",
        option="--out",
        metavar="NAME",
        label="Name",
        check=_name_problem,
    )
    base: str = setting(
        "base",
        "Encoder to start from: a name, folder or Hugging Face id.",
        label="Base encoder",
        metavar="NAME",
        place=True,
    )
    sources: tuple[SourceConfig, ...] = ()
    batches: str = setting("hybrid", "Languages in a batch.", choices=SAMPLINGS)
    alpha: float = setting(
        0.5, "Probability of a mono batch under hybrid.", low=0, high=1, label="α, the share of mono batches"
    )
    steps: int = setting(100, "Updates of the weights.", low=1, high=10**9, label="Steps")
    batch_size: int = setting(
        32, "Pairs in a batch, per process.", low=2, high=10**6, unit="pairs", label="Pairs in a batch"
    )
    pairing: str = setting(
        "example", "Languages of a cross pair drawn per pair or per batch.", choices=("example", "batch")
    )
    languages: Mapping[str, float] = setting(
        {},
        "Languages to train on, with their relative chances: de,fr:3; * stands for all others, which take part only "
        "where it is named.",
        metavar="CODES",
        empty="all",
        read=read_languages,
        check=_languages_problem,
    )
    temperature: float = setting(1 / 30, "Temperature of the softmax over cosines.", low=1e-4, high=100)
    distill: float = setting(
        0.0,
        "Share of the loss that is distilled from the untrained base's softmax over the batch; for cross batches, "
        "over the English texts where the rows have them.",
        low=0,
        high=1,
    )
    teacher: str = setting(
        "english",
        "What the base encodes to teach a cross batch: the English texts, or all translations, whose vectors are "
        "averaged after removing language means; each vector is then also pulled towards that mean.",
        choices=("english", "translations"),
    )
    semantic_weight: float = setting(0.0, "Semantic loss of arXiv 2210.06633 on bitext.", low=0, high=1000)
    language_weight: float = setting(0.0, "Language loss of arXiv 2210.06633 on bitext.", low=0, high=1000)
    learning_rate: float = setting(5e-4, "AdamW's peak learning rate; the default suits an adapter.", low=0, high=10)
    warmup_steps: int = setting(
        20, "Steps over which the learning rate rises, before it falls to 0.", low=0, high=10**9, unit="steps"
    )
    lora_rank: int = setting(
        32,
        "Train an adapter of this rank on every linear layer; 0 trains all weights of the layers instead.",
        low=0,
        high=4096,
        option="--lora",
        metavar="RANK",
    )
    lora_layers: int = setting(
        0,
        "Put the adapter on the first N layers only; 0 means all.",
        low=0,
        high=1000,
        metavar="N",
        unit="layers",
    )
    inject: int = setting(
        0,
        "Before the batches, pull translations of words together in the states of this layer (arXiv 2506.15415); 0 is "
        "off. The words come from bitext sources that take part in no batch (mono and cross 0).",
        low=0,
        high=1000,
        metavar="LAYER",
    )
    layer_weights: tuple[float, ...] = setting(
        (),
        "Pool a weighted mean of the last layers; the weight of the last layer comes last: 0.2,0.8.",
        metavar="WEIGHTS",
        read=read_numbers,
        check=_weights_problem,
    )
    precision: str = setting(
        "auto", "Precision of matrix products; weights stay in fp32.", choices=("auto", "fp32", "bf16")
    )
    device: str = setting("auto", "Device to train on.", choices=("auto", "cpu", "cuda", "mps"))
    passage_tokens: int = setting(72, "Most tokens of a passage, prompt included.", low=4, high=10**6, unit="tokens")
    gradient_cache: int = setting(
        0,
        "Hold the activations of N texts at once; 0 holds the whole batch.",
        low=0,
        high=10**6,
        unit="texts",
        metavar="N",
    )
    validation: str = setting(
        "",
        "A benchmark to choose by: a file, a folder, or held-out for rows of the data themselves.",
        metavar="BENCHMARK",
        place=True,
    )
    validation_questions: int = setting(150, "How many of its questions are used.", low=1, high=10**9)
    validate_every: int = setting(
        0,
        "Steps between validations; 0 validates before and after only.",
        low=0,
        high=10**9,
        unit="steps",
        metavar="STEPS",
    )
    select: str = setting(
        "mean",
        "Validation score to choose weights by; `last` takes the last weights, so that runs have equal numbers of "
        "updates.",
        choices=("mean", "mono", "cross", "multi", "last"),
    )
    average: float = setting(
        1.0, "Interpolate between base (0) and trained weights (1); 0 chooses the share on validation.", low=0, high=2
    )
    protect: tuple[str, ...] = setting(
        (), "Exclude training rows that overlap this benchmark.", metavar="BENCHMARK", place=True
    )
    allow_overlap: bool = setting(False, "Train on overlapping rows nevertheless; the model card says so.")
    checkpoint_every: int = setting(
        50, "Steps between checkpoints; 0 writes none.", low=0, high=10**9, unit="steps", metavar="STEPS"
    )
    seed: int = setting(0, "Random seed of everything drawn.", low=0, high=2**32 - 1, label="Seed")

    def __post_init__(self) -> None:
        """Check every value."""
        check_all(self)
        if not all(isinstance(source, SourceConfig) for source in self.sources):
            raise TrainingError("sources must be a list of tables.", hint="Write a [[sources]] table for each.")

        if self.inject and self.full:
            raise TrainingError("Word injection (--inject) needs an adapter.", hint="Use --lora.")

    @property
    def full(self) -> bool:
        """Whether the layers' own weights are trained instead of an adapter."""
        return self.lora_rank == 0

    @property
    def only_languages(self) -> tuple[str, ...]:
        """The only languages to train on; empty means all."""
        if not self.languages or self.languages.get(OTHERS, 0.0) > 0:
            return ()
        return tuple(code for code, weight in self.languages.items() if weight > 0)

    @property
    def language_weights(self) -> dict[str, float]:
        """Chances of the named languages, relative to 1 for all others where these take part."""
        others = self.languages.get(OTHERS, 0.0) or 1.0
        return {code: weight / others for code, weight in self.languages.items() if code != OTHERS}

    def replace(self, **changes: Any) -> RunConfig:
        """A copy with some values changed."""
        return dataclasses.replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as in a recipe file or a model card."""
        return dataclasses.asdict(self)
