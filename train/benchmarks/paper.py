"""The paper's figures (arXiv 2408.10536), shown beside measured ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ...engine.paths import assets_folder

MEAN = "mean"


@dataclass(frozen=True)
class PaperSystem:
    """One model under one batch sampling.

    Args:
        model: `XLM-R` or `LaBSE`.
        sampling: `mono` (the paper's X-X-mono), `cross` (X-Y) or `hybrid`.
        benchmarks: figures by benchmark, measure and query language; the paper's mean is under `mean`.
    """

    model: str
    sampling: str
    benchmarks: Mapping[str, Mapping[str, Mapping[str, float]]]

    @property
    def name(self) -> str:
        """The name shown in tables."""
        return f"paper: {self.model} {self.sampling}"

    def summary(self, benchmark: str) -> dict[str, float]:
        """The paper's means by measure, named as in `Result.summary`; empty for a benchmark that it did not measure."""
        return {measure: figures[MEAN] for measure, figures in self.benchmarks.get(benchmark.lower(), {}).items()}


@lru_cache(maxsize=1)
def systems() -> tuple[PaperSystem, ...]:
    """XLM-R and LaBSE under the three samplings, in the paper's order."""
    rows = json.loads((assets_folder() / "paper" / "tables.json").read_text("utf-8"))["systems"]
    return tuple(PaperSystem(row["model"], row["sampling"], row["benchmarks"]) for row in rows)


def systems_on(benchmark: str) -> tuple[PaperSystem, ...]:
    """The systems that the paper measured on a benchmark; its name is case-insensitive."""
    return tuple(system for system in systems() if benchmark.lower() in system.benchmarks)
