"""Measures of quality and of language bias, for score matrices and for runs.

Make `Rankings` from either, then call any function for one value per query, or `summary` for all figures. Each
docstring gives the formula, unit, source and an example. `ir` registers them with ir_measures, which it requires.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .engine.late import late

if TYPE_CHECKING:
    from .train.measure.runs import (
        Rankings,
        alignment,
        average_precision,
        complete,
        hubness,
        language_ndcg,
        language_preference,
        max_at_r,
        mean_rank_correlation,
        ndcg,
        occurrences,
        own_language_pool_share,
        own_language_share,
        peer_of_queries,
        peer_of_tens,
        rank_distance,
        rank_explained_by_language,
        read_qrels,
        read_run,
        recall,
        success,
        summary,
        target_language_recall,
        values,
    )

__all__ = [
    "Rankings",
    "alignment",
    "average_precision",
    "complete",
    "hubness",
    "language_ndcg",
    "language_preference",
    "max_at_r",
    "mean_rank_correlation",
    "ndcg",
    "occurrences",
    "own_language_pool_share",
    "own_language_share",
    "peer_of_queries",
    "peer_of_tens",
    "rank_distance",
    "rank_explained_by_language",
    "read_qrels",
    "read_run",
    "recall",
    "success",
    "summary",
    "target_language_recall",
    "values",
]

_RUNS = ".train.measure.runs"

_late = late("hybrid_search", dict.fromkeys(__all__, _RUNS))


def __getattr__(name: str) -> Any:
    return import_module(f"{_RUNS}.provider", "hybrid_search") if name == "ir" else _late(name)


def __dir__() -> list[str]:
    return sorted([*__all__, "ir"])
