"""A library pushed to real engines: `python tests/benchmarks/pushing.py [--passages 1000000] [--engines NAMES]`.

The engines are Milvus Lite, and a separate server of PostgreSQL with pgvector (Debian's, else a wheel's) in a temporary
folder. Short passages with vectors of 384 numbers from seeded clusters go through `push` itself and are searched in the
library on the engine; neither is ever held whole in memory. For each engine and index (every vector compared; a graph,
if the engine has one): passages a second, processor seconds of this process a thousand passages, bytes a passage on
disk, the memory that the push adds to this process at its peak (Milvus Lite runs in this process), seconds of building
the graph, milliseconds a query, and recall@10 against comparing every vector here. Each row is printed as soon as it is
measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import searching
from hybrid_search.engine.errors import LibraryError
from hybrid_search.engine.library import Library
from hybrid_search.engine.places import Place, place_of
from hybrid_search.engine.remote.library import RemoteLibrary
from hybrid_search.engine.remote.pushing import push

SEEN = searching.seeded(0)


def query_of(number: int) -> Any:
    """The vector of a query, shape (1, 384)."""
    return searching.drawn(1, 10_000_000 + number)


@contextmanager
def postgres() -> Iterator[tuple[Place, Path]]:
    """A running server, and the folder that it writes to."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.support.postgres_server import PostgresServer, programs

    if programs() is None:
        raise OSError("there is no PostgreSQL with pgvector here")
    server = PostgresServer()
    try:
        found = place_of(server.uri)
        assert isinstance(found, Place)
        yield found, server._folder
    finally:
        server.close()


@contextmanager
def milvus() -> Iterator[tuple[Place, Path]]:
    """Milvus Lite in this process, and the folder that it writes to."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as room:
        yield Place(str(Path(room) / "engine.db")), Path(room)


ENGINES = {"milvus": milvus, "postgres": postgres}


def size_of(folder: Path) -> int:
    """Bytes on disk below a folder."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(parent) / name).stat().st_blocks * 512
    return total


class Peak:
    """The most memory that this process holds while a block runs."""

    def __enter__(self) -> Peak:
        self.before = self.most = searching.resident()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            self.most = max(self.most, int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def nearest_here(passages: int, queries: int) -> list[list[int]]:
    """The ten best passages of each query, by comparing every vector, block by block."""
    asked = np.concatenate([query_of(number) for number in range(queries)])
    best: list[list[tuple[float, int]]] = [[] for _ in range(queries)]
    for first in range(0, passages, searching.BLOCK):
        scores = SEEN(first, min(first + searching.BLOCK, passages)) @ asked.T
        for number in range(queries):
            top = np.argsort(-scores[:, number])[:10]
            found = [(-float(scores[place, number]), first + int(place) + 1) for place in top]
            best[number] = sorted([*best[number], *found])[:10]
    return [[number for _, number in each] for each in best]


def measured(path: Path, place: Place, folder: Path, index: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """The row of one push and its queries."""
    empty, spent = size_of(folder), time.process_time()
    with Library.open(path, readonly=True) as library, Peak() as peak:
        report = push(library, place, index=index)
    row: dict[str, Any] = {"index": index, "seconds": round(report.seconds, 1)}
    if report.sent:
        row |= {
            "passages a second": round(chosen.passages / report.seconds),
            "processor seconds a thousand": round((time.process_time() - spent) / chosen.passages * 1000, 3),
            "bytes a passage on disk": round((size_of(folder) - empty) / chosen.passages),
            "megabytes of memory": round((peak.most - peak.before) / 1e6),
        }
    encoder = searching.Known("hybrid", query_of)
    with RemoteLibrary.open(place) as library:

        def ask(number: int) -> list[int]:
            return [hit.passage.id for hit in library.search(str(number), encoder=encoder).hits]

        row["milliseconds a query"] = searching.timed(ask, chosen.queries)
        found = [ask(number) for number in range(chosen.queries)]
    row["recall@10"] = searching.recall(found, nearest_here(chosen.passages, chosen.queries))
    return row


def main(arguments: list[str] | None = None) -> int:
    """Measure; print a JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--engines", default="milvus,postgres")
    parser.add_argument("--indexes", default="exact,hnsw")
    parser.add_argument("--queries", type=int, default=20)
    chosen = parser.parse_args(arguments)

    def say(**row: Any) -> None:
        print(json.dumps(row), flush=True)

    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "library"
        languages = [searching.LANGUAGES[each % 5] for each in range(chosen.passages)]
        with Library.open(path, create=True) as library:
            rate = searching.filled(library, languages, {"hybrid": SEEN})
        say(
            passages=chosen.passages, stored_a_second=round(rate), bytes_a_passage=round(size_of(path) / len(languages))
        )
        for name in chosen.engines.split(","):
            made: Callable[[], Any] = ENGINES[name]
            try:
                with made() as (place, folder):
                    for index in chosen.indexes.split(","):
                        say(engine=name, **measured(path, place, folder, index, chosen))
            except (LibraryError, OSError, ImportError) as error:
                say(engine=name, not_measured=str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
