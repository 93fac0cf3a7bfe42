"""Prepares the data of a run: opens its sources, removes overlaps with benchmarks, and sets up the sampling."""

from __future__ import annotations

from dataclasses import dataclass

from ...engine.errors import DataError
from ..batches import Batches, Negatives, Pool, sampling
from ..settings import RunConfig, fixed, refuse_unset
from .corpora import open_corpus
from .pairs import Corpus
from .siblings import Sentences
from .sources import SourceReport, Sources, checked
from .texts import Assembler


@dataclass(frozen=True)
class RunData:
    """Sources opened and checked, with the sampling of the run."""

    config: RunConfig
    sources: Sources
    batches: Batches
    assembler: Assembler
    notes: tuple[str, ...] = ()

    @property
    def corpora(self) -> tuple[Corpus, ...]:
        """The pairs of each source."""
        return self.sources.corpora

    @property
    def pools(self) -> tuple[Pool, ...]:
        """The integers of each source."""
        return self.sources.pools

    @property
    def reports(self) -> tuple[SourceReport, ...]:
        """A report for each source; see `SourceReport`."""
        return self.sources.reports


def prepare(config: RunConfig, *, negatives: Negatives | None = None, sentences: Sentences | None = None) -> RunData:
    """Open the sources of a run, remove rows that overlap a benchmark, and set up its sampling.

    Args:
        config: the run.
        negatives: mined rows by source and language; see `train.run.aids.negatives`.
        sentences: returns spans of sentences; the engine's splitter by default.

    Raises:
        DataError: the data cannot be read, or do not allow the sampling.
    """
    if not config.sources:
        raise DataError("There are no training data.", hint="Name files, or a recipe with --recipe.")
    refuse_unset(config)
    sources = checked(
        tuple(open_corpus(source) for source in config.sources),
        config.sources,
        protect=config.protect,
        allow_overlap=config.allow_overlap,
        languages=config.only_languages,
    )
    batches, notes = sampling(
        config.batches,
        sources.pools,
        config.batch_size,
        config.seed,
        alpha=config.alpha,
        weights=config.language_weights,
        pairing=config.pairing,
        negatives=negatives,
        per_query=fixed.NEGATIVES_PER_QUERY,
    )
    assembler = Assembler(
        sources.corpora, sources.configs, sentences, teacher=config.distill > 0 and config.teacher == "english"
    )
    return RunData(config, sources, batches, assembler, notes)
