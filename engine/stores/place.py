"""Parses names of collections, `KIND:ADDRESS#COLLECTION?FIELD=NAME&…`, and lists the kinds of store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from urllib.parse import unquote

from ..shown import one_line
from .collection import Fields, StoreError

# Up to the last @: a password may contain any character.
_SECRET = re.compile(r"(?<=://).*@")
# libpq also accepts passwords in key=value form.
_WORDS = re.compile(r"password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class StoreKind:
    """A kind of store.

    Attributes:
        scheme: the prefix of its names.
        form: of the whole name.
        what: a description for people.
        extra: the optional dependency that it needs.
    """

    scheme: str
    form: str
    what: str
    extra: str = ""


STORES = (
    StoreKind("pgvector", "pgvector:postgresql://HOST/DATABASE#TABLE", "a PostgreSQL table with a column of pgvector",
              "pgvector"),
    StoreKind("qdrant", "qdrant:URL|FOLDER#COLLECTION", "a collection of Qdrant, on a server or in a folder", "qdrant"),
    StoreKind("chroma", "chroma:URL|FOLDER#COLLECTION", "a collection of Chroma, on a server or in a folder", "chroma"),
    StoreKind("lancedb", "lancedb:FOLDER#TABLE", "a table of LanceDB", "lancedb"),
    StoreKind("milvus", "milvus:URL|FILE#COLLECTION", "a collection of Milvus or Milvus Lite", "remote"),
    StoreKind("vectors", "vectors:FILE", "a .npy, .npz, .parquet or .safetensors file with ids"),
)  # fmt: skip


@dataclass(frozen=True)
class StorePlace:
    """A collection as its name describes it.

    Attributes:
        kind: of the store.
        address: URL, folder or file.
        collection: its name in the store; empty for a file.
        fields: the names of fields in it.
    """

    kind: StoreKind
    address: str
    collection: str
    fields: Fields = field(default_factory=Fields)

    def __str__(self) -> str:
        """The name as written, without a password."""
        behind = f"#{self.collection}" if self.collection else ""
        return f"{self.kind.scheme}:{shown(self.address)}{behind}"


@contextmanager
def saying(
    name: str, hint: str = "", hints: Mapping[str, str] | None = None, words: Callable[[Exception], str] = str
) -> Iterator[None]:
    """Turn any exception of a store's client into StoreError, for clients without a common class of errors.

    Args:
        name: of the collection.
        hint: of the error.
        hints: other hints, by a part of the client's message.
        words: returns the message of a client's exception.

    Raises:
        StoreError: instead of any other exception.
    """
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        said = one_line(shown(words(error)))[:300].rstrip(".") or type(error).__name__
        told = next((other for part, other in (hints or {}).items() if part in said), hint)
        raise StoreError(f"{name} cannot be used: {said}.", hint=told) from error


def shown(text: str) -> str:
    """An address without secrets."""
    return _WORDS.sub("password=…", _SECRET.sub("", text))


def is_store(name: str) -> bool:
    """Whether a name is that of a collection."""
    scheme, colon, _ = name.partition(":")
    return bool(colon) and any(kind.scheme == scheme for kind in STORES)


def parse(name: str) -> StorePlace:
    """Parse the name of a collection.

    Raises:
        StoreError: it has the wrong form.
    """
    scheme, _, rest = name.partition(":")
    kind = next((kind for kind in STORES if kind.scheme == scheme), None)
    if kind is None:
        known = ", ".join(each.form for each in STORES)
        raise StoreError(f"{shown(name)!r} does not name a collection of vectors.", hint=f"There are: {known}.")
    address, sharp, behind = rest.rpartition("#")
    if not sharp:
        address, behind = rest, ""
    collection, _, given = behind.partition("?")
    if not address or (bool(collection) == (scheme == "vectors")):
        raise StoreError(f"{shown(name)!r} is incomplete.", hint=f"It is written {kind.form}.")
    names = [each.name for each in fields(Fields)]
    values: dict[str, str] = {}
    for pair in given.split("&") if given else ():
        key, equals, value = pair.partition("=")
        if key not in names or not equals or not value:
            raise StoreError(f"{shown(name)!r} has a field {key!r}.", hint=f"Fields: {', '.join(names)}.")
        values[key] = unquote(value)
    return StorePlace(kind, address, unquote(collection), Fields(**values))
