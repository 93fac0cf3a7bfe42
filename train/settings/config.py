"""What a training run is: all choices in one frozen value, shared by recipes, command line and model card."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from ...engine.errors import DataError, TrainingError

SAMPLINGS = ("mono", "cross", "hybrid")


@dataclass(frozen=True)
class SourceConfig:
    """One set of training pairs and how it takes part in a run.

    Attributes:
        path: a file, several files joined by a comma, a folder, or `hf:ID[:CONFIG[:SPLIT]]`.
        format: `auto` or the name of a reader (see `train.readers`).
        language: the language of rows that name none.
        mono: its weight among the sources of a mono batch; 0 keeps it out. Bitext never takes part in mono batches,
            where a sentence would be its own answer.
        cross: its weight among the sources of a cross batch; 0 keeps it out.
        siblings: whether, with `negatives = "siblings"`, what stands beside its passages is a hard negative.
        include: keep only rows whose field has one of these values, as `{"source": ["NTREX-128"]}`.
        exclude: leave out rows whose field has one of these values.
        crop: `answer` crops a passage to whole sentences around the answer where the row carries one.
        crop_tokens: widths of that window in tokens, one drawn per pair; 0 is the answer's sentence alone.
        apart: take parallel passages apart into sentences, as bitext (see `train.apart`).
        neighbourhood: the share of bitext pairs whose passage is the translation with its neighbouring sentences.
        spans: the share of bitext batches whose questions are parts of sentences; their passages stay whole.
        holdout: one passage in this many is kept out of training, chosen by a digest of its text; 0 keeps none.
    """

    path: str
    format: str = "auto"
    language: str = ""
    mono: float = 1.0
    cross: float = 1.0
    siblings: bool = True
    include: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    crop: str = ""
    crop_tokens: tuple[int, ...] = (0, 0, 25, 50)
    apart: bool = False
    neighbourhood: float = 0.0
    spans: float = 0.0
    holdout: int = 0


@dataclass(frozen=True)
class RunConfig:
    """One training run.

    Attributes:
        name: the name under which the result is registered.
        base: the encoder to start from: `base` (the bundled one), a folder, or a Hugging Face id.
        sources: the training pairs.
        batches: the sampling: `mono`, `cross` or `hybrid`.
        alpha: the probability of a mono batch under `hybrid`.
        steps: updates of the weights.
        batch_size: pairs in a batch, per process.
        cross_batch_size: pairs in a cross batch where it differs; 0 is `batch_size`.
        mono_mix, cross_mix: whether the source is drawn for each `example` or for a whole `batch`.
        mono_languages: `uniform`, `proportional`, or an exponent between: P(language) grows with count ** exponent.
        cross_languages: `row` draws the row and then two of its languages; otherwise as `mono_languages`, over pairs.
        pairing: languages of a cross pair are drawn per `example` or per `batch`.
        languages: train on these only; empty is all.
        language_weights: relative chances of languages, 1 where not named.
        languages_per_batch: a cross batch draws from this many languages, a new choice each time; 0 is all.
        temperature: of the softmax over cosines.
        symmetric: also rank queries for each passage: `never`, `cross` batches only, or `always`.
        distill: the share of the loss in which the batch's order is learnt from the untrained base instead of from the
            pairs alone: its own softmax over the batch, of the English texts of a cross batch where the rows have them.
        distill_temperature: of that softmax.
        anchor: weight of the distance to the base's vectors of the English texts, in cross batches (arXiv 2004.09813).
        semantic_weight, language_weight: weights of the losses of arXiv 2210.06633 on bitext batches; 0 is off.
        learning_rate, warmup_steps, schedule, weight_decay, clip: AdamW, with a rise to the rate and a `linear` or
            `cosine` fall to 0, or none (`constant`); `clip` bounds the gradient's norm.
        lora_rank: the rank of the adapter on every linear layer; 0 trains all weights of the layers.
        lora_alpha: its scale; 0 is the rank, so that the update is added as it is.
        layer_weights: of the outputs of the last layers, the last one's last: the finished encoder pools tokens over
            their mean under these weights, while in training they are pooled as the base does; empty changes nothing.
        train_embeddings: with `lora_rank` 0, train the token table, too.
        dropout: of the base's layers while training.
        precision: `auto`, `fp32` or `bf16` (autocast; weights stay in fp32).
        device: `auto`, `cpu`, `cuda` or `mps`.
        query_tokens, passage_tokens: the most tokens of a text, prompt included.
        gradient_cache: pairs whose activations are held at once; 0 holds the whole batch.
        negatives: `none`, or hard negatives in the query's language: `siblings`, the sentence beside the right one, or
            `mine`, what the base finds.
        negatives_per_query, negatives_margin, negatives_rows: how many, how far below the positive's cosine a negative
            has to stay, and how many rows of a source and language are searched.
        validation: a benchmark to choose by: a file, a folder, or `held-out` for rows of the sources themselves.
        validation_questions: how many of its questions are used.
        validate_every: steps between validations; 0 validates before and after only.
        patience: validations without gain before the run stops; 0 never stops early.
        select: the score to choose by: `mean` (of mono, cross and multi), `mono`, `cross`, `multi`; `last` takes the
            last weights whatever the scores, so that several runs have as many updates.
        average: how far the result goes from the base to the tuned weights; 0 chooses on validation.
        merge: write a whole SentenceTransformer folder even where an adapter would do.
        protect: benchmarks whose rows must not be trained on.
        allow_overlap: train on them nevertheless; written into the model card.
        checkpoint_every: steps between checkpoints; 0 writes none.
        broken_rows: how many rows of one file may be broken.
        seed: of everything that is drawn.
    """

    name: str = ""
    base: str = "base"
    sources: tuple[SourceConfig, ...] = ()
    batches: str = "hybrid"
    alpha: float = 0.5
    steps: int = 100
    batch_size: int = 32
    cross_batch_size: int = 0
    mono_mix: str = "example"
    cross_mix: str = "batch"
    mono_languages: str = "uniform"
    cross_languages: str = "row"
    pairing: str = "example"
    languages: tuple[str, ...] = ()
    language_weights: Mapping[str, float] = field(default_factory=dict)
    languages_per_batch: int = 0
    temperature: float = 1 / 30
    symmetric: str = "never"
    distill: float = 0.0
    distill_temperature: float = 0.02
    anchor: float = 0.0
    semantic_weight: float = 0.0
    language_weight: float = 0.0
    learning_rate: float = 5e-4
    warmup_steps: int = 20
    schedule: str = "linear"
    weight_decay: float = 0.01
    clip: float = 1.0
    lora_rank: int = 32
    lora_alpha: int = 0
    layer_weights: tuple[float, ...] = ()
    train_embeddings: bool = False
    dropout: float = 0.0
    precision: str = "auto"
    device: str = "auto"
    query_tokens: int = 40
    passage_tokens: int = 72
    gradient_cache: int = 0
    negatives: str = "none"
    negatives_per_query: int = 1
    negatives_margin: float = 0.05
    negatives_rows: int = 5000
    validation: str = ""
    validation_questions: int = 150
    validate_every: int = 0
    patience: int = 0
    select: str = "mean"
    average: float = 1.0
    merge: bool = False
    protect: tuple[str, ...] = ()
    allow_overlap: bool = False
    checkpoint_every: int = 50
    broken_rows: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every value.

        Raises:
            TrainingError: a value that cannot be, with what it may be.
        """
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise TrainingError(f"{name} is {getattr(self, name)!r}.", hint=f"It is one of {', '.join(allowed)}.")
        for name, (low, high) in _RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise TrainingError(f"{name} is {getattr(self, name)}.", hint=f"It lies between {low:g} and {high:g}.")
        if self.select == "last" and self.patience:
            raise TrainingError("select = last and patience exclude each other.", hint="Take one of them away.")
        if self.layer_weights and not (
            all(0 <= weight < math.inf for weight in self.layer_weights) and sum(self.layer_weights) > 0
        ):
            raise TrainingError(
                f"layer_weights are {', '.join(f'{weight:g}' for weight in self.layer_weights)}.",
                hint="None may be below zero, and one has to be above.",
            )
        smoothing(self.mono_languages)
        if self.cross_languages != "row":
            smoothing(self.cross_languages)
        for source in self.sources:
            if source.mono < 0 or source.cross < 0:
                raise TrainingError(f"A weight of the source {source.path} is negative.")
            if not 0 <= source.spans <= 1:
                raise TrainingError(f"spans of {source.path} is {source.spans}.", hint="It lies between 0 and 1.")
            if source.crop not in ("", "answer"):
                raise TrainingError(f"crop of {source.path} is {source.crop!r}.", hint="It is 'answer' or empty.")

    @property
    def full(self) -> bool:
        """Whether the layers' own weights are trained instead of an adapter."""
        return self.lora_rank == 0

    def replace(self, **changes: Any) -> RunConfig:
        """A copy with some values changed."""
        return dataclasses.replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as a recipe file or a model card holds them."""
        return dataclasses.asdict(self)


_CHOICES: dict[str, tuple[str, ...]] = {
    "batches": SAMPLINGS,
    "mono_mix": ("example", "batch"),
    "cross_mix": ("example", "batch"),
    "pairing": ("example", "batch"),
    "symmetric": ("never", "cross", "always"),
    "schedule": ("linear", "cosine", "constant"),
    "precision": ("auto", "fp32", "bf16"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "negatives": ("none", "siblings", "mine"),
    "select": ("mean", "mono", "cross", "multi", "last"),
}
_RANGES: dict[str, tuple[float, float]] = {
    "alpha": (0, 1),
    "steps": (1, 10**9),
    "batch_size": (2, 10**6),
    "cross_batch_size": (0, 10**6),
    "temperature": (1e-4, 100),
    "learning_rate": (0, 10),
    "distill": (0, 1),
    "distill_temperature": (1e-4, 100),
    "anchor": (0, 1000),
    "lora_rank": (0, 4096),
    "dropout": (0, 0.99),
    "query_tokens": (4, 10**6),
    "passage_tokens": (4, 10**6),
    "gradient_cache": (0, 10**6),
    "negatives_per_query": (1, 64),
    "average": (0, 2),
}


def smoothing(choice: str) -> float:
    """The exponent of a language choice: 0 for `uniform`, 1 for `proportional`, else the number itself.

    Raises:
        TrainingError: neither a name nor a number.
    """
    named = {"uniform": 0.0, "proportional": 1.0}
    try:
        return named[choice] if choice in named else float(choice)
    except ValueError:
        raise TrainingError(
            f"A choice of languages is {choice!r}.", hint="It is uniform, proportional or a number such as 0.5."
        ) from None


def load_recipe(path: Path, **changes: Any) -> RunConfig:
    """The run that a recipe file describes; `changes` (from the command line) win over it.

    Args:
        path: a TOML file whose keys are those of `RunConfig`, with `[[sources]]` tables of `SourceConfig`. A source's
            path that is relative is looked up beside the recipe, then from the working directory; `${NAME}` in it is
            replaced by an environment variable.
        changes: settings that replace the file's.

    Raises:
        DataError: a file that is not TOML.
        TrainingError: a key that does not exist, or a value that cannot be.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"The recipe {path} cannot be read: {error}.") from error
    return from_dict({**values, **changes}, origin=path)


