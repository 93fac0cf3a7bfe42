"""Split a 4-bit archive of a base into the files that ship: `python tests/making/pack_base.py ARCHIVE FOLDER`."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hybrid_search.engine.encoders.tokens import tokenizing
from hybrid_search.engine.encoders.weights.architecture import TABLE
from hybrid_search.engine.encoders.weights.base import DESCRIPTION, LAYERS, TABLE_NIBBLES, TABLE_SCALES

NAME = "multilingual-e5-small"
TEXTS = ("config.json", "tokenizer_config.json")


def pack(archive: Path, folder: Path) -> int:
    """Write the packed base and return its size in bytes.

    Args:
        archive: an npz of `NAME.q` (uint8 blocks), `NAME.d` (float16 scales), plain arrays, and `file:PATH` texts.
        folder: made if missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with np.load(archive) as packed:
        files = {key.removeprefix("file:"): packed[key].tobytes() for key in packed if key.startswith("file:")}
        weights = {key: packed[key] for key in packed if not key.startswith("file:")}
    digest = hashlib.sha256()
    for key in sorted(weights):
        digest.update(key.encode() + weights[key].tobytes())
    digest.update(hashlib.sha256(files["tokenizer.json"]).digest())
    np.save(folder / TABLE_NIBBLES, weights.pop(f"{TABLE}.q"))
    np.save(folder / TABLE_SCALES, weights.pop(f"{TABLE}.d"))
    np.savez(folder / LAYERS, **weights)
    tokenizing.compact(files["tokenizer.json"].decode(), folder)
    for name in TEXTS:
        (folder / name).write_bytes(files[name])
    pooling = json.loads(files["1_Pooling/config.json"])
    described = {
        "schema": 1,
        "name": NAME,
        "description": "multilingual-e5-small, untrained: a fine monolingual retriever, badly language-biased",
        "digest": digest.hexdigest(),
        "prompts": json.loads(files["config_sentence_transformers.json"])["prompts"],
        "pooling": pooling["pooling_mode"],
        "max_tokens": json.loads(files["tokenizer_config.json"])["model_max_length"],
        "precision": "int8",
    }
    (folder / DESCRIPTION).write_text(json.dumps(described, indent=2) + "\n", "utf-8")
    return sum(path.stat().st_size for path in folder.iterdir())


def main(arguments: Sequence[str] | None = None) -> int:
    """Pack, and print the size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args(arguments)
    size = pack(chosen.archive, chosen.folder)
    parser.exit(0, f"{chosen.folder}: {size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
