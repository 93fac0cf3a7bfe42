"""Write the bundled files of the demo library: the spans of its passages, and the encoders' vectors of them.

Run it after a change to an encoder, the passages or the sentence splitter: `python tests/making/demo.py [ENCODER...]`.
It prints the share of the first ten results in the question's language, over all questions in all languages.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hybrid_search.engine.encoders import Encoder, load
from hybrid_search.engine.ingest import Cutter, counting, file_digest
from hybrid_search.engine.library.demo import ENCODERS, demo_folder, fingerprint_of, open_demo
from hybrid_search.engine.library.demo_indexing import SPANS, VECTORS
from hybrid_search.engine.store import digest_of


def write_spans(folder: Path, encoders: Sequence[Encoder]) -> dict[bytes, str]:
    """Write the spans of the demo's passages, which are cut so that all of the encoders read them whole.

    Args:
        folder: the demo's folder, with `passages` in it.
        encoders: at least one.

    Returns:
        the texts of the passages by their digests.

    """
    count_tokens, *_ = counting(encoders)
    # Each text becomes one passage if it fits, so that the library is parallel: as many passages in each language.
    cutter = Cutter(count_tokens, min(encoder.max_tokens for encoder in encoders))
    spans: dict[str, Any] = {}
    texts: dict[bytes, str] = {}
    for path in sorted((folder / "passages").rglob("*.md")):
        found = [document.passages for document in cutter.documents(path)]
        spans[file_digest(path).hex()] = [
            [[each.start, each.end, each.heading, each.language, each.confidence] for each in passages]
            for passages in found
        ]
        texts.update({digest_of(each.text): each.text for passages in found for each in passages})
    packed = json.dumps(spans, ensure_ascii=False, separators=(",", ":")).encode()
    (folder / SPANS).write_bytes(gzip.compress(packed, mtime=0))
    return texts


def write_vectors(folder: Path, encoder: Encoder, texts: dict[bytes, str]) -> Path:
    """Write an encoder's vectors of the passages, in half precision (a few hundred kilobytes); returns the file."""
    digests = sorted(texts)
    vectors = encoder.encode_document([texts[digest] for digest in digests])
    path = folder / VECTORS / f"{encoder.name}.npz"
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        path,
        vectors=vectors.astype(np.float16),
        digests=np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(len(digests), -1),
        fingerprint=np.array(encoder.fingerprint),
    )
    return path


def own_language(names: Sequence[str]) -> dict[str, float]:
    """The share of the first ten results in the question's language, mean over languages, by encoder."""
    lines = (demo_folder() / "questions.jsonl").read_text("utf-8").splitlines()
    shares: dict[tuple[str, str], list[float]] = {}
    with open_demo() as library:
        for line in lines:
            for language, question in json.loads(line)["question"].items():
                for name in names:
                    hits = library.search(question, encoder=name, k=10).hits
                    own = sum(hit.passage.language == language for hit in hits) / len(hits)
                    shares.setdefault((name, language), []).append(own)
    means = {key: float(np.mean(found)) for key, found in shares.items()}
    return {name: float(np.mean([mean for key, mean in means.items() if key[0] == name])) for name in names}


def main(names: Sequence[str]) -> None:
    """Write the bundled files, with vectors of the named encoders, by default of the bundled ones that are here."""
    chosen = list(names) or [name for name in ENCODERS if name != "base" and fingerprint_of(name)]
    encoders = [load(name) for name in chosen or ["base"]]
    texts = write_spans(demo_folder(), encoders)
    sys.stderr.write(f"{len(texts)} passages\n")
    for encoder in encoders if chosen else []:
        path = write_vectors(demo_folder(), encoder, texts)
        sys.stderr.write(f"{path}: {path.stat().st_size:,} bytes, {encoder.fingerprint}\n")
    for name, share in own_language(chosen).items():
        sys.stderr.write(f"{name}: {share:.1%} of the first ten results are in the language of the question\n")


if __name__ == "__main__":
    main(sys.argv[1:])
