"""Mines hard negatives: passages in the question's language that the encoder ranks high but that do not answer it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....engine.encoders import Encoder, Vectors
from ....engine.files import replacing_file
from ....engine.stores import arrays_of
from ...batches import Negatives, Pool
from ...data import Corpus, RunData
from ...settings import RunConfig, fixed

CANDIDATES = 30
_BLOCK = 256


def mine(
    config: RunConfig, data: RunData, encoder: Encoder, cache: Path, tell: Callable[[dict[str, Any]], None]
) -> Negatives:
    """Rows whose passage is a hard negative, by source and language, for each row with a question in the language.

    In a cross batch the positive is in another language than the question, but its hard negatives are in the
    question's language: a biased encoder prefers these.

    Args:
        config: says which sources and languages get mined negatives.
        data: the sources.
        encoder: ranks the passages.
        cache: the file of the result, for a run that is resumed.
        tell: called with an event for each source and language.

    Returns:
        For each (source, language) an array of shape (rows, candidates per query), -1 for none.
    """
    with contextlib.suppress(OSError, ValueError):
        return _load(cache)
    mined: dict[tuple[int, str], NDArray[np.int32]] = {}
    for source, (corpus, pool) in enumerate(zip(data.corpora, data.pools, strict=True)):
        if config.sources[source].negatives != "mine" or (pool.mono <= 0 and pool.cross <= 0):
            continue
        for code in corpus.languages:
            rows = _rows(corpus, pool, code, config)
            if len(rows) > 1:
                found = _mine_language(corpus, code, rows, encoder)
                mined[source, code] = found
                count = int((found >= 0).any(axis=1).sum())
                tell({"event": "negatives", "source": source, "language": code, "rows": len(rows), "found": count})
    named: dict[str, Any] = {f"{source}|{code}": rows for (source, code), rows in mined.items()}
    with replacing_file(cache) as partial, partial.open("wb") as file:
        np.savez_compressed(file, **named)
    return mined


def _load(cache: Path) -> Negatives:
    return {(int(name.partition("|")[0]), name.partition("|")[2]): rows for name, rows in arrays_of(cache).items()}


def _rows(corpus: Corpus, pool: Pool, code: str, config: RunConfig) -> NDArray[np.int64]:
    """At most `fixed.NEGATIVES_ROWS` rows for training with question and passage in a language."""
    if config.only_languages and code not in config.only_languages:
        return np.zeros(0, np.int64)
    index = corpus.languages.index(code)
    rows = pool.kept(np.intersect1d(pool.question.rows_with(index), pool.passage.rows_with(index)))
    if len(rows) > fixed.NEGATIVES_ROWS:
        rows = np.sort(np.random.default_rng(config.seed).choice(rows, fixed.NEGATIVES_ROWS, replace=False))
    return rows


def _mine_language(corpus: Corpus, code: str, rows: NDArray[np.int64], encoder: Encoder) -> NDArray[np.int32]:
    index = corpus.language(code)
    questions = [corpus.question.text(int(row), index) or "" for row in rows]
    passages = [corpus.passage.text(int(row), index) or "" for row in rows]
    groups = np.asarray(corpus.groups)[rows]
    found = hard_negatives(
        encoder.encode_query(questions),
        encoder.encode_document(passages),
        groups,
        keep=fixed.NEGATIVES_PER_QUERY * 4,
        margin=fixed.NEGATIVES_MARGIN,
    )
    every = np.full((len(corpus), found.shape[1]), -1, dtype=np.int32)
    every[rows] = np.where(found >= 0, rows[found], -1)
    return every


def hard_negatives(
    queries: Vectors, passages: Vectors, groups: NDArray[np.uint64], *, keep: int, margin: float
) -> NDArray[np.int64]:
    """The nearest passages of other groups that are less similar than the positive by a margin.

    Args:
        queries: unit vectors, shape (n, d).
        passages: unit vectors, shape (n, d); passage i answers query i.
        groups: identities of the passages, shape (n,): passages of a query's own group are not negatives.
        keep: how many for each query.
        margin: a negative's cosine is at most the positive's minus this, since closer passages may be answers, too.

    Returns:
        Indices of passages, nearest first, padded with -1, shape (n, keep).
    """
    chosen = np.full((len(queries), keep), -1, dtype=np.int64)
    for start in range(0, len(queries), _BLOCK):
        scores = queries[start : start + _BLOCK] @ passages.T
        own = np.arange(start, start + len(scores))
        limit = scores[np.arange(len(scores)), own] - margin
        allowed = (scores <= limit[:, None]) & (groups[None, :] != groups[own][:, None])
        ranked = np.where(allowed, scores, -np.inf)
        top = np.argsort(-ranked, axis=1, kind="stable")[:, : max(keep, CANDIDATES)]
        for place, candidates in enumerate(top):
            seen: set[int] = set()
            kept: list[int] = []
            for candidate in candidates:
                group = int(groups[candidate])
                if np.isfinite(ranked[place, candidate]) and group not in seen and len(kept) < keep:
                    seen.add(group)
                    kept.append(int(candidate))
            chosen[start + place, : len(kept)] = kept
    return chosen
