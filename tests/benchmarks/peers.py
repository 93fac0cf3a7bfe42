"""Runs the ways that indexing.py compares: each in a separate process, peers in a separate environment.

`python peers.py --way NAME --model DIR --passages PATH --where DIR` prints its seconds as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sysconfig
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEERS = {
    "txtai": ("txtai",),
    "chroma": ("chromadb",),
    # Its last version needs pkg_resources, which newer setuptools do not have.
    "semantra": ("semantra", "setuptools<81"),
}
Times = dict[str, float]


def texts_of(file: Path) -> list[str]:
    """The passages to index."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def plain(model: Path, passages: Path, where: Path) -> Times:
    """Encoding alone, by sentence-transformers: the lower bound of every way that uses it."""
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(str(model), device="cpu")
    return both(lambda: loaded.encode_document(texts_of(passages)))


def txtai(model: Path, passages: Path, where: Path) -> Times:
    """txtai's embeddings database, with texts, in files."""
    from txtai import Embeddings

    settings = {"path": str(model), "content": True, "instructions": {"query": "query: ", "data": "passage: "}}
    embeddings = Embeddings(**settings, gpu=False)
    embeddings.transform("ready")

    def index() -> None:
        embeddings.upsert((number, text, None) for number, text in enumerate(texts_of(passages)))
        embeddings.save(str(where / "index"))

    return both(index)


def chroma(model: Path, passages: Path, where: Path) -> Times:
    """chroma's persistent collection, with its own sentence-transformers function."""
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
    """semantra's command without the server, on the files themselves, in windows about as long as our passages.

    Its seconds include loading the model, which it always does.
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
        from hybrid_search.engine.library.library import Library

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
    """Seconds of indexing, and of indexing again."""
    began = time.perf_counter()
    index()
    then = time.perf_counter()
    index()
    return {"index": then - began, "again": time.perf_counter() - then}


def installed(scratch: Path, name: str) -> tuple[Path, str]:
    """The interpreter of an environment with a peer (which also sees our packages), and the reason if it failed."""
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


def main() -> None:
    """Run one way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", choices=WAYS, required=True)
    for name in ("--model", "--passages", "--where"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    print(json.dumps(WAYS[options.way](options.model, options.passages, options.where)))


if __name__ == "__main__":
    main()
