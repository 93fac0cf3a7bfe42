"""Checks sources of pairs: removes rows that overlap a benchmark or are held out, and reports how many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..batches import Pool, Side
from ..settings import SourceConfig
from .leakage import Guard
from .pairs import Corpus


@dataclass(frozen=True)
class SourceReport:
    """Numbers of a source's rows, and of those that are left out, by reason."""

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
class Sources:
    """The pairs, settings, integers and reports of several sources, all in the same order."""

    corpora: tuple[Corpus, ...]
    configs: tuple[SourceConfig, ...]
    pools: tuple[Pool, ...]
    reports: tuple[SourceReport, ...]

    def __add__(self, other: Sources) -> Sources:
        """These sources, then the others."""
        return Sources(
            self.corpora + other.corpora,
            self.configs + other.configs,
            self.pools + other.pools,
            self.reports + other.reports,
        )


def checked(
    corpora: Sequence[Corpus],
    configs: Sequence[SourceConfig],
    *,
    protect: Iterable[str] = (),
    allow_overlap: bool = False,
    languages: Sequence[str] = (),
) -> Sources:
    """Sources without rows that overlap a benchmark or are held out.

    Args:
        corpora: the pairs.
        configs: the settings of each.
        protect: benchmarks, besides those whose questions come with the program.
        allow_overlap: train on overlapping rows nevertheless; they are counted.
        languages: codes to train on; empty is all.

    Raises:
        DataError: a benchmark cannot be read.
    """
    guard = Guard.of(protect)
    pools, reports = [], []
    for corpus, source in zip(corpora, configs, strict=True):
        clean = guard.clean(corpus)
        keep = np.ones(len(corpus), dtype=np.bool_) if allow_overlap else clean
        pools.append(pool_of(corpus, source, languages, keep))
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
    return Sources(tuple(corpora), tuple(configs), tuple(pools), tuple(reports))


def pool_of(corpus: Corpus, config: SourceConfig, languages: Sequence[str], keep: np.ndarray | None = None) -> Pool:
    """The integers of a corpus, limited to `languages`.

    Args:
        corpus: the pairs.
        config: weights, neighbourhood and hold-out.
        languages: codes to train on; empty is all.
        keep: shape (rows,), False for rows that the leakage guard excludes.
    """
    allowed = np.array([not languages or code in languages for code in corpus.languages], dtype=np.bool_)
    question = _side(np.asarray(corpus.question.starts), np.asarray(corpus.question.languages), allowed)
    passage = (
        question
        if corpus.bitext
        else _side(np.asarray(corpus.passage.starts), np.asarray(corpus.passage.languages), allowed)
    )
    kept = ~corpus.held_out(config.holdout)
    return Pool(
        languages=corpus.languages,
        question=question,
        passage=passage,
        groups=corpus.groups,
        ids=corpus.ids,
        keep=kept if keep is None else kept & keep,
        mono=config.mono,
        cross=config.cross,
        bitext=corpus.bitext,
        neighbourhood=config.neighbourhood,
        previous=corpus.previous,
        following=corpus.following,
    )


def _side(starts: np.ndarray, codes: np.ndarray, allowed: np.ndarray) -> Side:
    if bool(allowed.all()):
        return Side(starts, codes)
    wanted = allowed[codes]
    return Side(np.r_[0, np.cumsum(wanted)][starts], codes[wanted])
