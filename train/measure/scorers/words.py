"""Lexical search as a baseline: scores whole benchmarks by BM25 over the engine's terms."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ....engine.lexical import parse, tokens
from ...benchmarks import Benchmark
from ..ranks import Scorer
from ..registry import Counts

K1, B = 1.2, 0.75
FEWEST = 1e-6


def scorer(benchmark: Benchmark) -> Scorer:
    """Scores of a benchmark's queries by BM25 over the engine's terms, as SQLite's FTS5 computes it.

    score(q, d) = sum over distinct terms t of q: idf(t) * f (k1 + 1) / (f + k1 (1 - b + b |d| / mean |d|)), with
    idf(t) = ln((N - n + .5) / (n + .5)), at least 1e-6, k1 = 1.2 and b = .75, over the pool of all languages.
    Terms are weighted as in the engine, and "x*" matches terms that begin with x. Quotation marks in questions do not
    make phrases, since questions of benchmarks are prose. A candidate that shares no term with the query is not
    retrieved: it scores -inf, and all such candidates tie for the last rank.
    """
    counts = [Counter(tokens(text)) for text in benchmark.pool_texts()]
    lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
    mean = max(float(lengths.mean()), 1e-9)
    rows: dict[str, list[int]] = defaultdict(list)
    frequencies: dict[str, list[int]] = defaultdict(list)
    for row, count in enumerate(counts):
        for term, frequency in count.items():
            rows[term].append(row)
            frequencies[term].append(frequency)
    queries = [parse(text, quotes=False) for text in benchmark.query_texts()]
    wanted = {term for query in queries for terms, _ in query.terms for term in terms}
    begun: dict[str, list[str]] = defaultdict(list)
    for term in rows:
        begun[f"{term[0]}*"].append(term)
    postings: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
    for term in wanted & (rows.keys() | begun.keys()):
        every = begun.get(term, [term])
        places, inverse = np.unique(np.concatenate([rows[each] for each in every]), return_inverse=True)
        found = np.bincount(inverse, weights=np.concatenate([frequencies[each] for each in every]))
        rarity = max(math.log((len(counts) - len(places) + 0.5) / (len(places) + 0.5)), FEWEST)
        weights = rarity * found * (K1 + 1) / (found + K1 * (1 - B + B * lengths[places] / mean))
        postings[term] = (places, weights)

    def ordered(order: Counts) -> Callable[[slice], NDArray[np.float32]]:
        def scores(block: slice) -> NDArray[np.float32]:
            matrix = np.zeros((len(queries[block]), len(counts)), dtype=np.float32)
            for line, query in zip(matrix, queries[block], strict=True):
                for terms, worth in query.terms:
                    for term in terms:
                        if term in postings:
                            places, weights = postings[term]
                            line[places] += (worth * weights).astype(np.float32)
            matrix[matrix == 0] = -np.inf
            return matrix[:, order]

        return scores

    return ordered
