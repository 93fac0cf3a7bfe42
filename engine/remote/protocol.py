"""What every engine does for a library: collections of records, with and without vectors, kept, counted and asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from ..places import Place
from .conditions import EVERY, Where

Record = dict[str, Any]
# The most hits that one query may ask for; Milvus gives no more.
MOST_HITS = 16_384
# The most bytes of one field of text; Milvus takes no more.
MOST_BYTES = 65_535
# Kinds of vector indexes: every vector compared, or a graph.
EXACT, APPROXIMATE = "FLAT", "HNSW"
BUILD = {"M": 16, "efConstruction": 200}


class RemoteEngine(Protocol):
    """One library's collections on an engine.

    Every method raises LibraryError where the engine cannot be reached, refuses or fails.
    """

    @property
    def place(self) -> Place:
        """Where it is."""

    def close(self) -> None:
        """Close the connection; what was written is kept."""

    def has(self, name: str) -> bool:
        """Whether there is a collection."""

    def collections(self) -> list[str]:
        """The names of all collections that are there; those of libraries whose name begins alike may be among them."""

    def make_table(self, name: str, key: str, numbers: Sequence[str], texts: Mapping[str, int]) -> None:
        """Make a collection of records without vectors, unless it is there.

        Args:
            name: of the collection.
            key: the field that identifies a record: a text if it is among `texts`, else a number.
            numbers: fields of 64 bits; "confidence" is a fraction.
            texts: fields of text and the most bytes of each.
        """

    def make_vectors(self, name: str, dimension: int, kind: str) -> None:
        """Make a collection of vectors, or change the index of the one that is there where it is of another kind."""

    def kind_of(self, name: str) -> str:
        """The kind of a collection's vector index, "" where it has none."""

    def drop(self, name: str) -> None:
        """Take a collection away, if it is there."""

    def put(self, name: str, records: Sequence[Record]) -> None:
        """Write records in place of those with the same key."""

    def put_table(self, name: str, records: Iterable[Record]) -> None:
        """Write records of a collection without vectors."""

    def delete_where(self, name: str, where: Where) -> None:
        """Take the records out that fulfil a condition."""

    def delete(self, name: str, ids: Sequence[int]) -> None:
        """Take records out by their ids."""

    def settle(self, name: str) -> None:
        """Have everything written so far stored and indexed."""

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
