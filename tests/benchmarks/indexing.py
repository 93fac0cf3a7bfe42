"""A folder to a searchable index, against peers: `python tests/benchmarks/indexing.py [--folder DIR] [--json]`.

All use the same weights: the encoder `hybrid`, exported as a folder that sentence-transformers loads. txtai and chroma
get the passages ready made; we and semantra read and split the files. Each is a fresh process: seconds are given from
its start, then without loading the model (semantra always loads it), then for doing all of it again with nothing
changed. This command installs the peers, which also see what is installed here, into --scratch (.5 GB; kept for the
next time if named). The folder is the demo's passages in fourteen languages, unless another is named.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import peers
from hybrid_search.engine import encoders
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.paths import assets_folder


def run(python: Path, way: str, model: Path, passages: Path) -> dict[str, Any]:
    """The times of one way, measured by a fresh process."""
    with tempfile.TemporaryDirectory() as where:
        began = time.perf_counter()
        found = subprocess.run(
            [python, peers.__file__, "--way", way, "--model", model, "--passages", passages, "--where", where],
            capture_output=True,
            text=True,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
        )
        whole = time.perf_counter() - began
    if found.returncode:
        return {"failed": (found.stderr.strip().splitlines() or ["no message"])[-1]}
    times: dict[str, float] = json.loads(found.stdout.splitlines()[-1])
    return {"process": whole - times["again"], **times}


def measure(folder: Path, scratch: Path) -> dict[str, Any]:
    """All ways on one folder."""
    with tempfile.TemporaryDirectory() as work:
        model, passages = Path(work) / "hybrid", Path(work) / "passages.jsonl"
        encoders.export("hybrid", model)
        # Cuts the passages exactly as `ours` does.
        with Library.open(Path(work) / "library", create=True) as library:
            report = library.index([folder], encoders=[])
            numbers = library._searcher.roster().ids.tolist()
            texts = [library.passage(number).text for number in numbers]
        passages.write_text("".join(json.dumps(text) + "\n" for text in texts), "utf-8")
        results: dict[str, Any] = {"passages": report.passages, "documents": report.new}
        for way in ("ours, int8", "ours, fp32", "plain"):
            results[way] = run(Path(sys.executable), way, model, folder if way in peers.OWN_FILES else passages)
        for way in peers.PEERS:
            python, why = peers.installed(scratch, way)
            source = folder if way in peers.OWN_FILES else passages
            results[way] = {"failed": why} if why else run(python, way, model, source)
    return results


def show(results: dict[str, Any]) -> None:
    """Print a table; ratios are to encoding alone by sentence-transformers."""
    count, base = results["passages"], results["plain"].get("index")
    print(f"{count:,} passages of {results['documents']:,} documents")
    print(f"{'':12} {'from start s':>12} {'index s':>9} {'passages/s':>11} {'x plain':>8} {'again s':>9}")
    for way, times in results.items():
        if not isinstance(times, dict):
            continue
        if "failed" in times:
            print(f"{way:12} could not be run: {times['failed']}")
            continue
        ratio = f"{base / times['index']:8.2f}" if base else " " * 8
        speed = count / times["index"]
        print(f"{way:12} {times['process']:12.1f} {times['index']:9.2f} {speed:11.1f} {ratio} {times['again']:9.2f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--scratch", type=Path, help="where peers are installed; a temporary folder if not given")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    folder = options.folder or assets_folder() / "demo" / "passages"
    with tempfile.TemporaryDirectory() as temporary:
        results = measure(folder, (options.scratch or Path(temporary)).absolute())
    if options.json:
        print(json.dumps(results))
    else:
        show(results)


if __name__ == "__main__":
    main()
