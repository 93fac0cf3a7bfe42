"""A collection of Milvus, or of Milvus Lite in a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from ..environment import TOKEN
from ..paths import typed
from .collection import AT_ONCE, Block, Change, Done, Found, StoreError, Vectors, checked, nothing_called, taken
from .place import StorePlace, saying

_SECONDS = 60.0


class MilvusCollection:
    """One collection; its first field of vectors is used unless another is named.

    Args:
        place: names the server or the file, and the collection.

    Raises:
        StoreError: it cannot be reached, there is no such collection, or it has no vectors.
    """

    def __init__(self, place: StorePlace) -> None:
        from pymilvus import DataType, MilvusClient

        self.name = str(place)
        self._collection = place.collection
        self._fields = place.fields
        address = place.address if "://" in place.address else str(typed(place.address))
        if "://" not in address and not os.path.exists(address):  # noqa: PTH110 - False for a name that is too long
            raise StoreError(f"{self.name}: there is no file {place.address}.", hint="Check its name.")
        with self._saying():
            self._client: Any = MilvusClient(uri=address, token=os.environ.get(TOKEN.name, ""), timeout=10)
        try:
            with self._saying():
                if not self._client.has_collection(place.collection):
                    raise nothing_called(self.name, "collection", self._client.list_collections())
                self._described = self._client.describe_collection(place.collection)
                self._client.load_collection(place.collection)
            fields = self._described["fields"]
            vectors = [each for each in fields if each["type"] == DataType.FLOAT_VECTOR]
            named = [each for each in vectors if each["name"] == (place.fields.vector or each["name"])]
            if not named:
                raise StoreError(
                    f"{self.name}: the collection has no field {place.fields.vector or 'of vectors'}.",
                    hint=f"It has {', '.join(each['name'] for each in fields)}; ?vector=FIELD names one.",
                )
            self._vector = str(named[0]["name"])
            self.dimension = int(named[0]["params"]["dim"])
            self._key = next(str(each["name"]) for each in fields if each.get("is_primary"))
        except BaseException:
            self.close()
            raise

    def count(self) -> int:
        """How many records it has."""
        with self._saying():
            found = self._client.query(self._collection, filter="", output_fields=["count(*)"], timeout=_SECONDS)
        return int(found[0]["count(*)"])

    def blocks(self) -> Iterator[Block]:
        """All records, in blocks."""
        for rows in self._rows():
            yield self._block(rows)

    def _rows(self) -> Iterator[list[dict[str, Any]]]:
        with self._saying():
            each = self._client.query_iterator(
                self._collection, batch_size=AT_ONCE, filter="", output_fields=["*"], timeout=_SECONDS
            )
        try:
            while True:
                with self._saying():
                    rows = each.next()
                if not rows:
                    return
                yield [dict(row) for row in rows]
        finally:
            each.close()

    def _block(self, rows: list[dict[str, Any]]) -> Block:
        told = [self._fields.of(row) for row in rows]
        return Block(
            [self._id_of(row) for row in rows],
            [text for text, _, _ in told],
            [source for _, source, _ in told],
            [language for _, _, language in told],
            checked(self.name, [row[self._vector] for row in rows], len(rows), self.dimension),
        )

    def _id_of(self, row: dict[str, Any]) -> str:
        return str(row.get(self._fields.id or self._key, row.get(self._key)))

    def nearest(self, vector: Vectors, k: int) -> list[Found]:
        """The k best as Milvus ranks them."""
        with self._saying():
            found = self._client.search(
                self._collection,
                data=[vector.tolist()],
                anns_field=self._vector,
                limit=k,
                output_fields=["*"],
                search_params={"params": {"ef": max(64, 2 * k)}},
                timeout=_SECONDS,
            )[0]
        rows = [({**hit["entity"], self._key: hit["id"]}, float(hit["distance"])) for hit in found]
        # With a distance the smallest comes first, with a similarity the highest.
        sign = -1 if len(rows) > 1 and rows[0][1] < rows[-1][1] else 1
        return [Found(self._id_of(row), *self._fields.of(row), sign * score) for row, score in rows]

    def copy(self, to: str, change: Change, done: Done | None = None) -> int:
        """Create a collection with the same fields, indexes and records but other vectors; see `Collection.copy`."""
        with self._saying():
            if self._client.has_collection(to):
                raise taken(self.name, f"the collection {to}")
            self._make(to)
        written = 0
        try:
            for rows in self._rows():
                vectors = checked(self.name, change(self._block(rows)), len(rows), self.dimension)
                changed = [{**row, self._vector: new} for row, new in zip(rows, vectors.tolist(), strict=True)]
                with self._saying():
                    self._client.upsert(to, data=changed, timeout=_SECONDS)
                written += len(rows)
                if done is not None:
                    done(len(rows))
            with self._saying():
                self._client.flush(to, timeout=_SECONDS)
        except BaseException:
            with self._saying():
                self._client.drop_collection(to)
            raise
        return written

    def _make(self, to: str) -> None:
        """Create an empty collection with the same fields and indexes."""
        schema = self._client.create_schema(
            auto_id=False, enable_dynamic_field=bool(self._described.get("enable_dynamic_field"))
        )
        for field in self._described["fields"]:
            params = {key: int(value) for key, value in field["params"].items() if key in ("dim", "max_length")}
            schema.add_field(
                field["name"],
                field["type"],
                is_primary=bool(field.get("is_primary")),
                nullable=bool(field.get("nullable")),
                **params,
            )
        indexes = self._client.prepare_index_params()
        for name in self._client.list_indexes(self._collection):
            told = self._client.describe_index(self._collection, name)
            indexes.add_index(
                told["field_name"], index_type=told["index_type"], metric_type=told.get("metric_type") or "COSINE"
            )
        self._client.create_collection(to, schema=schema, index_params=indexes, consistency_level="Strong")

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _saying(self) -> AbstractContextManager[None]:
        hint = f"Check that the server runs, and the address; its key comes from {TOKEN.name}."
        return saying(self.name, hint, words=lambda error: getattr(error, "message", "") or str(error))
