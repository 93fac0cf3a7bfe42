"""How the demo library is made: from what ships when it is opened, and what ships from the encoders themselves.

`python -m hybrid_search.engine.demo_making [ENCODER...]` writes again what ships: where passages begin and end, and
the vectors of the encoders.
"""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .documents import read
from .encoders.protocol import Encoder, Vectors
from .encoding import counting
from .indexing import Cutter, Indexer, document_digest, file_digest
from .store_records import NewDocument, NewPassage, digest_of
from .store_writing import Store

SPANS = "spans.json.gz"
VECTORS = "vectors"


class DemoIndexer(Indexer):
    """An indexer that is told where the passages of known files begin and end, and in which language they are.

    Cutting them and telling their languages would cost a newcomer seconds before anything is on the screen.
    """

    spans: dict[str, Any]

    def documents(self, path: Path, text_column: str | None = None) -> Iterator[NewDocument]:
        """The documents of a file; a file that is not as it was when it shipped is read as any other."""
        known = self.spans.get(file_digest(path).hex())
        if known is None:
            yield from super().documents(path, text_column)
            return
        for document, spans in zip(read(path), known, strict=True):
            yield NewDocument(
                document.part,
                document.title,
                document_digest(document),
                tuple(
                    NewPassage(start, end, heading, document.text[start:end], language, confidence)
                    for start, end, heading, language, confidence in spans
                ),
            )


def read_spans(folder: Path) -> dict[str, Any]:
    """What ships about passages: for each file's digest the (start, end, heading, language, confidence) of each."""
    try:
        with gzip.open(folder / SPANS, "rt", encoding="utf-8") as file:
            found: dict[str, Any] = json.load(file)
    except (OSError, EOFError, ValueError, zlib.error):
        return {}
    return found


@dataclass(frozen=True)
class ShippedVectors:
    """Vectors of passages by the digests of their texts, and the encoder that made them."""

    fingerprint: str
    digests: list[bytes]
    vectors: Vectors


def read_vectors(path: Path) -> ShippedVectors | None:
    """What ships for an encoder; None where nothing does, or it is damaged."""
    try:
        with np.load(path) as file:
            vectors = file["vectors"].astype(np.float32)
            digests = [row.tobytes() for row in file["digests"]]
            fingerprint = str(file["fingerprint"])
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        return None
    # Halves are what keeps the download small; their lengths are off by a little.
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if len(digests) != len(vectors) or not np.isfinite(norms).all() or not norms.all():
        return None
    return ShippedVectors(fingerprint, digests, vectors / norms)


def take_vectors(store: Store, name: str, fingerprint: str | None, folder: Path) -> int:
    """Store what ships for an encoder, if it made these vectors as it is now; returns how many there were."""
    shipped = read_vectors(folder / VECTORS / f"{name}.npz")
    if shipped is None or shipped.fingerprint != fingerprint:
        return 0
    known = store.text_ids(shipped.digests)
    rows = [row for row, digest in enumerate(shipped.digests) if digest in known]
    if rows:
        encoder = store.add_encoder(name, shipped.fingerprint, shipped.vectors.shape[1])
        store.put_vectors(encoder, [known[shipped.digests[row]] for row in rows], shipped.vectors[rows])
        store.forget_namesakes(encoder)
    return len(rows)


def write_spans(folder: Path, encoders: Sequence[Encoder]) -> dict[bytes, str]:
    """Write where the demo's passages begin and end, so that all of the encoders read them whole.

    Args:
        folder: the demo's folder, with `passages` in it.
        encoders: at least one.

    Returns:
        the texts of the passages by their digests.

    """
    count_tokens, _ = counting(encoders)
    # A whole text is one passage: then the library is parallel, as many passages in each language.
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
    """Write what an encoder makes of the passages, in half precision: a few hundred kilobytes; returns the file."""
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


def main(names: Sequence[str]) -> None:
    """Write what ships, with vectors of the encoders of some names, by default of the bundled ones that are here."""
    from .demo import ENCODERS, demo_folder, fingerprint_of
    from .encoders import load

    chosen = list(names) or [name for name in ENCODERS if name != "base" and fingerprint_of(name)]
    encoders = [load(name) for name in chosen or ["base"]]
    texts = write_spans(demo_folder(), encoders)
    sys.stderr.write(f"{len(texts)} passages\n")
    for encoder in encoders if chosen else []:
        path = write_vectors(demo_folder(), encoder, texts)
        sys.stderr.write(f"{path}: {path.stat().st_size:,} bytes, {encoder.fingerprint}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
