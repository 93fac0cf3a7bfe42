"""Query to three rankings by library size: `python tests/benchmarks/searching.py [--sizes 1000,10000] [--json]`.

Vectors are drawn from clusters around a common direction, as those of multilingual encoders lie; encoding a query is
not in the numbers (see encoding.py). For each size: storing passages and vectors per second, the first query, p50 and
p95 of three rankings by exact search, then the same through the approximate index with its recall@10 against exact
search, in wall and in processor milliseconds. An index of 100,000 takes a minute of one core to build.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hybrid_search.engine import exact
from hybrid_search.engine.encoders.protocol import Vectors
from hybrid_search.engine.library import Library
from hybrid_search.engine.store_records import NewDocument, NewFile, NewPassage, digest_of
from hybrid_search.engine.store_writing import Store
from hybrid_search.engine.vectors import refresh

DIMENSION = 384
LANGUAGES = ("en", "de", "fr", "ru", "zh")
NAMES = ("hybrid", "cross", "mono")


@cache
def centres() -> Vectors:
    """The middles of the clusters, shape (500, 384)."""
    found: Vectors = (np.random.default_rng(7).normal(size=(500, DIMENSION)) * 0.5 + 1.0).astype(np.float32)
    return found


def drawn(count: int, seed: int) -> Vectors:
    """Unit vectors of shape (count, 384): 500 clusters whose mean cosine is about .75."""
    chance = np.random.default_rng(seed)
    found = centres()[chance.integers(500, size=count)] + chance.normal(size=(count, DIMENSION)) * 0.35
    unit: Vectors = (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)
    return unit


class Drawn:
    """An encoder whose queries are drawn; it takes no time."""

    dimension = DIMENSION
    max_tokens = 512

    def __init__(self, name: str) -> None:
        self.name = self.fingerprint = name

    def encode_query(self, texts: list[str]) -> Vectors:
        """One vector for each number."""
        return np.concatenate([drawn(1, 10_000 + int(text)) for text in texts])

    encode_document = encode_query

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Five of each."""
        return [5 for _ in texts]


def filled(library: Library, count: int) -> float:
    """Put passages and three vectors of each into a library; returns passages per second."""
    began = time.perf_counter()
    store = Store(library._connection)
    for first in range(0, count, 2000):
        files = [file(number) for number in range(first, min(first + 2000, count), 10)]
        store.put_files([(each, None) for each in files])
    for place, name in enumerate(NAMES):
        row = store.add_encoder(name, name, DIMENSION)
        texts = store.missing_texts(row)
        for first in range(0, len(texts), 2000):
            batch = texts[first : first + 2000]
            store.put_vectors(row, batch, drawn(len(batch), 100 * place + first))
    return count / (time.perf_counter() - began)


def file(number: int) -> NewFile:
    """A file of ten passages."""
    texts = [f"passage number {each} about topic {each % 997}" for each in range(number, number + 10)]
    passages = tuple(NewPassage(0, len(t), "", t, LANGUAGES[i % 5], 1.0) for i, t in enumerate(texts))
    digest = digest_of(texts[0])
    return NewFile(f"/x/{number}.txt", 1, 1, digest, "", (NewDocument("", str(number), digest, passages),))


def timed(ask: Callable[[int], Any], queries: int) -> dict[str, float]:
    """Milliseconds of the first call, and of the others."""
    wall, cpu = [], []
    for number in range(queries + 1):
        began, spent = time.perf_counter(), time.process_time()
        ask(number)
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - spent))
    return {
        "first": round(wall[0], 1),
        "p50": round(float(np.percentile(wall[1:], 50)), 2),
        "p95": round(float(np.percentile(wall[1:], 95)), 2),
        "cpu": round(float(np.percentile(cpu[1:], 50)), 2),
    }


def measure(count: int, queries: int) -> dict[str, Any]:
    """All numbers of one size."""
    encoders = [Drawn(name) for name in NAMES]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library"
        with Library.open(path, create=True) as library:
            result: dict[str, Any] = {"passages": count, "stored_per_second": round(filled(library, count))}

        def three(library: Library, number: int, whole: bool, languages: tuple[str, ...] = ()) -> list[set[int]]:
            rankings = [library.search(str(number), encoder=e, exact=whole, languages=languages) for e in encoders]
            return [{hit.passage.id for hit in ranking.hits} for ranking in rankings]

        with Library.open(path, readonly=True) as library:
            result["exact"] = timed(lambda number: three(library, number, True), queries)
            result["exact, one language"] = timed(lambda number: three(library, number, True, ("de",)), queries)
            result["words"] = timed(lambda number: library.search(f"topic {number}", encoder="bm25"), queries)
            true = [three(library, number, True) for number in range(queries)]
        exact.EXACT_LIMIT = min(exact.EXACT_LIMIT, count // 10)
        with Library.open(path) as library:
            began = time.perf_counter()
            store = Store(library._connection)
            for row in store.encoders():
                refresh(path / "vectors", store, row, notify=sys.stderr.write)
            result["index_built_per_second"] = round(3 * count / (time.perf_counter() - began))
        with Library.open(path, readonly=True) as library:
            result["index"] = timed(lambda number: three(library, number, False), queries)
            result["index, one language"] = timed(lambda number: three(library, number, False, ("de",)), queries)
            found = [three(library, number, False) for number in range(queries)]
        pairs = [pair for one, other in zip(found, true, strict=True) for pair in zip(one, other, strict=True)]
        shares = [len(some & best) / len(best) for some, best in pairs]
        result["recall@10"] = round(float(np.mean(shares)), 4)
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000")
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    limit = exact.EXACT_LIMIT
    for size in map(int, options.sizes.split(",")):
        exact.EXACT_LIMIT = limit
        found = measure(size, options.queries)
        if options.json:
            print(json.dumps(found))
        else:
            print("\n".join(f"{name:24} {value}" for name, value in found.items()) + "\n")


if __name__ == "__main__":
    main()