def from_dict(values: Mapping[str, Any], *, origin: Path | None = None) -> RunConfig:
    """A run from plain values; see `load_recipe`."""
    where = f" in {origin}" if origin else ""
    sources = []
    for source in values.get("sources", ()):
        if isinstance(source, SourceConfig):
            sources.append(source)
            continue
        known = _typed(SourceConfig, source, where)
        known["path"] = _located(str(known.get("path", "")), origin)
        sources.append(SourceConfig(**known))
    run = _typed(RunConfig, {key: value for key, value in values.items() if key != "sources"}, where)
    for key in ("validation", "base"):
        if key in run:
            run[key] = _located(run[key], origin)
    if "protect" in run:
        run["protect"] = tuple(_located(item, origin) for item in run["protect"])
    return RunConfig(**run, sources=tuple(sources))


def _typed(kind: type, values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Values with lists as tuples and integers as floats where the field says so."""
    hints = get_type_hints(kind)
    known: dict[str, Any] = {}
    for key, value in values.items():
        if key not in hints:
            raise TrainingError(
                f"There is no setting {key!r}{where}.", hint=f"Settings are {', '.join(sorted(hints))}."
            )
        if isinstance(value, list):
            value = tuple(value)
        elif isinstance(value, Mapping):
            value = {name: tuple(item) if isinstance(item, list) else item for name, item in value.items()}
        elif hints[key] is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        elif hints[key] is str and isinstance(value, (int, float)):
            value = str(value)
        known[key] = value
    return known


def _located(path: str, origin: Path | None) -> str:
    """A path with variables filled in, absolute where it exists beside the recipe."""
    import os
    import re

    path = re.sub(r"\$\{(\w+)\}", lambda match: os.environ.get(match.group(1), match.group(0)), path)
    if origin is None or not path or path.startswith("hf:"):
        return path
    return ",".join(
        str(origin.parent / part) if not Path(part).is_absolute() and (origin.parent / part).exists() else part
        for part in path.split(",")
    )
