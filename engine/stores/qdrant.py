"""A collection of Qdrant, on a server or in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from ..paths import typed
from .collection import AT_ONCE, Block, Change, Done, Found, StoreError, Vectors, checked, nothing_called, taken
from .place import StorePlace, saying

_SECONDS = 30


class QdrantCollection:
    """One collection; `?vector=NAME` chooses one of several named vectors.

    Args:
        place: names the server or the folder, and the collection.

    Raises:
        StoreError: it cannot be reached, does not exist, or has several vectors of which none is named.
    """

    def __init__(self, place: StorePlace) -> None:
        from qdrant_client import QdrantClient

        self.name = str(place)
        self._collection = place.collection
        self._fields = place.fields
        remote = place.address.startswith(("http://", "https://"))
        if not remote and not os.path.isdir(typed(place.address)):  # noqa: PTH112 - False for a name that is too long
            raise StoreError(f"{self.name}: there is no folder {place.address}.", hint="Check its name.")
        with self._saying():
            self._client: Any = (
                QdrantClient(
                    url=place.address,
                    api_key=os.environ.get("QDRANT_API_KEY") or None,
                    timeout=_SECONDS,
                    check_compatibility=False,
                )
                if remote
                else QdrantClient(path=str(typed(place.address)))
            )
        try:
            self._find()
        except BaseException:
            self.close()
            raise

    def _find(self) -> None:
        with self._saying():
            if not self._client.collection_exists(self._collection):
                known = (each.name for each in self._client.get_collections().collections)
                raise nothing_called(self.name, "collection", known)
            self._about = self._client.get_collection(self._collection)
            self._params = self._about.config.params
        vectors = self._params.vectors
        self._using = ""
        if isinstance(vectors, dict):
            self._using = self._fields.vector or (next(iter(vectors)) if len(vectors) == 1 else "")
            if self._using not in vectors:
                raise StoreError(
                    f"{self.name} has the vectors {', '.join(vectors) or 'without a name'}.",
                    hint="Name one with ?vector=NAME.",
                )
            vectors = vectors[self._using]
        self.dimension = int(vectors.size)

    def count(self) -> int:
        """How many points it has."""
        with self._saying():
            return int(self._client.count(self._collection, exact=True).count)

    def blocks(self) -> Iterator[Block]:
        """All points with the vector, in blocks."""
        for points in self._points():
            yield self._block(points)

    def _points(self) -> Iterator[list[Any]]:
        offset = None
        while True:
            with self._saying():
                points, offset = self._client.scroll(
                    self._collection, limit=AT_ONCE, offset=offset, with_payload=True, with_vectors=True
                )
            there = [point for point in points if self._vector_of(point) is not None]
            if there:
                yield there
            if offset is None:
                return

    def _vector_of(self, point: Any) -> Any:
        return point.vector.get(self._using) if isinstance(point.vector, dict) else point.vector

    def _block(self, points: list[Any]) -> Block:
        told = [self._fields.of(point.payload or {}) for point in points]
        return Block(
            [self._id_of(point) for point in points],
            [text for text, _, _ in told],
            [source for _, source, _ in told],
            [language for _, _, language in told],
            checked(self.name, [self._vector_of(point) for point in points], len(points), self.dimension),
        )

    def _id_of(self, point: Any) -> str:
        named = (point.payload or {}).get(self._fields.id) if self._fields.id else None
        return str(point.id if named is None else named)

    def nearest(self, vector: Vectors, k: int) -> list[Found]:
        """The k best as Qdrant ranks them."""
        with self._saying():
            points = self._client.query_points(
                self._collection, query=vector.tolist(), using=self._using or None, limit=k, with_payload=True
            ).points
        # Of a distance the smallest is the best: Qdrant returns it unchanged, in order.
        sign = -1 if str(self._distance()).lower() in ("euclid", "manhattan") else 1
        return [Found(self._id_of(p), *self._fields.of(p.payload or {}), sign * float(p.score)) for p in points]

    def _distance(self) -> str:
        vectors = self._params.vectors
        found = vectors[self._using] if isinstance(vectors, dict) else vectors
        return str(getattr(found.distance, "value", found.distance))

    def copy(self, to: str, change: Change, done: Done | None = None) -> int:
        """Create a collection with the same settings and points but other vectors; see `Collection.copy`."""
        from qdrant_client.models import PointStruct

        with self._saying():
            if self._client.collection_exists(to):
                raise taken(self.name, f"the collection {to}")
            self._client.create_collection(
                to,
                vectors_config=self._params.vectors,
                sparse_vectors_config=self._params.sparse_vectors,
                quantization_config=self._about.config.quantization_config,
                on_disk_payload=self._params.on_disk_payload,
            )
            # The indexes that serve filters; a collection in a folder has none.
            for field, schema in (self._about.payload_schema or {}).items():
                self._client.create_payload_index(to, field, field_schema=schema.params or schema.data_type)
        written = 0
        try:
            for points in self._points():
                block = self._block(points)
                vectors = checked(self.name, change(block), len(points), self.dimension).tolist()
                changed = [
                    PointStruct(
                        id=point.id,
                        payload=point.payload,
                        vector={**point.vector, self._using: new} if isinstance(point.vector, dict) else new,
                    )
                    for point, new in zip(points, vectors, strict=True)
                ]
                with self._saying():
                    self._client.upsert(to, changed, wait=True)
                written += len(points)
                if done is not None:
                    done(len(points))
        except BaseException:
            with self._saying():
                self._client.delete_collection(to)
            raise
        return written

    def close(self) -> None:
        """Close the client."""
        self._client.close()

    def _saying(self) -> AbstractContextManager[None]:
        return saying(
            self.name,
            "Check that the server runs, and the address; a key comes from QDRANT_API_KEY.",
            {"already accessed by another": "Another process has the folder open: stop it, or use a Qdrant server."},
        )
