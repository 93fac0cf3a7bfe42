"""How much time and memory an exact evaluation takes: `python tests/benchmarks/evaluating.py [--json] [--queries N]`.

Random unit vectors of the size of XQuAD-R (13,090 queries, 13,014 candidates, 11 languages, 384 figures each) are
ranked as `hybrid-search evaluate` ranks them. The yardstick of the same run is the bare product of the two matrices,
block by block, which every exact evaluation needs; the ratio shows what counting ranks adds.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time

import numpy as np
from hybrid_search.train.benchmarks.model import Benchmark, Candidate, Query
from hybrid_search.train.measure.protocol import measure_vectors
from hybrid_search.train.measure.ranks import BLOCK_BYTES

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")
DIMENSION = 384


def made_up(questions: int, sentences: int) -> Benchmark:
    """A benchmark of so many questions and sentences in each of eleven languages."""
    rng = np.random.default_rng(0)
    pool = [Candidate(f"{code}{row}", code, "") for code in LANGUAGES for row in range(sentences)]
    queries, relevant = [], []
    for number in range(questions):
        rows = tuple(int(place * sentences + rng.integers(sentences)) for place in range(len(LANGUAGES)))
        queries += [Query(str(number), code, "") for code in LANGUAGES]
        relevant += [rows] * len(LANGUAGES)
    return Benchmark("made up", tuple(queries), tuple(pool), tuple(relevant))


def unit(rows: int, seed: int) -> np.ndarray:
    """Random unit vectors, float32."""
    vectors = np.random.default_rng(seed).normal(size=(rows, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--queries", type=int, default=1190, help="questions in each language")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    benchmark = made_up(chosen.queries, 1183)
    queries, pool = unit(len(benchmark.queries), 1), unit(len(benchmark.pool), 2)
    step = max(1, BLOCK_BYTES // (4 * len(pool)))
    started = time.process_time()
    for start in range(0, len(queries), step):
        _ = queries[start : start + step] @ pool.T
    product = time.process_time() - started
    started = time.process_time()
    measure_vectors(benchmark, queries, pool).summary()
    whole = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    figures = {
        "queries": len(queries),
        "pool": len(pool),
        "product_cpu_seconds": round(product, 2),
        "evaluation_cpu_seconds": round(whole, 2),
        "ratio": round(whole / product, 2),
        "peak_bytes": peak,
    }
    if chosen.json:
        print(json.dumps(figures))
        return
    print(f"{figures['queries']:,} queries by {figures['pool']:,} candidates")
    print(f"product alone {product:.2f} CPU-s, evaluation {whole:.2f} CPU-s, ratio {whole / product:.2f}")
    print(f"peak memory {peak / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()
