"""Sources of pairs, opened and checked: how each takes part, what overlaps a benchmark, and what became of its rows."""

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
class Sources:
    """Pairs of several sources, in one order: their texts, how each takes part, their integers, their reports."""

    corpora: tuple[Corpus, ...]
    configs: tuple[SourceConfig, ...]
    pools: tuple[Pool, ...]
    reports: tuple[SourceReport, ...]

    def __add__(self, other: Sources) -> Sources:
        """These, then the others."""
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
    """Sources without what overlaps a benchmark and what is held out.

    Args:
        corpora: the pairs.
        configs: how each takes part.
        protect: benchmarks, besides those whose questions are known here.
        allow_overlap: train on rows that overlap one nevertheless; they are counted.
        languages: codes to train on; empty is all.

    Raises:
        DataError: a benchmark that cannot be read.
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
    """The integers of a corpus, cut down to some languages where any are named.

    Args:
        corpus: the pairs.
        config: weights, neighbourhood and hold-out.
        languages: codes to train on; empty is all.
        keep: shape (rows,), False for rows that must not be trained on, as the leakage guard found.
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
