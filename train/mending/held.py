"""All vectors of a collection or a library with their texts and languages, and how changed ones are written back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...engine.encoders import Encoder, Vectors
from ...engine.errors import DataError
from ...engine.library import Library
from ...engine.progress import IndexProgress, OnStage
from ...engine.stores import Collection
from ..audit.targets import everything_in, unit

# What is done to vectors whose languages are known.
Change = Callable[[Vectors, list[str]], Vectors]


@dataclass(frozen=True)
class Held:
    """What is held.

    Attributes:
        name: of the collection or library, for people.
        ids: of the records.
        texts: what the vectors are of; empty where it is not kept.
        sources: where each text is from.
        languages: a code for each.
        vectors: unit vectors, shape (len(ids), dimension).
        write: writes changed vectors under a new name, and leaves the old ones; returns how many.
    """

    name: str
    ids: list[str]
    texts: list[str]
    sources: list[str]
    languages: list[str]
    vectors: Vectors
    write: Callable[[str, Change, OnStage | None], int]

    @property
    def counts(self) -> dict[str, int]:
        """How many records each language has, most first."""
        return dict(Counter(self.languages).most_common())


def in_collection(collection: Collection, progress: OnStage | None = None) -> Held:
    """What a collection of vectors elsewhere holds; where it does not say a text's language, the text does.

    Raises:
        StoreError: it cannot be read.
        DataError: it keeps neither texts nor languages.
    """
    total = collection.count()
    records, vectors = everything_in(collection, progress)
    if not records.ids:
        raise DataError(f"{collection.name} holds no vectors.")
    if not any(records.languages):
        raise DataError(
            f"{collection.name} stores neither texts nor languages, and languages are needed.",
            hint="Name their field: #COLLECTION?language=FIELD or ?text=FIELD.",
        )
    known = dict(zip(records.ids, records.languages, strict=True))

    def write(to: str, change: Change, told: OnStage | None) -> int:
        copied = 0

        def count(number: int) -> None:
            nonlocal copied
            copied += number
            if told is not None:
                told("writing", copied, total)

        return collection.copy(
            to, lambda block: change(unit(block.vectors), [known.get(number, "") for number in block.ids]), count
        )

    return Held(collection.name, records.ids, records.texts, records.sources, records.languages, vectors, write)


def in_library(library: Library, encoder: Encoder, derived: Callable[[str], Encoder]) -> Held:
    """What a library of ours holds of an encoder.

    Args:
        library: stays open; it is written to only where the vectors are kept.
        encoder: whose vectors.
        derived: gives the encoder whose vectors the changed ones are, by the name that they are written under.

    Raises:
        LibraryError: it has no vectors of the encoder.
    """
    ids, vectors = library.vectors(encoder)
    passages = library.passages(ids.tolist())
    if len(passages) != len(ids) or not len(ids):
        raise DataError(f"{Path(library.path).name} has no vectors of {encoder.name}.")

    def write(to: str, change: Change, told: OnStage | None) -> int:
        def show(event: IndexProgress) -> None:
            if told is not None:
                told(event.stage, event.done, event.total)

        return library.derive(encoder, derived(to), change, show)

    return Held(
        str(library.path),
        [f"#{number}" for number in ids.tolist()],
        [passage.text for passage in passages],
        [passage.path for passage in passages],
        [passage.language for passage in passages],
        vectors,
        write,
    )
