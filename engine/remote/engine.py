"""The collections of one library on a Milvus engine: every call to it, with its errors translated.

Why Milvus: it and Qdrant were tested on 5,000 clustered vectors of 384 numbers, ten of them equal to ten others, with
50 queries, unfiltered and in one language of five. Both return the ten best of exact search in order, return stored
vectors to the bit, filter before ranking, have permissive licences (Apache-2.0) and need no network. Milvus's Lite
edition on PyPI answers the same requests by the same protocol as a cluster, also as a separate server that can be
killed, so the tests exercise the client that a cluster gets. Qdrant's local mode is a second implementation inside its
client without a protocol. The costs of Milvus: pyarrow, pandas and faiss are installed, too (.3 GB), filters are
written as text, and with an HNSW index a filtered search of Milvus Lite missed one in two hundred of the ten best.
Therefore indexes are exact (FLAT), unless the library is too large for that.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import LibraryError
from ..places import Place
from .conditions import EVERY, Where, in_milvus
from .errors import NO_QUESTIONS, TOKEN_VARIABLE, TRY_AGAIN, Patient, no_library, repeated, saying
from .protocol import APPROXIMATE, BUILD, EXACT, MOST_HITS, Record

# The first Milvus with the text indexes that a library needs; older ones fail with "index type not match".
OLDEST = (2, 4)
_CONNECT_SECONDS = 10.0
_SECONDS = 120.0
# The vector field of collections of texts, since Milvus requires one.
_NOTHING = "nothing"


class Engine:
    """One library's collections; made by `connect`.

    Every method raises LibraryError if the engine cannot be reached, refuses or fails.
    """

    def __init__(self, place: Place, client: Any) -> None:
        self.place = place
        self._client = client
        self._loaded: set[str] = set()
        self._prefix = f"hybrid_search_{place.name}_"

    @classmethod
    def connect(cls, place: Place, *, create: bool = False) -> Engine:
        """Connect to an engine; with `create`, a missing Milvus Lite file is created."""
        if place.local:
            _look_for(place, create=create)
        try:
            from pymilvus import MilvusClient
        except ImportError as error:
            raise LibraryError(
                "Libraries on an engine need pymilvus, which is not installed.",
                hint="Install it with `pip install 'hybrid-search[remote]'`.",
            ) from error
        # pymilvus logs every failure to stderr with a traceback, besides raising it.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)
        with saying(place):
            client = Patient(repeated(lambda: _client(MilvusClient, place)))
            # pymilvus reuses connections by address, so this call tests whether the engine is there now.
            client.list_collections(timeout=_CONNECT_SECONDS)
            if not place.local:
                require_version(place, str(client.get_server_version(timeout=_CONNECT_SECONDS)))
        return cls(place, client)

    def close(self) -> None:
        """Close the connection; written data is kept."""
        self._client.close()

    # -- collections

    def has(self, name: str) -> bool:
        """Whether there is a collection."""
        with saying(self.place):
            return bool(self._client.has_collection(self._prefix + name, timeout=_SECONDS))

    def collections(self) -> list[str]:
        """The names of all existing collections; also of libraries whose names start with this one's."""
        with saying(self.place):
            every = self._client.list_collections(timeout=_SECONDS)
        return [name.removeprefix(self._prefix) for name in every if name.startswith(self._prefix)]

    def make_table(self, name: str, key: str, numbers: Sequence[str], texts: Mapping[str, int]) -> None:
        """Create a collection of records without vectors, unless it exists.

        Args:
            name: of the collection.
            key: the field that identifies a record: a text if it is among `texts`, else a number.
            numbers: fields of 64 bits; "confidence" is a fraction.
            texts: fields of text and the most bytes of each.
        """
        from pymilvus import DataType

        if self.has(name):
            return
        with saying(self.place):
            schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
            for field in numbers:
                kind = DataType.DOUBLE if field == "confidence" else DataType.INT64
                schema.add_field(field, kind, is_primary=field == key)
            for field, most in texts.items():
                schema.add_field(field, DataType.VARCHAR, max_length=most, is_primary=field == key)
            schema.add_field(_NOTHING, DataType.FLOAT_VECTOR, dim=2)
            index = self._client.prepare_index_params()
            index.add_index(_NOTHING, index_type=EXACT, metric_type="IP")
            for field in ("document_id", "path"):
                if field in numbers or field in texts:
                    index.add_index(field, index_type="INVERTED")
            self._create(name, schema, index)

    def make_vectors(self, name: str, dimension: int, kind: str) -> None:
        """Create a collection of vectors, or change the index of an existing one if it is of another kind."""
        from pymilvus import DataType

        there = self.has(name)
        if there and self.kind_of(name) == kind:
            return
        with saying(self.place):
            index = self._client.prepare_index_params()
            settings = BUILD if kind == APPROXIMATE else {}
            index.add_index("vector", index_type=kind, metric_type="IP", params=settings)
            if there:
                # If this stops between dropping and creating the index, the next push creates it.
                self._client.release_collection(self._prefix + name, timeout=_SECONDS)
                self._loaded.discard(name)
                if "vector" in self._client.list_indexes(self._prefix + name):
                    self._client.drop_index(self._prefix + name, "vector", timeout=_SECONDS)
                self._make_index(name, kind, index)
                return
            index.add_index("language", index_type="INVERTED")
            schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
            schema.add_field("id", DataType.INT64, is_primary=True)
            schema.add_field("language", DataType.VARCHAR, max_length=64)
            schema.add_field("digest", DataType.INT64)
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
            self._create(name, schema, index)

    def _create(self, name: str, schema: Any, index: Any) -> None:
        # Strong consistency: a search after a push sees all of it.
        self._client.create_collection(
            self._prefix + name, schema=schema, index_params=index, consistency_level="Strong", timeout=_SECONDS
        )

    def _make_index(self, name: str, kind: str, index: Any) -> None:
        """Create a collection's vector index, unless an earlier call whose answer was lost has created it."""
        from pymilvus.exceptions import MilvusException

        try:
            self._client.create_index(self._prefix + name, index)
        except MilvusException:
            if self.kind_of(name) != kind:
                raise

    def kind_of(self, name: str) -> str:
        """The kind of a collection's vector index, "" if it has none."""
        with saying(self.place):
            if "vector" not in self._client.list_indexes(self._prefix + name):
                return ""
            return str(self._client.describe_index(self._prefix + name, "vector")["index_type"])

    def drop(self, name: str) -> None:
        """Delete a collection, if it exists."""
        if self.has(name):
            with saying(self.place):
                self._client.drop_collection(self._prefix + name, timeout=_SECONDS)
            self._loaded.discard(name)

    def _ask(self, name: str, ask: Callable[[str], Any]) -> Any:
        """Call `ask` with a collection's full name, after loading it.

        An engine unloads collections when it restarts, so a loaded one may have to be loaded again.
        """
        with saying(self.place):
            for again in (False, True):
                known = name in self._loaded
                if not known:
                    self._client.load_collection(self._prefix + name, timeout=_SECONDS)
                    self._loaded.add(name)
                try:
                    return ask(self._prefix + name)
                except Exception as error:
                    self._loaded.discard(name)
                    if again or not known or "load" not in str(error).lower():
                        raise
        raise AssertionError("unreachable")

    # -- writing

    def put(self, name: str, records: Sequence[Record]) -> None:
        """Write records, replacing those with the same key."""
        if records:
            self._ask(name, lambda full: self._client.upsert(full, data=list(records), timeout=_SECONDS))

    def put_table(self, name: str, records: Iterable[Record]) -> None:
        """Write records of a collection without vectors."""
        self.put(name, [{**record, _NOTHING: [0.0, 0.0]} for record in records])

    def delete_where(self, name: str, where: Where) -> None:
        """Delete the records that fulfil a condition."""
        self._ask(name, lambda full: self._client.delete(full, filter=in_milvus(where), timeout=_SECONDS))

    def delete(self, name: str, ids: Sequence[int]) -> None:
        """Delete records by their ids."""
        for first in range(0, len(ids), 5_000):
            self._delete(name, list(ids[first : first + 5_000]))

    def _delete(self, name: str, ids: list[int]) -> None:
        self._ask(name, lambda full: self._client.delete(full, ids=ids, timeout=_SECONDS))

    def settle(self, name: str) -> None:
        """Make the engine store and index everything written so far."""
        self._ask(name, lambda full: self._client.flush(full, timeout=_SECONDS))

    # -- queries

    def count(self, name: str, where: Where = EVERY) -> int:
        """How many records a collection has that fulfil a condition."""
        found = self._ask(
            name,
            lambda full: self._client.query(
                full, filter=in_milvus(where), output_fields=["count(*)"], timeout=_SECONDS
            ),
        )
        return int(found[0]["count(*)"])

    def rows(self, name: str, where: Where, fields: Sequence[str]) -> list[Record]:
        """The records that fulfil a condition, however many."""
        found = self._ask(
            name,
            lambda full: self._client.query(
                full, filter=in_milvus(where), output_fields=list(fields), limit=MOST_HITS, timeout=_SECONDS
            ),
        )
        if len(found) >= MOST_HITS:
            # An answer has at most so many records; the iterator returns all.
            return [dict(record) for block in self.blocks(name, fields, where=where) for record in block]
        return [dict(record) for record in found]

    def blocks(
        self, name: str, fields: Sequence[str], *, where: Where = EVERY, size: int = 8_192
    ) -> Iterator[list[Record]]:
        """All records that fulfil a condition, `size` at a time."""
        each = self._ask(
            name,
            lambda full: self._client.query_iterator(
                full, batch_size=size, filter=in_milvus(where), output_fields=list(fields), timeout=_SECONDS
            ),
        )
        try:
            while True:
                with saying(self.place):
                    block = each.next()
                if not block:
                    return
                yield block
        finally:
            each.close()

    def nearest(self, name: str, query: Any, ask: int, where: Where) -> list[Record]:
        """The `ask` best vectors for a query, as records of id and vector, best first."""
        found = self._ask(
            name,
            lambda full: self._client.search(
                full,
                data=[query],
                limit=ask,
                filter=in_milvus(where),
                output_fields=["vector"],
                # How many candidates the approximate index considers; the exact one ignores it.
                search_params={"params": {"ef": max(200, 2 * ask)}},
                timeout=_SECONDS,
            ),
        )
        return [{"id": hit["id"], "vector": hit["entity"]["vector"]} for hit in found[0]]


