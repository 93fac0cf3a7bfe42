"""The collections of one library in PostgreSQL with pgvector, a server that many people already have.

Vectors are in single precision, so scores are those of the library on disk; an exact library has no vector index, an
approximate one has pgvector's HNSW, for vectors of up to 2,000 numbers.
"""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np

from ..errors import LibraryError
from ..places import Place
from .conditions import EVERY, Where, clean, in_sql
from .errors import PATIENCE_SECONDS, TOKEN_VARIABLE, no_library
from .protocol import APPROXIMATE, BUILD, EXACT, Record

T = TypeVar("T")

# The first pgvector with HNSW indexes.
OLDEST = (0, 5)
_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 120
_PAUSE_SECONDS = 0.2
# The most bytes of a name in PostgreSQL.
_LONGEST_NAME = 63
_MOST_NUMBERS = 2_000


class PostgresEngine:
    """One library's tables; made by `connect`.

    Every method raises LibraryError if the server cannot be reached, refuses or fails. Every call writes, reads or
    deletes by keys, so that it is repeated if the connection is lost.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._prefix = f"hybrid_search_{place.name}_"
        self._connection: Any = None

    @classmethod
    def connect(cls, place: Place, *, create: bool = False) -> PostgresEngine:
        """Connect to a server; with `create`, a missing extension is created."""
        try:
            import pg8000.native  # noqa: F401
        except ImportError as error:
            raise LibraryError(
                "Libraries in PostgreSQL need pg8000, which is not installed.",
                hint="Install it with `pip install 'hybrid-search[pgvector]'`.",
            ) from error
        engine = cls(place)
        try:
            engine._require_vectors(create=create)
        except BaseException:
            engine.close()
            raise
        return engine

    def _require_vectors(self, *, create: bool) -> None:
        version = "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
        found = self._run(version)
        if not found and create:
            there = self._run("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
            if not there:
                raise LibraryError(
                    f"The PostgreSQL at {self.place.uri} has no pgvector.",
                    hint="Install it on the server (Debian: postgresql-NN-pgvector), then push again.",
                )
            self._run("CREATE EXTENSION IF NOT EXISTS vector")
            found = self._run(version)
        if not found:
            if create:
                return
            raise no_library(self.place)
        number = tuple(int(part) for part in str(found[0][0]).split(".")[:2] if part.isdigit())
        if number < OLDEST:
            raise LibraryError(
                f"The PostgreSQL at {self.place.uri} has pgvector {found[0][0]}; "
                f"{'.'.join(map(str, OLDEST))} or later is needed.",
                hint="Update it on the server, then run ALTER EXTENSION vector UPDATE there.",
            )

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
            self._connection = None

    # -- collections

    def has(self, name: str) -> bool:
        """Whether there is a collection."""
        return bool(self._run("SELECT to_regclass(:name) IS NOT NULL", name=self._quoted(name))[0][0])

    def collections(self) -> list[str]:
        """The names of all existing collections; also of libraries whose names start with this one's."""
        rows = self._run(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND starts_with(tablename, :prefix)",
            prefix=self._prefix,
        )
        return [row[0].removeprefix(self._prefix) for row in rows]

    def make_table(self, name: str, key: str, numbers: Sequence[str], texts: Mapping[str, int]) -> None:
        """Create a collection of records without vectors, unless it exists."""
        columns = [f'"{field}" {"float8" if field == "confidence" else "bigint"} NOT NULL' for field in numbers]
        columns += [f'"{field}" text NOT NULL' for field in texts]
        self._run(f'CREATE TABLE IF NOT EXISTS {self._quoted(name)} ({", ".join(columns)}, PRIMARY KEY ("{key}"))')
        for field in ("document_id", "path"):
            if field in numbers or field in texts:
                # A path may be longer than a B-tree index allows.
                how = f'USING hash ("{field}")' if field in texts else f'("{field}")'
                self._run(f"CREATE INDEX IF NOT EXISTS {self._index(name, field)} ON {self._quoted(name)} {how}")

    def make_vectors(self, name: str, dimension: int, kind: str) -> None:
        """Create a collection of vectors, or change the index of an existing one if it is of another kind."""
        if kind == APPROXIMATE and dimension > _MOST_NUMBERS:
            kind = EXACT
        self._run(
            f"CREATE TABLE IF NOT EXISTS {self._quoted(name)} (id bigint PRIMARY KEY, language text NOT NULL, "
            f"digest bigint NOT NULL, vector vector({int(dimension)}) NOT NULL)"
        )
        self._run(f"CREATE INDEX IF NOT EXISTS {self._index(name, 'language')} ON {self._quoted(name)} (language)")
        if self.kind_of(name) == kind:
            return
        if kind == EXACT:
            self._run(f"DROP INDEX IF EXISTS {self._index(name, 'graph')}")
            return
        self._run("SELECT 1")
        self._wait(None)
        try:
            # Building a graph of many vectors takes many minutes.
            self._run(
                f"CREATE INDEX IF NOT EXISTS {self._index(name, 'graph')} ON {self._quoted(name)} USING hnsw "
                f"(vector vector_ip_ops) WITH (m = {BUILD['M']}, ef_construction = {BUILD['efConstruction']})"
            )
        finally:
            self._wait(_ANSWER_SECONDS)

    def kind_of(self, name: str) -> str:
        """The kind of a collection's vector index, `EXACT` without a graph; "" if there is no collection."""
        if not self.has(name):
            return ""
        graph = self._run("SELECT to_regclass(:name) IS NOT NULL", name=self._index(name, "graph"))[0][0]
        return APPROXIMATE if graph else EXACT

    def drop(self, name: str) -> None:
        """Delete a collection, if it exists."""
        self._run(f"DROP TABLE IF EXISTS {self._quoted(name)}")

    # -- writing

    def put(self, name: str, records: Sequence[Record]) -> None:
        """Write records, replacing those with the same key."""
        if not records:
            return
        fields = list(records[0])
        key = "id" if "id" in fields else fields[0]
        kinds = [_kind(records[0][field]) for field in fields]
        given = ", ".join(
            f"CAST(:f{place} AS {'text' if kind == 'vector' else kind}[]){'::vector[]' if kind == 'vector' else ''}"
            for place, kind in enumerate(kinds)
        )
        changed = ", ".join(f'"{field}" = excluded."{field}"' for field in fields if field != key)
        columns = ", ".join(f'"{field}"' for field in fields)
        values = {f"f{place}": [_value(record[field]) for record in records] for place, field in enumerate(fields)}
        self._run(
            f"INSERT INTO {self._quoted(name)} ({columns}) SELECT * FROM unnest({given}) "
            f'ON CONFLICT ("{key}") DO UPDATE SET {changed}',
            **values,
        )

    def put_table(self, name: str, records: Iterable[Record]) -> None:
        """Write records of a collection without vectors."""
        self.put(name, list(records))

    def delete_where(self, name: str, where: Where) -> None:
        """Delete the records that fulfil a condition."""
        told, values = in_sql(where)
        self._run(f"DELETE FROM {self._quoted(name)} WHERE {told}", **values)

    def delete(self, name: str, ids: Sequence[int]) -> None:
        """Delete records by their ids."""
        if ids:
            self._run(f"DELETE FROM {self._quoted(name)} WHERE id = ANY (CAST(:ids AS bigint[]))", ids=list(ids))

    def settle(self, name: str) -> None:
        """Update the planner's statistics; everything written is stored already."""
        self._run(f"ANALYZE {self._quoted(name)}")

    # -- queries

    def count(self, name: str, where: Where = EVERY) -> int:
        """How many records a collection has that fulfil a condition."""
        told, values = in_sql(where)
        return int(self._run(f"SELECT count(*) FROM {self._quoted(name)} WHERE {told}", **values)[0][0])

    def rows(self, name: str, where: Where, fields: Sequence[str]) -> list[Record]:
        """The records that fulfil a condition, however many."""
        told, values = in_sql(where)
        return self._records(f"SELECT {_listed(fields)} FROM {self._quoted(name)} WHERE {told}", fields, values)

    def blocks(
        self, name: str, fields: Sequence[str], *, where: Where = EVERY, size: int = 8_192
    ) -> Iterator[list[Record]]:
        """All records that fulfil a condition, in order of their ids, `size` at a time."""
        told, values = in_sql(where)
        last = -(1 << 63)
        while True:
            # The id is needed to continue after it.
            wanted = ["id", *(field for field in fields if field != "id")]
            block = self._records(
                f"SELECT {_listed(wanted)} FROM {self._quoted(name)} WHERE {told} AND id > :last "
                f"ORDER BY id LIMIT {int(size)}",
                wanted,
                {**values, "last": last},
            )
            if block:
                yield block
            if len(block) < size:
                return
            last = block[-1]["id"]

    def nearest(self, name: str, query: Any, ask: int, where: Where) -> list[Record]:
        """The `ask` best vectors for a query, as records of id and vector, best first."""
        told, values = in_sql(where)
        # How many candidates the graph considers; pgvector allows at most this.
        self._run(f"SET hnsw.ef_search = {min(1_000, max(200, 2 * ask))}")
        graph = where == EVERY and ask <= _MOST_OF_GRAPH
        # A graph filters only the candidates it finds, so under a condition every vector is compared instead.
        self._run(f"SET enable_indexscan = {'on' if graph else 'off'}")
        try:
            return self._records(
                f"SELECT id, vector FROM {self._quoted(name)} WHERE {told} "
                f"ORDER BY vector <#> CAST(:query AS vector) LIMIT {int(ask)}",
                ("id", "vector"),
                {**values, "query": _value(np.asarray(query, dtype=np.float32))},
            )
        finally:
            self._run("SET enable_indexscan = on")

    # -- the connection

    def _records(self, statement: str, fields: Sequence[str], values: Mapping[str, Any]) -> list[Record]:
        rows = self._run(statement, **values)
        if "vector" not in fields:
            return [dict(zip(fields, row, strict=True)) for row in rows]
        place = list(fields).index("vector")
        for row in rows:
            row[place] = np.array(row[place][1:-1].split(","), dtype=np.float32)
        return [dict(zip(fields, row, strict=True)) for row in rows]

    def _run(self, statement: str, **values: Any) -> list[list[Any]]:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with _saying(self.place):
                    return list(self._reached().run(statement, **values) or [])
            except _Lost as error:
                self.close()
                if time.monotonic() >= end:
                    raise LibraryError(error.message, hint=error.hint) from error
                time.sleep(_PAUSE_SECONDS)

    def _reached(self) -> Any:
        if self._connection is None:
            import pg8000.native

            parts = urlsplit(self.place.uri)
            user, _, password = (self.place.token or os.environ.get(TOKEN_VARIABLE, "")).partition(":")
            self._connection = pg8000.native.Connection(
                user or getpass.getuser(),
                host=parts.hostname or "localhost",
                port=parts.port or 5432,
                database=parts.path.strip("/") or None,
                password=password or None,
                timeout=_CONNECT_SECONDS,
            )
            # The timeout was for connecting: a large answer may take longer.
            self._wait(_ANSWER_SECONDS)
            self._connection.run("SET client_min_messages = warning")
        return self._connection

    def _wait(self, seconds: float | None) -> None:
        """Set the current connection's timeout for answers; None means no timeout."""
        with suppress(AttributeError):
            self._connection._usock.settimeout(seconds)

    def _quoted(self, name: str) -> str:
        return f'"{self._short(name)}"'

    def _index(self, name: str, what: str) -> str:
        return f'"{self._short(f"{name}_{what}")}"'

    def _short(self, name: str) -> str:
        whole = f"{self._prefix}{name}"
        if len(whole) > _LONGEST_NAME:
            raise LibraryError(
                f"{self.place.name} is too long for a library's name in PostgreSQL.", hint="Choose a shorter name."
            )
        return whole


