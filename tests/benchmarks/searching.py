"""Time of three rankings by library size: `python tests/benchmarks/searching.py [--sizes 1000,10000,100000] [--json]`.

Vectors are drawn from clusters around a common direction, like those of multilingual encoders; encoding a query is not
in the numbers (see encoding.py). For each size: p50 and p95 of three rankings by exact search with the vectors in
memory, by exact search that reads them from the database, through the approximate index, and by words; recall@10 of
the index against exact search, also in one language of five; bytes a passage on disk and in memory. At the end: the
size from which the index is faster, which is what EXACT_LIMIT of `engine/search/exact.py` should be.

`--million` adds a million passages with one encoder instead of three (a quarter of an hour on one core). `--real DATA`
measures recall on real vectors instead: XQuAD-R in DATA by the encoder `hybrid`, encoded once and kept.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from hybrid_search.engine.encoders.protocol import Vectors
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.search import exact
from hybrid_search.engine.search import searcher as search
from hybrid_search.engine.search.index import refresh
from hybrid_search.engine.store.records import NewDocument, NewFile, NewPassage, digest_of
from hybrid_search.engine.store.writing import Store

DIMENSION = 384
LANGUAGES = ("en", "de", "fr", "ru", "zh")
NAMES = ("hybrid", "cross", "mono")
MILLION = 1_000_000
BLOCK = 2_000


@cache
def centres() -> Vectors:
    """The centres of the clusters, shape (500, 384)."""
    found: Vectors = (np.random.default_rng(7).normal(size=(500, DIMENSION)) * 0.5 + 1.0).astype(np.float32)
    return found


def drawn(count: int, seed: int) -> Vectors:
    """Unit vectors of shape (count, 384): 500 clusters whose mean cosine is about .75."""
    chance = np.random.default_rng(seed)
    found = centres()[chance.integers(500, size=count)] + chance.normal(size=(count, DIMENSION)) * 0.35
    unit: Vectors = (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)
    return unit


class Known:
    """An encoder whose texts are the numbers of ready vectors; it takes no time."""

    dimension = DIMENSION
    max_tokens = 512

    def __init__(self, name: str, query: Callable[[int], Vectors]) -> None:
        self.name = self.fingerprint = name
        self._query = query

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """The vector of each number, shape (len(texts), 384)."""
        return np.concatenate([self._query(int(text)) for text in texts])

    encode_document = encode_query

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Five for each text."""
        return [5 for _ in texts]


def filled(library: Library, languages: Sequence[str], vectors: dict[str, Callable[[int, int], Vectors]]) -> float:
    """Put passages and vectors of each encoder into a library; returns passages per second.

    Args:
        library: an empty one.
        languages: that of each passage.
        vectors: for each encoder, a function that returns its vectors for a range of passages.
    """
    began = time.perf_counter()
    store = Store(library._connection)
    for first in range(0, len(languages), BLOCK):
        numbers = range(first, min(first + BLOCK, len(languages)), 10)
        store.put_files([(file(number, languages[number : number + 10]), None) for number in numbers])
    for name, give in vectors.items():
        row = store.add_encoder(name, name, DIMENSION)
        # Numbers of texts have the order of the passages.
        texts = sorted(store.missing_texts(row))
        for first in range(0, len(texts), BLOCK):
            last = min(first + BLOCK, len(texts))
            store.put_vectors(row, texts[first:last], give(first, last))
    return len(languages) / (time.perf_counter() - began)


def file(number: int, languages: Sequence[str]) -> NewFile:
    """A file of ten passages or fewer."""
    texts = [f"passage number {each} about topic {each % 997}" for each in range(number, number + len(languages))]
    passages = tuple(NewPassage(0, len(text), "", text, code, 1.0) for text, code in zip(texts, languages, strict=True))
    digest = digest_of(texts[0])
    return NewFile(f"/x/{number}.txt", 1, 1, digest, "", (NewDocument("", str(number), digest, passages),))


def timed(ask: Callable[[int], Any], queries: int) -> dict[str, float]:
    """Milliseconds of the first call, and percentiles of the others."""
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