def _look_for(place: Place, *, create: bool) -> None:
    """Raise a readable error if a Milvus Lite file does not exist or cannot be created."""
    file = Path(place.uri)
    try:
        file.stat()
        return
    except FileNotFoundError:
        if not create:
            raise no_library(place) from None
        around = file.absolute().parent
        if not around.exists() or os.access(around, os.W_OK):
            return
        reason = "permission denied"
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
    raise LibraryError(f"{place.uri} cannot be used: {reason}.", hint="Name a file in a writable folder.")


def _client(maker: Callable[..., Any], place: Place) -> Any:
    return maker(
        uri=place.uri,
        token=place.token or os.environ.get(TOKEN_VARIABLE, ""),
        timeout=_CONNECT_SECONDS,
        grpc_options=TRY_AGAIN | (NO_QUESTIONS if place.local else {}),
    )


def require_version(place: Place, told: str) -> None:
    """Refuse a Milvus whose version is too old; one without a readable version is accepted.

    Raises:
        LibraryError: it is older than `OLDEST`.
    """
    found = re.match(r"v?(\d+)\.(\d+)", told)
    if found is not None and (int(found[1]), int(found[2])) < OLDEST:
        raise LibraryError(
            f"The engine at {place.uri} is Milvus {told.removeprefix('v')}; {'.'.join(map(str, OLDEST))} or later is "
            "needed.",
            hint="Update the engine, then push again.",
        )
