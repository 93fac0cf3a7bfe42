"""The interface of a collection in a vector store: read it, search it, copy it with other vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import HybridSearchError

Vectors = NDArray[np.float32]
# The most records of one request to a store.
AT_ONCE = 500


class StoreError(HybridSearchError):
    """A collection that cannot be reached, read or written; the message names it and the cause."""


@dataclass(frozen=True)
class Block:
    """Some records of a collection, in its order.

    Attributes:
        ids: as texts, whatever their type in the store.
        texts: the encoded texts; empty if the collection has no text.
        sources: the path or address of each text's document, empty if unknown.
        languages: a code for each, empty if unknown.
        vectors: shape (len(ids), dimension), as stored.
    """

    ids: list[str]
    texts: list[str]
    sources: list[str]
    languages: list[str]
    vectors: Vectors


@dataclass(frozen=True)
class Found:
    """One answer of a collection; a higher score is better, and scores are comparable only within one ranking."""

    id: str
    text: str
    source: str
    language: str
    score: float


Change = Callable[[Block], Vectors]
# Called with the number of records done since the last call.
Done = Callable[[int], None]


class Collection(Protocol):
    """One collection, table or file of vectors.

    Every method raises StoreError if the collection cannot be reached or is not valid.

    Attributes:
        name: as given, without passwords.
        dimension: the length of a vector.
    """

    name: str
    dimension: int

    def count(self) -> int:
        """How many records it has."""

    def blocks(self) -> Iterator[Block]:
        """All records with a vector, in blocks."""

    def nearest(self, vector: Vectors, k: int) -> list[Found]:
        """The k best answers to a query's vector, best first, as the store itself ranks them."""

    def copy(self, to: str, change: Change, done: Done | None = None) -> int:
        """Write a copy with other vectors but otherwise the same; returns how many records it has.

        The collection itself is not changed. An incomplete copy is removed.

        Args:
            to: the name of the copy, in the same store; it must not exist.
            change: returns the new vectors of a block.
            done: receives counts of records.
        """

    def close(self) -> None:
        """Close the connection."""


_TEXT = ("text", "document", "page_content", "content", "chunk", "passage", "body")
_LANGUAGE = ("language", "lang", "language_code")
_SOURCE = ("source", "path", "file_path", "filename", "file_name", "url", "doc_id", "title")
_INNER = ("metadata", "metadata_", "cmetadata", "meta")


@dataclass(frozen=True)
class Fields:
    """The names of the fields of records; for an empty one, the usual names are tried.

    Attributes:
        id: of the record.
        vector: its vector.
        text: the encoded text.
        language: the text's language.
        source: the text's origin.
        collection: the collection, in a table of several.
    """

    id: str = ""
    vector: str = ""
    text: str = ""
    language: str = ""
    source: str = ""
    collection: str = ""

    def of(self, record: Mapping[str, object]) -> tuple[str, str, str]:
        """Text, source and language of a record: from the named fields, else from the usual ones, also in metadata."""
        return (
            value_of(record, self.text, _TEXT),
            value_of(record, self.source, _SOURCE),
            value_of(record, self.language, _LANGUAGE).lower(),
        )


def value_of(record: Mapping[str, object], named: str, usual: tuple[str, ...]) -> str:
    """A field as text, empty if missing; `a.b` is the field b within a."""
    if named:
        value: object = record
        for part in named.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value if isinstance(value, str) else "" if value is None else str(value)
    inner = [each for name in _INNER if isinstance(each := record.get(name), Mapping)]
    for place in (record, *inner):
        for name in usual:
            value = place.get(name)
            if isinstance(value, str) and value:
                return value
    return ""


def checked(name: str, vectors: object, number: int, dimension: int = 0) -> Vectors:
    """Vectors of a store as an array.

    Raises:
        StoreError: their number is wrong, or they are not of one length or not finite.
    """
    try:
        found = np.asarray(vectors, dtype=np.float32)
    except (TypeError, ValueError):
        found = np.zeros(0, dtype=np.float32)
    if found.ndim != 2 or len(found) != number or found.shape[1] != (dimension or found.shape[1]) or not found.shape[1]:
        raise StoreError(
            f"{name} has records whose vectors are missing, or not all of one length.",
            hint="Encode their texts again, by one encoder, or remove them.",
        )
    if not np.isfinite(found).all():
        raise StoreError(
            f"{name} has vectors with NaN or infinite numbers.", hint="Encode their texts again, or remove them."
        )
    return found


def nothing_called(name: str, what: str, known: Iterable[str]) -> StoreError:
    """The error for a collection or table that a store does not have; `known` are those that it has."""
    return StoreError(f"{name}: there is no such {what}.", hint=f"There are: {', '.join(known) or 'none'}.")


def taken(name: str, what: str) -> StoreError:
    """The error for a copy whose name is taken."""
    return StoreError(f"{name}: {what} exists already.", hint="Give another name: nothing is overwritten.")