def resident() -> int:
    """Bytes of memory that this process has now; 0 if the system does not say."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096
    except OSError:
        return 0


Found = list[list[int]]


class Asked:
    """A library on disk, searched in one way.

    Args:
        path: its folder.
        encoders: those that answer.
        limit: the most vectors that are compared in memory.
        whole: whether to compare every vector.
    """

    def __init__(self, path: Path, encoders: Sequence[Known], *, limit: int, whole: bool) -> None:
        self.path, self.encoders, self.limit, self.whole = path, encoders, limit, whole

    def measure(self, queries: int, languages: tuple[str, ...] = ()) -> tuple[dict[str, float], Found, int]:
        """Times, the results of each query by each encoder, and bytes of memory taken."""
        exact.EXACT_LIMIT = self.limit
        before = resident()
        with Library.open(self.path, readonly=True) as library:

            def ask(number: int) -> Found:
                rankings = (
                    library.search(str(number), encoder=each, exact=self.whole, languages=languages)
                    for each in self.encoders
                )
                return [[hit.passage.id for hit in ranking.hits] for ranking in rankings]

            times = timed(ask, queries)
            taken = resident() - before
            return times, [ids for number in range(queries) for ids in ask(number)], max(0, taken)


def recall(found: Found, true: Found) -> float:
    """The mean share of the true best that was found."""
    return round(
        float(np.mean([len(set(some) & set(best)) / len(best) for some, best in zip(found, true, strict=True)])), 4
    )


def indexed(path: Path) -> float:
    """Build the index of every encoder; returns vectors a second."""
    began, number = time.perf_counter(), 0
    exact.EXACT_LIMIT = 0
    with Library.open(path) as library:
        store = Store(library._connection)
        for row in store.encoders():
            refresh(path / "vectors", store, row, notify=sys.stderr.write)
            number += store.vector_count(row)
    return number / (time.perf_counter() - began)


def measure(count: int, queries: int, names: Sequence[str]) -> dict[str, Any]:
    """All numbers of one size."""
    encoders = [Known(name, lambda number: drawn(1, 10_000_000 + number)) for name in names]
    vectors = {name: seeded(place) for place, name in enumerate(names)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library"
        with Library.open(path, create=True) as library:
            speed = filled(library, [LANGUAGES[each % 5] for each in range(count)], vectors)
        result: dict[str, Any] = {"passages": count, "encoders": len(names), "stored_per_second": round(speed)}
        result["database bytes a passage"] = round((path / "library.db").stat().st_size / count)
        # The default holds a third of the vectors in memory; EXACT_LIMIT is to be judged with all of them there.
        search._KEPT_BYTES = 16 * 10**9
        ways = {
            "exact in memory": Asked(path, encoders, limit=10**9, whole=True),
            "exact from disk": Asked(path, encoders, limit=0, whole=True),
        }
        found: dict[str, Found] = {}
        for name, asked in ways.items():
            result[name], found[name], taken = asked.measure(queries)
            if name == "exact in memory":
                result["memory bytes a vector, exact"] = round(taken / count / len(names))
        result["exact, one language"], true_german, _ = ways["exact in memory"].measure(queries, ("de",))
        with Library.open(path, readonly=True) as library:
            result["words"] = timed(lambda number: library.search(f"topic {number}", encoder="bm25"), queries)
        result["index built per second"] = round(indexed(path))
        files = sum(each.stat().st_size for each in (path / "vectors").iterdir())
        result["index bytes a vector"] = round(files / count / len(names))
        through = Asked(path, encoders, limit=0, whole=False)
        result["index"], some, taken = through.measure(queries)
        result["memory bytes a vector, index"] = round(taken / count / len(names))
        # `limit` 0 keeps a language with few passages from being compared exactly.
        result["index, one language"], german, _ = through.measure(queries, ("de",))
        result["recall@10"] = recall(some, found["exact in memory"])
        result["recall@10, one language"] = recall(german, true_german)
        result["exact takes, of the index's time"] = round(result["exact in memory"]["p50"] / result["index"]["p50"], 2)
    return result


def seeded(place: int) -> Callable[[int, int], Vectors]:
    """A function that draws an encoder's vectors for a range of passages."""
    return lambda first, last: drawn(last - first, 10_000_000 * (place + 2) + first)


def measure_real(data: Path, queries: int) -> dict[str, Any]:
    """Recall on XQuAD-R's sentences, in all languages and in each alone."""
    from hybrid_search.engine import encoders
    from hybrid_search.train.benchmarks.loading import load
    from hybrid_search.train.measure.embeddings import encode_benchmark

    benchmark = load("xquad-r", data)
    asked, pool = encode_benchmark(encoders.load("hybrid"), benchmark)
    codes = [each.language for each in benchmark.pool]
    chosen = np.random.default_rng(0).permutation(len(asked))[: queries + 1]
    encoder = Known("hybrid", lambda number: asked[chosen[number]][np.newaxis])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "library"
        with Library.open(path, create=True) as library:
            filled(library, codes, {"hybrid": lambda first, last: pool[first:last]})
        result: dict[str, Any] = {"passages": len(pool), "queries": queries}
        indexed(path)
        exactly = Asked(path, [encoder], limit=10**9, whole=True)
        through = Asked(path, [encoder], limit=0, whole=False)
        for name, languages in {"": (), **{f" in {code}": (code,) for code in sorted(set(codes))}}.items():
            result[f"recall@10{name}"] = recall(
                through.measure(queries, languages)[1], exactly.measure(queries, languages)[1]
            )
    return result


def switch(results: Sequence[dict[str, Any]]) -> str:
    """The size from which the index is faster, interpolated linearly between the sizes around it."""
    ratios = [(each["passages"], each["exact takes, of the index's time"]) for each in results]
    for (low, before), (high, after) in pairwise(ratios):
        if before < 1 <= after:
            return f"{round(low + (high - low) * (1 - before) / (after - before), -3):,.0f}"
    return "below the smallest size" if ratios and ratios[0][1] >= 1 else "beyond the largest size"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--queries", type=int, default=30)
    parser.add_argument("--million", action="store_true", help="and a million passages, with one encoder")
    parser.add_argument("--real", type=Path, metavar="DATA", help="recall on XQuAD-R in DATA instead")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = []

    def show(found: dict[str, Any]) -> None:
        if options.json:
            print(json.dumps(found), flush=True)
        else:
            print("\n".join(f"{name:32} {value}" for name, value in found.items()) + "\n", flush=True)

    if options.real is not None:
        show(measure_real(options.real, options.queries))
        return
    sizes = [int(size) for size in options.sizes.split(",") if size]
    for size, names in [*((size, NAMES) for size in sizes), *([(MILLION, NAMES[:1])] if options.million else [])]:
        results.append(measure(size, options.queries, names))
        show(results[-1])
    if len(results) > 1:
        show({"the index is faster from": f"{switch(results)} passages"})


if __name__ == "__main__":
    main()
