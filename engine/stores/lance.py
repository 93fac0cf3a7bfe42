"""A table of LanceDB in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ..paths import typed
from .collection import AT_ONCE, Block, Change, Done, Found, StoreError, Vectors, checked, nothing_called, taken
from .place import StorePlace, saying


class LanceTable:
    """One table; its first column of vectors is used unless another is named.

    Args:
        place: names the folder and the table.

    Raises:
        StoreError: there is no such folder or table, or it has no vectors.
    """

    def __init__(self, place: StorePlace) -> None:
        import lancedb
        import pyarrow as arrow

        self.name = str(place)
        self._fields = place.fields
        folder = typed(place.address)
        if not os.path.isdir(folder):  # noqa: PTH112 - False for a name that is too long
            raise StoreError(f"{self.name}: there is no folder {place.address}.", hint="Check its name.")
        with self._saying():
            self._database: Any = lancedb.connect(str(folder))
            known = _tables(self._database)
            if place.collection not in known:
                raise nothing_called(self.name, "table", known)
            self._table: Any = self._database.open_table(place.collection)
            schema = self._table.schema
        vectors = [
            field.name
            for field in schema
            if arrow.types.is_fixed_size_list(field.type) and arrow.types.is_floating(field.type.value_type)
        ]
        self._vector = place.fields.vector or (vectors[0] if vectors else "")
        if self._vector not in vectors:
            raise StoreError(
                f"{self.name}: the table has no column {self._vector or 'of vectors'}.",
                hint=f"It has {', '.join(schema.names)}; ?vector=COLUMN names one.",
            )
        self.dimension = int(schema.field(self._vector).type.list_size)
        self._id = place.fields.id or next((name for name in ("id", "_id", "uuid") if name in schema.names), "")
        if self._id not in schema.names:
            raise StoreError(f"{self.name}: no column identifies its rows.", hint="Name one with ?id=COLUMN.")

    def count(self) -> int:
        """How many rows it has."""
        with self._saying():
            return int(self._table.count_rows())

    def blocks(self) -> Iterator[Block]:
        """All rows, in blocks."""
        for batch in self._batches():
            yield self._block(batch)

    def _batches(self) -> Iterator[Any]:
        with self._saying():
            table = self._table.to_arrow()
        # Rows without a vector are skipped.
        import pyarrow.compute as compute

        there = table.filter(compute.is_valid(table.column(self._vector)))
        for first in range(0, there.num_rows, AT_ONCE):
            yield there.slice(first, AT_ONCE)

    def _block(self, batch: Any) -> Block:
        rows = batch.drop_columns([self._vector]).to_pylist()
        told = [self._fields.of(row) for row in rows]
        return Block(
            [str(row[self._id]) for row in rows],
            [text for text, _, _ in told],
            [source for _, source, _ in told],
            [language for _, _, language in told],
            checked(self.name, batch.column(self._vector).to_pylist(), len(rows), self.dimension),
        )

    def nearest(self, vector: Vectors, k: int) -> list[Found]:
        """The k best by cosine, as LanceDB ranks them."""
        with self._saying():
            asked = self._table.search(np.asarray(vector, dtype=np.float32), vector_column_name=self._vector)
            rows = asked.distance_type("cosine").limit(k).to_list()
        return [Found(str(row[self._id]), *self._fields.of(row), 1 - float(row["_distance"])) for row in rows]

    def copy(self, to: str, change: Change, done: Done | None = None) -> int:
        """Create a table with the same columns and rows but other vectors; see `Collection.copy`."""
        import pyarrow as arrow

        written = 0
        schema = self._table.schema
        place = schema.get_field_index(self._vector)
        parts = []
        for batch in self._batches():
            vectors = checked(self.name, change(self._block(batch)), batch.num_rows, self.dimension)
            flat = arrow.array(vectors.reshape(-1)).cast(schema.field(place).type.value_type)
            column = arrow.FixedSizeListArray.from_arrays(flat, self.dimension).cast(schema.field(place).type)
            parts.append(batch.set_column(place, schema.field(place), column))
            written += batch.num_rows
            if done is not None:
                done(batch.num_rows)
        with self._saying():
            if to in _tables(self._database):
                raise taken(self.name, f"the table {to}")
            # A table is created completely or not at all.
            self._database.create_table(to, data=arrow.concat_tables(parts), mode="create")
        return written

    def close(self) -> None:
        """Do nothing: no file is kept open."""

    def _saying(self) -> AbstractContextManager[None]:
        return saying(self.name)


def _tables(database: Any) -> list[str]:
    found = database.list_tables()
    return list(getattr(found, "tables", found))
