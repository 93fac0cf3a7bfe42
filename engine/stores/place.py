"""How a collection is named: `KIND:ADDRESS#COLLECTION?FIELD=NAME&…`, and which kinds there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from urllib.parse import unquote

from ..shown import one_line
from .collection import Fields, StoreError

# Up to the last @: a password may hold any character.
_SECRET = re.compile(r"(?<=://).*@")
# libpq takes it in words, too.
_WORDS = re.compile(r"password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class StoreKind:
    """A kind of store.

    Attributes:
        scheme: what its names begin with.
        form: the whole name.
        what: for people.
        extra: what has to be installed for it.
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
        fields: names of fields that were given.
    """

    kind: StoreKind
    address: str
    collection: str
    fields: Fields = field(default_factory=Fields)

    def __str__(self) -> str:
        """As it was written, without a password."""
        behind = f"#{self.collection}" if self.collection else ""
        return f"{self.kind.scheme}:{shown(self.address)}{behind}"


@contextmanager
def saying(
    name: str, hint: str = "", hints: Mapping[str, str] | None = None, words: Callable[[Exception], str] = str
) -> Iterator[None]:
    """Turn whatever a store's client raises into StoreError, for clients that have no common class of their own.

    Args:
        name: of the collection.
        hint: what to do.
        hints: what to do instead, by a part of what the client says.
        words: what an exception of the client says.

    Raises:
        StoreError: instead of any exception; one that is such stays as it is.
    """
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        said = one_line(shown(words(error)))[:300] or type(error).__name__
        told = next((other for part, other in (hints or {}).items() if part in said), hint)
        raise StoreError(f"{name} cannot be used: {said}.", hint=told) from error


def shown(text: str) -> str:
    """An address without what is secret in it."""
    return _WORDS.sub("password=…", _SECRET.sub("", text))


def is_store(name: str) -> bool:
    """Whether a name is that of a collection."""
    scheme, colon, _ = name.partition(":")
    return bool(colon) and any(kind.scheme == scheme for kind in STORES)


def parse(name: str) -> StorePlace:
    """The collection that a name stands for.

    Raises:
        StoreError: it is not written as such names are.
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
