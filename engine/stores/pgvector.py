"""A PostgreSQL table with a column of pgvector as a collection."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np

from ..shown import one_line
from .collection import AT_ONCE, Block, Change, Done, Found, StoreError, Vectors, checked, taken
from .place import StorePlace, shown

# pgvector's operator of each kind of index.
_OPERATORS = {"cosine": "<=>", "l2": "<->", "ip": "<#>"}
# The most answers that pgvector's index can search for.
_MOST_BY_INDEX = 1000
_SECONDS = 60
# LangChain stores all its collections in one table, and their names in this one.
_COLLECTIONS = "langchain_pg_collection"


class PgvectorTable:
    """One table; the first column of type vector or halfvec is used unless another is named.

    Args:
        place: names the database and the table, `SCHEMA.TABLE` or `TABLE`.

    Raises:
        StoreError: the database cannot be reached or has no such table, or the table has no vectors.
    """

    def __init__(self, place: StorePlace) -> None:
        from pg8000.native import identifier, literal

        self.name = str(place)
        self._fields = place.fields
        self._quoted, self._literal = identifier, literal
        with self._saying():
            self._connection: Any = _connect(self.name, place.address)
        try:
            schema, _, table = place.collection.rpartition(".")
            self._find(schema, table)
        except BaseException:
            self.close()
            raise

    def _run(self, query: str, **values: Any) -> list[Any]:
        with self._saying():
            return self._connection.run(query, **values) or []

    def _find(self, schema: str, table: str) -> None:
        """Find the table, its columns, and the metric of its index."""
        found = self._run(
            "SELECT c.oid, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relname = :name AND c.relkind IN ('r', 'p', 'v', 'm') "
            "AND (n.nspname = :schema OR (:schema = '' AND n.nspname = "
            "ANY(current_schemas(false)))) LIMIT 1",
            name=table,
            schema=schema,
        )
        if not found:
            raise StoreError(f"{self.name}: there is no such table.", hint="Check its name, and its schema.")
        self._oid, self._schema = found[0]
        columns = self._run(
            "SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
            "WHERE a.attrelid = :oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            oid=self._oid,
        )
        keys = self._run(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
            "AND a.attnum = ANY(i.indkey) WHERE i.indrelid = :oid AND i.indisprimary",
            oid=self._oid,
        )
        kinds = dict(columns)
        vectors = [name for name, kind in kinds.items() if kind in ("vector", "halfvec")]
        wanted = self._fields.vector or (vectors[0] if vectors else "")
        if wanted not in vectors:
            raise StoreError(
                f"{self.name}: the table has no column {wanted or 'of vectors'}.",
                hint=f"It has {', '.join(kinds)}; ?vector=COLUMN names one of type vector.",
            )
        key = self._fields.id or (keys[0][0] if len(keys) == 1 else "id" if "id" in kinds else "")
        if key not in kinds:
            raise StoreError(f"{self.name}: no column identifies its rows.", hint="Name one with ?id=COLUMN.")
        self._table = f"{self._quoted(self._schema)}.{self._quoted(table)}"
        self._key, self._vector, self._type = self._quoted(key), self._quoted(wanted), kinds[wanted]
        self._names = [name for name in kinds if name not in vectors]
        self._id_at = self._names.index(key)
        self._where = self._condition("collection_id" in kinds)
        self._operator = _OPERATORS[self._metric()]
        first = self._run(f"{self._select()} LIMIT 1")
        if not first:
            raise StoreError(f"{self.name} holds no vectors.")
        self.dimension = len(first[0][-1])

    def _condition(self, has_collections: bool) -> str:
        """The condition for rows: they have a vector, and are in the named collection of LangChain, if any."""
        there = f"{self._vector} IS NOT NULL"
        if not self._fields.collection:
            return there
        if not has_collections:
            raise StoreError(f"{self.name}: the table has no collections.", hint="Leave out ?collection=.")
        names = f"{self._quoted(self._schema)}.{self._quoted(_COLLECTIONS)}"
        named = self._literal(self._fields.collection)
        return f"{there} AND collection_id = (SELECT uuid FROM {names} WHERE name = {named})"

    def _metric(self) -> str:
        """The metric of the table's index; cosine if there is none."""
        classes = self._run(
            "SELECT o.opcname FROM pg_index i JOIN pg_opclass o ON o.oid = ANY(i.indclass) WHERE i.indrelid = :oid",
            oid=self._oid,
        )
        return next((name for name in _OPERATORS if any(f"_{name}_ops" in found for (found,) in classes)), "cosine")

    def _columns(self) -> str:
        return ", ".join(map(self._quoted, self._names))

    def _select(self) -> str:
        return f"SELECT {self._columns()}, {self._vector}::real[] FROM {self._table} WHERE {self._where}"

    def count(self) -> int:
        """How many rows have a vector."""
        return int(self._run(f"SELECT count(*) FROM {self._table} WHERE {self._where}")[0][0])

    def blocks(self) -> Iterator[Block]:
        """All rows with a vector, in blocks, by key, from one snapshot."""
        with self._transaction():
            yield from self._within()

    def _within(self) -> Iterator[Block]:
        """Like `blocks`, inside a running transaction."""
        self._run(f"DECLARE hybrid_search_rows CURSOR FOR {self._select()} ORDER BY {self._key}")
        while rows := self._run(f"FETCH {AT_ONCE} FROM hybrid_search_rows"):
            yield self._block(rows)
        self._run("CLOSE hybrid_search_rows")

    def _block(self, rows: Sequence[Sequence[Any]]) -> Block:
        told = [self._told(row) for row in rows]
        return Block(
            [str(row[self._id_at]) for row in rows],
            [text for text, _, _ in told],
            [source for _, source, _ in told],
            [language for _, _, language in told],
            checked(self.name, [row[-1] for row in rows], len(rows), self.dimension),
        )

    def _told(self, row: Sequence[Any]) -> tuple[str, str, str]:
        return self._fields.of(dict(zip(self._names, row, strict=False)))

    def nearest(self, vector: Vectors, k: int) -> list[Found]:
        """The k best by the operator of the table's index."""
        given = f"{self._literal(_written(vector))}::{self._type}"
        distance = f"{self._vector} {self._operator} {given}"
        with self._transaction():
            # An approximate index returns at most as many as it considers; for more than it allows, it is not used.
            self._run(f"SET LOCAL hnsw.ef_search = {min(_MOST_BY_INDEX, max(40, int(k)))}")
            if k > _MOST_BY_INDEX:
                self._run("SET LOCAL enable_indexscan = off")
            rows = self._run(
                f"SELECT {self._columns()}, {distance} FROM {self._table} WHERE {self._where} "
                f"ORDER BY {distance} LIMIT {int(k)}"
            )
        cosine = self._operator == _OPERATORS["cosine"]
        return [
            Found(str(row[self._id_at]), *self._told(row), 1 - float(row[-1]) if cosine else -float(row[-1]))
            for row in rows
        ]

    def copy(self, to: str, change: Change, done: Done | None = None) -> int:
        """Create a table with the same columns, rows and indexes but other vectors, in one transaction."""
        target = f"{self._quoted(self._schema)}.{self._quoted(to)}"
        written = 0
        with self._transaction():
            if self._run("SELECT to_regclass(:name)", name=target)[0][0] is not None:
                raise taken(self.name, f"the table {self._schema}.{to}")
            self._run("CREATE TEMP TABLE hybrid_search_new (id text PRIMARY KEY, v text) ON COMMIT DROP")
            for block in self._within():
                vectors = checked(self.name, change(block), len(block.ids), self.dimension)
                self._run(
                    "INSERT INTO hybrid_search_new "
                    "SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:vectors AS text[]))",
                    ids=block.ids,
                    vectors=[_written(vector) for vector in vectors],
                )
                written += len(block.ids)
                if done is not None:
                    done(len(block.ids))
            self._run(f"CREATE TABLE {target} (LIKE {self._table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
            self._run(f"INSERT INTO {target} SELECT * FROM {self._table} WHERE {self._where}")
            self._run(
                f"UPDATE {target} AS t SET {self._vector} = n.v::{self._type} FROM hybrid_search_new n "
                f"WHERE t.{self._key}::text = n.id"
            )
            # After the rows are written, so that each index is built once, over the new vectors.
            for (made,) in self._run(
                "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = :oid", oid=self._oid
            ):
                self._run(_index_for(made, target))
        return written

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("START TRANSACTION")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        # An error here means that the connection is gone already.
        with suppress(StoreError), self._saying():
            self._connection.close()

    @contextmanager
    def _saying(self) -> Iterator[None]:
        """Turn the database's errors into StoreError."""
        from pg8000.exceptions import DatabaseError, InterfaceError

        try:
            yield
        except (DatabaseError, InterfaceError, OSError) as error:
            told = error.args[0] if error.args else error
            said = told.get("M", told) if isinstance(told, dict) else told
            raise StoreError(
                f"{self.name} cannot be used: {one_line(shown(str(said)))[:300].rstrip('.')}.",
                hint="Check that the server runs, and the address; a password comes from PGPASSWORD.",
            ) from error


def _connect(name: str, address: str) -> Any:
    """A connection to `postgresql://USER@HOST:PORT/DATABASE?host=SOCKET-FOLDER&sslmode=require`."""
    from pg8000.native import Connection

    try:
        parts = urlsplit(address)
        said = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        port = parts.port or int(said.get("port", "5432"))
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("postgresql", "postgres"):
        raise StoreError(
            f"{name} is not the address of a database.", hint="It is written pgvector:postgresql://HOST/DATABASE#TABLE."
        )
    host = parts.hostname or said.get("host") or "localhost"
    socket = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else None
    encrypted = said.get("sslmode", "prefer") in ("require", "verify-ca", "verify-full")
    user = unquote(parts.username or "") or said.get("user") or os.environ.get("PGUSER") or os.environ.get("USER")
    return Connection(
        user or "postgres",
        host=host,
        port=port,
        unix_sock=socket,
        database=unquote(parts.path.lstrip("/")) or None,
        password=unquote(parts.password or "") or os.environ.get("PGPASSWORD"),
        ssl_context=ssl.create_default_context() if encrypted else None,
        timeout=_SECONDS,
        application_name="hybrid-search",
    )


def _written(vector: Vectors) -> str:
    """A vector in pgvector's text form."""
    return "[" + ",".join(map(repr, np.asarray(vector, dtype=np.float32).astype(float).tolist())) + "]"


def _index_for(definition: str, table: str) -> str:
    """The same index for another table, with a name that PostgreSQL chooses: `CREATE INDEX name ON table USING …`."""
    head, _, rest = definition.partition(" USING ")
    unique = "UNIQUE " if head.startswith("CREATE UNIQUE") else ""
    return f"CREATE {unique}INDEX ON {table} USING {rest}"
