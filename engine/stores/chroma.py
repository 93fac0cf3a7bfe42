"""A collection of Chroma, on a server or in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from ..paths import typed
from .collection import AT_ONCE, Block, Change, Done, Found, StoreError, Vectors, checked, nothing_called, taken
from .place import StorePlace, saying

_SECONDS = 30


class ChromaCollection:
    """One collection.

    Args:
        place: names the server or the folder, and the collection.

    Raises:
        StoreError: it cannot be reached, there is no such collection, or it holds no vectors.
    """

    def __init__(self, place: StorePlace) -> None:
        self.name = str(place)
        self._fields = place.fields
        with self._saying():
            self._client = _client(self.name, place.address)
            known = [each.name for each in self._client.list_collections()]
            if place.collection not in known:
                raise nothing_called(self.name, "collection", known)
            # Without an embedding function, so that no model is downloaded.
            self._collection: Any = self._client.get_collection(place.collection, embedding_function=None)
            first = self._collection.get(limit=1, include=["embeddings"])["embeddings"]
        if first is None or not len(first):
            raise StoreError(f"{self.name} holds no vectors.")
        self.dimension = len(first[0])

    def count(self) -> int:
        """How many records it has."""
        with self._saying():
            return int(self._collection.count())

    def blocks(self) -> Iterator[Block]:
        """All records, in blocks."""
        for records in self._records():
            yield self._block(records)

    def _records(self) -> Iterator[dict[str, Any]]:
        total = self.count()
        for offset in range(0, total, AT_ONCE):
            with self._saying():
                records = self._collection.get(
                    limit=AT_ONCE, offset=offset, include=["embeddings", "documents", "metadatas"]
                )
            if records["ids"]:
                yield records

    def _block(self, records: dict[str, Any]) -> Block:
        told = [
            self._told(text, metadata)
            for text, metadata in zip(records["documents"], records["metadatas"], strict=True)
        ]
        return Block(
            list(records["ids"]),
            [text for text, _, _ in told],
            [source for _, source, _ in told],
            [language for _, _, language in told],
            checked(self.name, records["embeddings"], len(records["ids"]), self.dimension),
        )

    def _told(self, text: str | None, metadata: dict[str, Any] | None) -> tuple[str, str, str]:
        return self._fields.of({**(metadata or {}), **({"text": text} if text else {})})

    def nearest(self, vector: Vectors, k: int) -> list[Found]:
        """The k best as Chroma ranks them."""
        with self._saying():
            found = self._collection.query(
                query_embeddings=[vector.tolist()],
                n_results=min(k, max(1, self.count())),
                include=["documents", "metadatas", "distances"],
            )
        rows = zip(found["ids"][0], found["documents"][0], found["metadatas"][0], found["distances"][0], strict=True)
        return [Found(number, *self._told(text, told), -float(distance)) for number, text, told, distance in rows]

    def copy(self, to: str, change: Change, done: Done | None = None) -> int:
        """Create a collection with the same settings and records but other vectors; see `Collection.copy`."""
        with self._saying():
            if to in [each.name for each in self._client.list_collections()]:
                raise taken(self.name, f"the collection {to}")
            target = self._client.create_collection(
                to,
                metadata=self._collection.metadata,
                configuration=_configuration(self._collection),
                embedding_function=None,
            )
        written = 0
        try:
            for records in self._records():
                vectors = checked(self.name, change(self._block(records)), len(records["ids"]), self.dimension)
                with self._saying():
                    _add(target, records, vectors)
                written += len(records["ids"])
                if done is not None:
                    done(len(records["ids"]))
        except BaseException:
            with self._saying():
                self._client.delete_collection(to)
            raise
        return written

    def close(self) -> None:
        """Close the database, so that its folder can be opened again."""
        close = getattr(self._client, "close", None)
        if close is not None:
            close()

    def _saying(self) -> AbstractContextManager[None]:
        hint = "Check that the server runs, and the address; a token comes from CHROMA_API_KEY."
        return saying(self.name, hint)


def _add(target: Any, records: dict[str, Any], vectors: Vectors) -> None:
    """Add records with other vectors, in order; Chroma takes those with a document apart from those without."""
    texts = records["documents"]
    for lacking, group in groupby(range(len(texts)), key=lambda row: texts[row] is None):
        rows = list(group)
        told = [records["metadatas"][row] for row in rows]
        target.add(
            ids=[records["ids"][row] for row in rows],
            embeddings=vectors[rows],
            documents=None if lacking else [texts[row] for row in rows],
            metadatas=told if any(told) else None,
        )


def _client(name: str, address: str) -> Any:
    import chromadb
    import httpx
    from chromadb.config import Settings

    # Chroma sends telemetry unless it is switched off.
    settings = Settings(anonymized_telemetry=False)
    if address.startswith(("http://", "https://")):
        parts = urlsplit(address)
        token = os.environ.get("CHROMA_API_KEY")
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 8000)
        # Chroma's client waits for ever, and asks before anything of it can be set.
        at = f"[{host}]" if ":" in host else host
        httpx.get(f"{parts.scheme}://{at}:{port}/api/v2/heartbeat", timeout=_SECONDS)
        client: Any = chromadb.HttpClient(
            host=host,
            port=port,
            ssl=parts.scheme == "https",
            headers={"x-chroma-token": token} if token else None,
            settings=settings,
        )
        # No public name leads to the session; a version that keeps it elsewhere waits as Chroma does.
        session = getattr(getattr(client, "_server", None), "_session", None)
        if session is not None:
            session.timeout = _SECONDS
        return client
    folder = typed(address)
    if not os.path.isfile(folder / "chroma.sqlite3"):  # noqa: PTH113 - False for a name that is too long
        raise StoreError(f"{name}: {address} is not a folder of Chroma.", hint="It holds a file chroma.sqlite3.")
    return chromadb.PersistentClient(path=str(folder), settings=settings)


def _configuration(collection: Any) -> Any:
    """The settings of its comparison, for the copy."""
    space = (collection.configuration or {}).get("hnsw") or {}
    return {"hnsw": {"space": space["space"]}} if space.get("space") else None
