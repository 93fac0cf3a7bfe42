"""The data of a run: its sources, what the leakage guard took out, and the sampling, ready to draw batches from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...engine.errors import DataError
from ..batches import Batches, CrossLingualBatches, HybridBatches, MonolingualBatches, Negatives, Pool, cross_rows
from ..settings import RunConfig, fixed, refuse_unset
from . import leakage
from .corpora import open_corpus
from .pairs import Corpus
from .siblings import Sentences
from .texts import Assembler, pool_of


@dataclass(frozen=True)
class SourceReport:
    """What became of a source's rows: how many there are, and how many do not take part and why."""

    path: str
    rows: int
    languages: int
    broken: tuple[str, ...]
    held_out: int
    overlapping: int
    digest: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values for events and the model card."""
        return {
            "path": self.path,
            "rows": self.rows,
            "languages": self.languages,
            "broken": len(self.broken),
            "first_broken": list(self.broken[:3]),
            "held_out": self.held_out,
            "overlapping": self.overlapping,
            "digest": self.digest,
        }


@dataclass(frozen=True)
class RunData:
    """Sources opened and checked, with the sampling of the run."""

    config: RunConfig
    corpora: tuple[Corpus, ...]
    pools: tuple[Pool, ...]
    batches: Batches
    assembler: Assembler
    reports: tuple[SourceReport, ...]
    notes: tuple[str, ...] = field(default_factory=tuple)


def prepare(config: RunConfig, *, negatives: Negatives | None = None, sentences: Sentences | None = None) -> RunData:
    """Open the sources of a run, take out what overlaps with a benchmark, and set up its sampling.

    Args:
        config: the run.
        negatives: mined rows by source and language; see `train.run.negatives`.
        sentences: spans of sentences; the engine's where not given.

    Raises:
        DataError: data that cannot be read or cannot serve the sampling asked for.
    """
    if not config.sources:
        raise DataError("There are no training data.", hint="Name files, or a recipe with --recipe.")
    refuse_unset(config)
    corpora = tuple(open_corpus(source) for source in config.sources)
    guard = leakage.Guard.of(config.protect)
    pools, reports = [], []
    for corpus, source in zip(corpora, config.sources, strict=True):
        clean = guard.clean(corpus)
        keep = np.ones(len(corpus), dtype=np.bool_) if config.allow_overlap else clean
        pools.append(pool_of(corpus, source, config.only_languages, keep))
        reports.append(
            SourceReport(
                path=source.path,
                rows=len(corpus),
                languages=len(corpus.languages),
                broken=corpus.broken,
                held_out=int(corpus.held_out(source.holdout).sum()),
                overlapping=int((~clean).sum()),
                digest=corpus.digest,
            )
        )
    batches, notes = sampling(config, pools, negatives)
    assembler = Assembler(corpora, config.sources, config.seed, sentences, teacher=config.distill > 0)
    return RunData(config, corpora, tuple(pools), batches, assembler, tuple(reports), notes)


def sampling(
    config: RunConfig, pools: Sequence[Pool], negatives: Negatives | None = None
) -> tuple[Batches, tuple[str, ...]]:
    """The sampling of a run over its sources, with what a user should know about it.

    Raises:
        DataError: the sources cannot serve it, with the reason.
    """
    notes: list[str] = []
    mono: MonolingualBatches | None = None
    cross: CrossLingualBatches | None = None
    if config.batches != "cross" and not (config.batches == "hybrid" and config.alpha == 0):
        mono = MonolingualBatches(
            pools,
            config.batch_size,
            config.seed,
            weights=config.language_weights,
            negatives=negatives,
            per_query=fixed.NEGATIVES_PER_QUERY,
        )
        if mono.left_out:
            few = ", ".join(f"{code} ({count})" for code, count in sorted(mono.left_out.items()))
            notes.append(f"Too few pairs for a mono batch of {config.batch_size}, so left out of mono batches: {few}.")
    if config.batches != "mono" and not (config.batches == "hybrid" and config.alpha == 1):
        _refuse_without_cross(config, pools)
        cross = CrossLingualBatches(
            pools,
            config.batch_size,
            config.seed,
            weights=config.language_weights,
            pairing=config.pairing,
            negatives=negatives,
            per_query=fixed.NEGATIVES_PER_QUERY,
        )
    if mono is not None and cross is not None:
        return HybridBatches(mono, cross, config.alpha, config.seed), tuple(notes)
    only = mono or cross
    assert only is not None
    return only, tuple(notes)


def _refuse_without_cross(config: RunConfig, pools: Sequence[Pool]) -> None:
    """Say why a sampling with cross batches cannot be had."""
    if any(pool.cross > 0 and len(cross_rows(pool)) for pool in pools):
        return
    if not any(pool.cross > 0 for pool in pools):
        raise DataError(
            f"{config.batches} batches need a source for cross-lingual pairs, and all have the weight 0 there.",
            hint="Give one of them a weight in cross batches.",
        )
    found = sorted(
        {
            pool.languages[code]
            for pool in pools
            for side in (pool.question, pool.passage)
            for code in np.unique(side.codes)
        }
    )
    if len(found) < 2:
        reason = f"all of it is in one language, {found[0] if found else 'none'}"
    else:
        reason = "each row has its question and its passage in one and the same language only"
    raise DataError(
        f"{config.batches} batches need questions and passages in different languages, and in these data {reason}.",
        hint="Add parallel data or bitext, or train with --batches mono.",
    )
