"""Libraries for an approximate index, compared: `python tests/benchmarks/graphs.py [--vectors 20000] [--json]`.

hnswlib (vectors in single precision), usearch (half precision and 8-bit integers) and voyager (8 bits, two kinds) on
the same clustered unit vectors of 384 numbers, one thread, links and widths as in the program. Each is asked for 18
texts, of which the ten best by the exact vectors are kept, as in a search. Libraries that are not installed are left
out.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from hybrid_search.engine.encoders import Vectors
from hybrid_search.engine.search.graph_kinds import BUILD_WIDTH, LINKS, SEARCH_WIDTH
from searching import DIMENSION, drawn

ASKED, BEST = 18, 10
Way = tuple[str, Callable[[], Any], Callable[[Any, Any], Any], Callable[[Any, str], Any]]


def ways(vectors: Vectors) -> Iterator[Way]:
    """For each library: its name, and functions that build an index, query it and save it."""
    numbers = np.arange(len(vectors))
    try:
        import hnswlib

        def build() -> Any:
            index = hnswlib.Index("ip", DIMENSION)
            index.init_index(len(vectors), ef_construction=BUILD_WIDTH, M=LINKS, random_seed=1)
            index.add_items(vectors, numbers, num_threads=1)
            index.set_ef(SEARCH_WIDTH)
            return index

        yield (
            "hnswlib, float32",
            build,
            lambda index, query: index.knn_query(query[None], k=ASKED, num_threads=1)[0][0],
            lambda index, path: index.save_index(path),
        )
    except ImportError:
        pass
    try:
        from usearch.index import Index

        for kind in ("f16", "i8"):

            def build_usearch(kind: str = kind) -> Any:
                index = Index(
                    ndim=DIMENSION,
                    metric="cos",
                    dtype=kind,
                    connectivity=LINKS,
                    expansion_add=BUILD_WIDTH,
                    expansion_search=SEARCH_WIDTH,
                )
                index.add(numbers, vectors, threads=1)
                return index

            yield (
                f"usearch, {kind}",
                build_usearch,
                lambda index, query: index.search(query, ASKED, threads=1).keys.astype(np.int64),
                lambda index, path: index.save(path),
            )
    except ImportError:
        pass
    try:
        import voyager

        for name in ("Float8", "E4M3"):

            def build_voyager(name: str = name) -> Any:
                kind = getattr(voyager.StorageDataType, name)
                index = voyager.Index(
                    voyager.Space.InnerProduct, DIMENSION, M=LINKS, ef_construction=BUILD_WIDTH, storage_data_type=kind
                )
                index.add_items(vectors, numbers.tolist(), num_threads=1)
                return index

            yield (
                f"voyager, {name}",
                build_voyager,
                lambda index, query: index.query(query, k=ASKED, query_ef=SEARCH_WIDTH, num_threads=1)[0],
                lambda index, path: index.save(path),
            )
    except ImportError:
        pass


def measure(count: int, queries: int) -> list[dict[str, Any]]:
    """A row for each library, with its ratios to the first."""
    vectors, asked = drawn(count, 1), drawn(queries, 2)
    true = np.argsort(-(asked @ vectors.T), axis=1)[:, :BEST]
    rows: list[dict[str, Any]] = []
    for name, build, put, save in ways(vectors):
        began = time.perf_counter()
        index = build()
        built = time.perf_counter() - began
        began = time.perf_counter()
        found = [np.asarray(put(index, query), dtype=np.int64) for query in asked]
        took = (time.perf_counter() - began) / queries
        best = [own[np.argsort(-(vectors[own] @ query))[:BEST]] for own, query in zip(found, asked, strict=True)]
        hits = [len(set(own) & set(right)) / BEST for own, right in zip(best, true, strict=True)]
        with tempfile.TemporaryDirectory() as place:
            save(index, str(Path(place) / "index"))
            size = (Path(place) / "index").stat().st_size / count
        rows.append(
            {
                "library": name,
                "recall@10": float(np.mean(hits)),
                "bytes_a_vector": size,
                "query_ms": 1000 * took,
                "vectors_built_a_second": count / built,
            }
        )
    for row in rows:
        row["size_ratio"] = row["bytes_a_vector"] / rows[0]["bytes_a_vector"]
        row["query_ratio"] = row["query_ms"] / rows[0]["query_ms"]
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows = measure(chosen.vectors, chosen.queries)
    if chosen.json:
        print(json.dumps(rows, indent=2))
        return
    sys.stdout.write("| library | recall@10 | bytes a vector | query, ms | built a second |\n|---|---|---|---|---|\n")
    for row in rows:
        print(
            f"| {row['library']} | {row['recall@10']:.4f} | {row['bytes_a_vector']:,.0f} ({row['size_ratio']:.2f}) "
            f"| {row['query_ms']:.2f} ({row['query_ratio']:.2f}) | {row['vectors_built_a_second']:,.0f} |"
        )


if __name__ == "__main__":
    main()
