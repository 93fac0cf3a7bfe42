"""Finds a query's nearest vectors on an engine, in the order and with the scores of exact search on disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..encoders import Vectors
from ..search import exact as exactly
from .conditions import Where
from .protocol import MOST_HITS, RemoteEngine
from .pushing import in_blocks

# The engine's single-precision scores differ from ours by far less.
_MARGIN = 1e-5
# A passage's rank is searched so deep before every vector is fetched.
_DEPTH = 1_000


def nearest(engine: RemoteEngine, name: str, query: Vectors, k: int, where: Where) -> list[tuple[int, float]]:
    """(passage, score) of the k best of a collection under a condition; of equal scores the lower id comes first.

    More than k are requested, until the last one is worse than the k-th by more than rounding: the engine breaks ties
    in its own way, so all tied passages are needed here.
    """
    if k <= 0:
        return []
    ask = k + 8
    while True:
        ask = min(ask, MOST_HITS)
        found = _scored(engine.nearest(name, query, ask, where), query)
        clear = len(found) > k and found[-1][1] < found[k - 1][1] - _MARGIN
        if clear or len(found) < ask:
            return found[:k]
        if ask == MOST_HITS:
            return streamed(engine, name, query, k, where)
        ask *= 4


def streamed(engine: RemoteEngine, name: str, query: Vectors, k: int, where: Where) -> list[tuple[int, float]]:
    """(passage, score) of the k best, by comparing every vector here."""
    best: list[tuple[int, float]] = []
    for ids, vectors in in_blocks(engine, name, where):
        scores = exactly.precise(vectors, query).tolist()
        best = sorted([*best, *zip(ids.tolist(), scores, strict=True)], key=_order)[:k]
    return best


def ranks(
    engine: RemoteEngine, name: str, query: Vectors, wanted: Sequence[int], where: Where, *, exact: bool
) -> dict[int, int]:
    """The exact rank of each wanted passage under a condition, from 1; those without a vector are left out.

    With an exact index (`exact`) the engine ranks passages that are among the best; otherwise every vector is fetched
    once.
    """
    if exact:
        best = nearest(engine, name, query, _DEPTH, where)
        place = {number: rank for rank, (number, _) in enumerate(best, 1)}
        if all(number in place for number in wanted):
            return {number: place[number] for number in wanted}
    blocks = [(ids, exactly.precise(vectors, query)) for ids, vectors in in_blocks(engine, name, where)]
    if not blocks:
        return {}
    ids = np.concatenate([each for each, _ in blocks])
    scores = np.concatenate([each for _, each in blocks])
    order = np.lexsort((ids, -scores))
    rank_of = {int(ids[row]): rank for rank, row in enumerate(order, 1)}
    return {number: rank_of[number] for number in wanted if number in rank_of}


def _scored(records: list[dict[str, Any]], query: Vectors) -> list[tuple[int, float]]:
    if not records:
        return []
    vectors = np.array([record["vector"] for record in records], dtype=np.float32)
    scores = exactly.precise(vectors, query).tolist()
    return sorted(zip([record["id"] for record in records], scores, strict=True), key=_order)


def _order(pair: tuple[int, float]) -> tuple[float, int]:
    return -pair[1], pair[0]