# For more answers than this, the graph is not used, since it returns only candidates that it considered.
_MOST_OF_GRAPH = 500


class _Lost(LibraryError):
    """The connection was lost, or could not be made."""


@contextmanager
def _saying(place: Place) -> Iterator[None]:
    """Turn the server's errors into LibraryError with its address, the cause and the next step."""
    from pg8000.exceptions import DatabaseError, InterfaceError

    try:
        yield
    except (InterfaceError, OSError) as error:
        raise _Lost(
            f"The PostgreSQL at {place.uri} cannot be reached.",
            hint="No data is lost: check that the server runs, and run the same command again.",
        ) from error
    except DatabaseError as error:
        told = error.args[0] if error.args and isinstance(error.args[0], dict) else {"M": str(error)}
        said = " ".join(str(told.get("M", "")).split())[:300]
        state = str(told.get("C", ""))
        if state in ("57P01", "57P02", "57P03"):
            raise _Lost(f"The PostgreSQL at {place.uri} is stopping or starting: {said}.", hint="Try again.") from error
        if state.startswith("28") or state == "42501":
            raise LibraryError(
                f"The PostgreSQL at {place.uri} refuses access ({said}).",
                hint=f"Write user:password@ into the address, or set {TOKEN_VARIABLE} to user:password; the user must "
                f"be allowed to create tables.",
            ) from error
        raise LibraryError(f"The PostgreSQL at {place.uri} failed: {said}") from error


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, float):
        return "float8"
    return "bigint" if isinstance(value, int | np.integer) else "vector"


def _value(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return "[" + ",".join(map(repr, value.astype(np.float32).tolist())) + "]"
    return int(value) if isinstance(value, np.integer) else clean(value)


def _listed(fields: Sequence[str]) -> str:
    return ", ".join(f'"{field}"' for field in fields)
