"""Cuts answers to fragments, such as a sentence splitter leaves when it stops at an abbreviation or an initial."""

from __future__ import annotations

import random
from dataclasses import replace

from ..data import fragment
from .model import Benchmark


def with_fragments(benchmark: Benchmark, share: float, seed: int = 0) -> Benchmark:
    """A benchmark with some answers cut short, so that bias against short texts shows in the rank distance.

    Args:
        benchmark: any; its questions and relevance are kept.
        share: the probability that a candidate that answers a question is cut.
        seed: for the draws.
    """
    if not share:
        return benchmark
    # Changing this word would cut other answers than those behind published figures.
    generator = random.Random(f"{seed}/rough")
    pool = list(benchmark.pool)
    for row in sorted({row for rows in benchmark.relevant for row in rows}):
        if generator.random() < share:
            pool[row] = replace(pool[row], text=fragment(pool[row].text, pool[row].language, generator))
    return replace(benchmark, name=f"{benchmark.name}, {share:.0%} of answers cut to a few words", pool=tuple(pool))
