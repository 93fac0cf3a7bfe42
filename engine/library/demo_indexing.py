"""Builds the demo library from the shipped spans and vectors."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..documents import read
from ..documents.worker import Request
from ..encoders import Vectors
from ..ingest import Incoming, Indexer, document_digest, file_digest
from ..store import NewDocument, NewPassage, Store

T = TypeVar("T")

SPANS = "spans.json.gz"
VECTORS = "vectors"


class DemoIndexer(Indexer):
    """An indexer that knows the boundaries and languages of the passages of known files.

    Cutting them and detecting languages would delay the first screen by seconds.
    """

    spans: dict[str, Any]

    def cut_files(self, wanted: Iterable[tuple[Request, T]]) -> Generator[tuple[T, Iterator[Incoming]], None, None]:
        """The documents of each file, read in this process, since they ship with the program."""
        for request, about in wanted:
            yield about, self._documents(request.path)

    def _documents(self, path: Path) -> Iterator[NewDocument]:
        """The documents of a file; a file that differs from the shipped one is cut like any other."""
        known = self.spans.get(file_digest(path).hex())
        if known is None:
            yield from self.documents(path)
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
    """The shipped spans: by digest of a file, the (start, end, heading, language, confidence) of each passage."""
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
    """The shipped vectors in a file; None if it is missing or damaged."""
    try:
        with np.load(path) as file:
            vectors = file["vectors"].astype(np.float32)
            digests = [row.tobytes() for row in file["digests"]]
            fingerprint = str(file["fingerprint"])
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error):
        return None
    # They ship in half precision, which keeps the download small but changes lengths slightly.
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if len(digests) != len(vectors) or not np.isfinite(norms).all() or not norms.all():
        return None
    return ShippedVectors(fingerprint, digests, vectors / norms)


def take_vectors(store: Store, name: str, fingerprint: str | None, folder: Path) -> int:
    """Store an encoder's shipped vectors, if they match its current fingerprint; returns how many."""
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
