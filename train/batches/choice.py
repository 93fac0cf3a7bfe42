"""Makes the sampling of a kind over some sources, or says why they do not allow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...engine.errors import DataError
from .cross import CrossLingualBatches
from .pools import Batches, Pool, cross_rows
from .samplings import HybridBatches, MonolingualBatches, Negatives


def sampling(
    kind: str,
    pools: Sequence[Pool],
    size: int,
    seed: int,
    *,
    alpha: float = 0.5,
    weights: Mapping[str, float] | None = None,
    pairing: str = "example",
    negatives: Negatives | None = None,
    per_query: int = 0,
) -> tuple[Batches, tuple[str, ...]]:
    """Batches of a kind, and notes for the user.

    Args:
        kind: `mono`, `cross` or `hybrid`.
        pools: the sources.
        size: pairs in a batch.
        seed: for all draws.
        alpha: probability of a mono batch under `hybrid`; 0 and 1 do not need the other kind.
        weights: relative chances of languages, 1 where not named.
        pairing: whether languages are drawn for each `example` of a cross batch or for the whole `batch`.
        negatives: mined rows by source and language; see `train.run.aids.negatives`.
        per_query: how many of a query's negatives are in a batch.

    Raises:
        DataError: the sources do not allow it; the message says why.
    """
    notes: list[str] = []
    mono: MonolingualBatches | None = None
    cross: CrossLingualBatches | None = None
    if kind != "cross" and not (kind == "hybrid" and alpha == 0):
        mono = MonolingualBatches(pools, size, seed, weights=weights, negatives=negatives, per_query=per_query)
        if mono.left_out:
            few = ", ".join(f"{code} ({count})" for code, count in sorted(mono.left_out.items()))
            notes.append(f"Too few pairs for a mono batch of {size}, so left out of mono batches: {few}.")
    if kind != "mono" and not (kind == "hybrid" and alpha == 1):
        refuse_without_cross(kind, pools)
        cross = CrossLingualBatches(
            pools, size, seed, weights=weights, pairing=pairing, negatives=negatives, per_query=per_query
        )
    if mono is not None and cross is not None:
        return HybridBatches(mono, cross, alpha, seed), tuple(notes)
    only = mono or cross
    assert only is not None
    return only, tuple(notes)


def refuse_without_cross(kind: str, pools: Sequence[Pool]) -> None:
    """Refuse a sampling with cross batches if the sources do not allow it, and say why.

    Raises:
        DataError: no source has a row in two languages.
    """
    if any(pool.cross > 0 and len(cross_rows(pool)) for pool in pools):
        return
    if not any(pool.cross > 0 for pool in pools):
        raise DataError(
            f"{kind} batches need a source of cross-lingual pairs, but all sources have weight 0 for them.",
            hint="Give one a weight for cross batches.",
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
        reason = "every row has its question and its passage in the same single language"
    raise DataError(
        f"{kind} batches need questions and passages in different languages, and in these data {reason}.",
        hint="Add parallel data or bitext, or train with --batches mono.",
    )
