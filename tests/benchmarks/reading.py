"""What reading in worker processes costs, and how much memory long files take: `python tests/benchmarks/reading.py`.

    --files N       tiny files (20,000)
    --megabytes N   size of a plain text (200; 0 for none)
    --rows N        rows of a table (500,000; 0 for none)
    --json

Tiny files are read by the pool and, for comparison, by `documents.read` in this process, without cutting or storing.
They and long files are indexed by a separate process without an encoder; its peak memory and its workers' are the
largest resident sets that the system recorded (Linux). Its processor seconds and theirs depend little on other work.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from hybrid_search.engine.documents import read
from hybrid_search.engine.documents.worker import Request
from hybrid_search.engine.ingest import ReadingPool

_TEXT = """
    the a of and in to moon bread water river old tree village house fire night morning walked said under beside slowly
    because letter window garden winter summer stone bridge market people remember never always small large green
"""
WORDS = _TEXT.split()

INDEX = """
import resource, sys, time
from hybrid_search.engine.library import Library
with Library.open(sys.argv[2], create=True) as library:
    passages = library.index([sys.argv[1]], encoders=[]).passages
others = resource.getrusage(resource.RUSAGE_CHILDREN)
print(passages, time.process_time(), others.ru_utime + others.ru_stime)
"""


def sentence(chance: random.Random) -> str:
    """A sentence of a dozen words."""
    return " ".join(chance.choices(WORDS, k=chance.randint(6, 18))).capitalize() + "."


def tiny(folder: Path, number: int) -> list[Path]:
    """Write so many small Markdown files."""
    paths = []
    for count in range(number):
        path = folder / f"{count // 1000:03}" / f"{count}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Note {count}\n\nNote {count} tells of bread, water and the moon.\n\nAnd of the old tree.\n")
        paths.append(path)
    return paths


def long_text(path: Path, size: int) -> None:
    """Write a text of so many bytes."""
    chance = random.Random(1)
    with path.open("w") as file:
        written = 0
        while written < size:
            written += file.write(" ".join(sentence(chance) for _ in range(6)) + "\n\n")


def long_table(path: Path, rows: int) -> None:
    """Write a table of so many rows."""
    chance = random.Random(2)
    with path.open("w") as file:
        file.write("id,title,text\n")
        for number in range(rows):
            file.write(f'{number},Title {number},"{sentence(chance)} {sentence(chance)} Number {number}."\n')


def reading(paths: list[Path]) -> dict[str, float]:
    """Files a second, by the pool and in this process."""
    started = time.perf_counter()
    for path in paths:
        for document in read(path):
            assert document.text
    alone = time.perf_counter() - started
    started = time.perf_counter()
    with ReadingPool() as pool:
        for _, documents in pool.files((Request(path, path.stat().st_size), path) for path in paths):
            for arriving in documents:
                assert list(arriving.pieces)
    pooled = time.perf_counter() - started
    return {"in one process": len(paths) / alone, "by workers": len(paths) / pooled, "ratio": alone / pooled}


def indexing(path: Path) -> dict[str, float]:
    """Seconds of indexing a file or folder, and peak memory in MB of the process itself and of the largest worker."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as library:
        process = subprocess.Popen([sys.executable, "-c", INDEX, path, library], stdout=subprocess.PIPE, text=True)
        over, peaks = threading.Event(), {}
        watch = threading.Thread(target=_note_peaks, args=(process.pid, peaks, over))
        watch.start()
        passages, used, others = map(float, process.communicate()[0].split())
        over.set()
        watch.join()
    own = peaks.pop(process.pid, 0)
    return {
        "passages": passages,
        "seconds": time.perf_counter() - started,
        "processor seconds": used,
        "of other processes": others,
        "MB": own,
        "MB of a worker": max(peaks.values(), default=0),
    }


def _note_peaks(process: int, peaks: dict[int, int], over: threading.Event) -> None:
    while not over.wait(0.2):
        for place in Path("/proc").glob("[0-9]*/status"):
            try:
                facts = dict(line.split(":", 1) for line in place.read_text().splitlines())
                number, parent = int(facts["Pid"]), int(facts["PPid"])
                if process in (number, parent):
                    peaks[number] = int(facts["VmHWM"].split()[0]) // 1024
            except (OSError, KeyError, ValueError):
                continue


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        if chosen.files:
            figures["tiny files a second"] = reading(tiny(Path(folder) / "tiny", chosen.files))
            figures[f"folder of {chosen.files:,} tiny files"] = indexing(Path(folder) / "tiny")
        if chosen.megabytes:
            long_text(Path(folder) / "long.txt", chosen.megabytes * 1024 * 1024)
            figures[f"text of {chosen.megabytes} MB"] = indexing(Path(folder) / "long.txt")
        if chosen.rows:
            long_table(Path(folder) / "table.csv", chosen.rows)
            figures[f"table of {chosen.rows:,} rows"] = indexing(Path(folder) / "table.csv")
    if chosen.json:
        print(json.dumps(figures))
        return
    for name, values in figures.items():
        print(name + ": " + ", ".join(f"{key} {value:,.2f}" for key, value in values.items()))


if __name__ == "__main__":
    main()
