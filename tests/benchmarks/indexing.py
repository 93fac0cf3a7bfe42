"""A folder to a searchable index, against peers: `python tests/benchmarks/indexing.py [--folder DIR] [--json]`.

Everybody gets the same weights: the encoder `hybrid`, exported as the folder that sentence-transformers loads. txtai
and chroma get the passages ready made; we and semantra read and split the files. Each is a fresh process: seconds are
given from its start, then without loading the model (semantra cannot but load it), then for doing all of it again with
nothing changed. Peers are installed by this command, seeing what is installed here, into --scratch (.5 GB; kept for
the next time if named). The folder is the demo's passages in fourteen languages, unless another is named.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PEERS = {
    "txtai": ("txtai",),
    "chroma": ("chromadb",),
    # Its last version reads its own version by pkg_resources, which setuptools no longer has.
    "semantra": ("semantra", "setuptools<81"),
}
Times = dict[str, float]


def texts_of(file: Path) -> list[str]:
    """The passages to index."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


# -- each of these runs in a process of its own


def plain(model: Path, passages: Path, where: Path) -> Times:
    """Encoding alone, by sentence-transformers: what nobody who uses it can go below."""
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(str(model), device="cpu")
    return both(lambda: loaded.encode_document(texts_of(passages)))


def txtai(model: Path, passages: Path, where: Path) -> Times:
    """Its embeddings database, with texts, in files."""
    from txtai import Embeddings

    settings = {"path": str(model), "content": True, "instructions": {"query": "query: ", "data": "passage: "}}
    embeddings = Embeddings(**settings, gpu=False)
    embeddings.transform("ready")

    def index() -> None:
        embeddings.upsert((number, text, None) for number, text in enumerate(texts_of(passages)))
        embeddings.save(str(where / "index"))

    return both(index)


def chroma(model: Path, passages: Path, where: Path) -> Times:
    """A persistent collection with the sentence-transformers function that comes with it."""
    import chromadb
    from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

    function = SentenceTransformerEmbeddingFunction(model_name=str(model), device="cpu", normalize_embeddings=True)
    function(["ready"])
    client = chromadb.PersistentClient(str(where), settings=chromadb.Settings(anonymized_telemetry=False))
    collection = client.get_or_create_collection("texts", embedding_function=function)

    def index() -> None:
        texts = texts_of(passages)
        for first in range(0, len(texts), 1000):
            block = texts[first : first + 1000]
            collection.upsert(ids=[str(first + row) for row in range(len(block))], documents=block)

    return both(index)


def semantra(model: Path, passages: Path, where: Path) -> Times:
    """Its command without the server, on the files themselves, in windows about as long as our passages.

    Loading the model is in its seconds: it has no other way.
    """
    from semantra.semantra import main as command

    files = [str(path) for path in sorted(passages.rglob("*")) if path.suffix in (".md", ".txt", ".pdf")]
    options = ["--no-server", "--silent", "--no-confirm", "--windows", "160_0_24", "--semantra-dir", str(where)]
    arguments = [*options, "--transformer-model", str(model), "--doc-token-pre", "passage: ", *files]
    return both(lambda: command(arguments, standalone_mode=False))


def ours(precision: str) -> Callable[[Path, Path, Path], Times]:
    """`Library.index` on the folder itself; `passages` names it."""

    def run(model: Path, passages: Path, where: Path) -> Times:
        from hybrid_search.engine import encoders
        from hybrid_search.engine.library import Library

        encoder = encoders.load("hybrid", precision=precision)
        encoder.encode_document(["ready"])
        with Library.open(where / "library", create=True) as library:
            return both(lambda: library.index([passages], encoders=[encoder]))

    return run


WAYS: dict[str, Callable[[Path, Path, Path], Times]] = {
    "ours, int8": ours("int8"),
    "ours, fp32": ours("fp32"),
    "plain": plain,
    "txtai": txtai,
    "chroma": chroma,
    "semantra": semantra,
}
OWN_FILES = ("ours, int8", "ours, fp32", "semantra")


def both(index: Callable[[], Any]) -> Times:
    """Seconds of indexing, and of doing it again."""
    began = time.perf_counter()
    index()
    then = time.perf_counter()
    index()
    return {"index": then - began, "again": time.perf_counter() - then}


# -- the process that compares


def installed(scratch: Path, name: str) -> tuple[Path, str]:
    """The interpreter of an environment with a peer, which sees what is installed here too; why not, if it failed."""
    folder = scratch / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "done").exists():
        venv.create(folder, with_pip=True)
        site = subprocess.check_output(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        ).strip()
        (Path(site) / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
        found = subprocess.run([python, "-m", "pip", "install", "-q", *PEERS[name]], capture_output=True, text=True)
        if found.returncode:
            lines = [line for line in found.stderr.splitlines() if line.startswith("ERROR")]
            return python, (lines or found.stderr.splitlines() or ["pip failed"])[-1]
        (folder / "done").touch()
    return python, ""


def run(python: Path, way: str, model: Path, passages: Path) -> dict[str, Any]:
    """The times of one way, measured by a fresh process."""
    with tempfile.TemporaryDirectory() as where:
        began = time.perf_counter()
        found = subprocess.run(
            [python, __file__, "--way", way, "--model", model, "--passages", passages, "--where", where],
            capture_output=True,
            text=True,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
        )
        whole = time.perf_counter() - began
    if found.returncode:
        return {"failed": (found.stderr.strip().splitlines() or ["no message"])[-1]}
    times: Times = json.loads(found.stdout.splitlines()[-1])
    return {"process": whole - times["again"], **times}


def measure(folder: Path, scratch: Path) -> dict[str, Any]:
    """All ways on one folder."""
    from hybrid_search.engine import encoders
    from hybrid_search.engine.library import Library

    with tempfile.TemporaryDirectory() as work:
        model, passages = Path(work) / "hybrid", Path(work) / "passages.jsonl"
        encoders.export("hybrid", model)
        # Cut exactly as they are when it is our turn.
        with Library.open(Path(work) / "library", create=True) as library:
            report = library.index([folder], encoders=[])
            numbers = library._searcher.roster().ids.tolist()
            texts = [library.passage(number).text for number in numbers]
        passages.write_text("".join(json.dumps(text) + "\n" for text in texts), "utf-8")
        results: dict[str, Any] = {"passages": report.passages, "documents": report.new}
        for way in ("ours, int8", "ours, fp32", "plain"):
            results[way] = run(Path(sys.executable), way, model, folder if way in OWN_FILES else passages)
        for way in PEERS:
            python, why = installed(scratch, way)
            source = folder if way in OWN_FILES else passages
            results[way] = {"failed": why} if why else run(python, way, model, source)
    return results


def show(results: dict[str, Any]) -> None:
    """As a table; ratios are to encoding alone by sentence-transformers."""
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
    """Compare; with --way, be one of those that are compared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--scratch", type=Path, help="where peers are installed; a temporary folder if not given")
    parser.add_argument("--json", action="store_true")
    for hidden in ("--way", "--model", "--passages", "--where"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.way:
        print(json.dumps(WAYS[options.way](Path(options.model), Path(options.passages), Path(options.where))))
        return
    from hybrid_search.engine.paths import assets_folder

    folder = options.folder or assets_folder() / "demo" / "passages"
    with tempfile.TemporaryDirectory() as temporary:
        results = measure(folder, (options.scratch or Path(temporary)).absolute())
    if options.json:
        print(json.dumps(results))
    else:
        show(results)


if __name__ == "__main__":
    main()
