"""Answers cut down to fragments, as a sentence splitter leaves them that stops at an abbreviation or an initial."""

from __future__ import annotations

import random
from dataclasses import replace

from ..data import fragment
from .model import Benchmark


def with_fragments(benchmark: Benchmark, share: float, seed: int = 0) -> Benchmark:
    """A benchmark in which some answers say little, so that bias against short texts shows in the rank distance.

    Args:
        benchmark: any; its questions and relevance stay as they are.
        share: of the candidates that answer a question, how many are cut down, each drawn on its own.
        seed: of the draws.
    """
    if not share:
        return benchmark
    # Another word would cut other answers down than those behind published figures.
    generator = random.Random(f"{seed}/rough")
    pool = list(benchmark.pool)
    for row in sorted({row for rows in benchmark.relevant for row in rows}):
        if generator.random() < share:
            pool[row] = replace(pool[row], text=fragment(pool[row].text, pool[row].language, generator))
    return replace(benchmark, name=f"{benchmark.name}, {share:.0%} of answers cut to a few words", pool=tuple(pool))
