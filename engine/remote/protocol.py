"""The interface of an engine: it stores, counts and queries collections of records, with and without vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from ..places import Place
from .conditions import EVERY, Where

Record = dict[str, Any]
# The most hits of one query, by the limit of Milvus.
MOST_HITS = 16_384
# The most bytes of a text field, by the limit of Milvus.
MOST_BYTES = 65_535
# The kinds of vector index: every vector is compared, or a graph.
EXACT, APPROXIMATE = "FLAT", "HNSW"
BUILD = {"M": 16, "efConstruction": 200}


class RemoteEngine(Protocol):
    """One library's collections on an engine.

    Every method raises LibraryError if the engine cannot be reached, refuses or fails.
    """

    @property
    def place(self) -> Place:
        """The engine's address and the library's name."""

    def close(self) -> None:
        """Close the connection; written data is kept."""

    def has(self, name: str) -> bool:
        """Whether there is a collection."""

    def collections(self) -> list[str]:
        """The names of all existing collections; also of libraries whose names start with this one's."""

    def make_table(self, name: str, key: str, numbers: Sequence[str], texts: Mapping[str, int]) -> None:
        """Create a collection of records without vectors, unless it exists.

        Args:
            name: of the collection.
            key: the field that identifies a record: a text if it is among `texts`, else a number.
            numbers: fields of 64 bits; "confidence" is a fraction.
            texts: fields of text and the most bytes of each.
        """

    def make_vectors(self, name: str, dimension: int, kind: str) -> None:
        """Create a collection of vectors, or change the index of an existing one if it is of another kind."""

    def kind_of(self, name: str) -> str:
        """The kind of a collection's vector index, "" if it has none."""

    def drop(self, name: str) -> None:
        """Delete a collection, if it exists."""

    def put(self, name: str, records: Sequence[Record]) -> None:
        """Write records, replacing those with the same key."""

    def put_table(self, name: str, records: Iterable[Record]) -> None:
        """Write records of a collection without vectors."""

    def delete_where(self, name: str, where: Where) -> None:
        """Delete the records that fulfil a condition."""

    def delete(self, name: str, ids: Sequence[int]) -> None:
        """Delete records by their ids."""

    def settle(self, name: str) -> None:
        """Make the engine store and index everything written so far."""

    def count(self, name: str, where: Where = EVERY) -> int:
        """How many records a collection has that fulfil a condition."""

    def rows(self, name: str, where: Where, fields: Sequence[str]) -> list[Record]:
        """The records that fulfil a condition, however many."""

    def blocks(
        self, name: str, fields: Sequence[str], *, where: Where = EVERY, size: int = 8_192
    ) -> Iterator[list[Record]]:
        """All records that fulfil a condition, `size` at a time."""

    def nearest(self, name: str, query: Any, ask: int, where: Where) -> list[Record]:
        """The `ask` best vectors for a query, as records of id and vector, best first."""
