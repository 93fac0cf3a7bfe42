"""All vectors of a collection or a library with their texts and languages, and how changed ones are written back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...engine.encoders import Encoder, Vectors
from ...engine.errors import DataError
from ...engine.languages import UNDETERMINED
from ...engine.library import Library
from ...engine.progress import IndexProgress, OnStage
from ...engine.stores import Block, Collection
from ..audit.targets import everything_in, unit

# Takes vectors and their languages, returns changed vectors.
Change = Callable[[Vectors, list[str]], Vectors]


@dataclass(frozen=True)
class Held:
    """All records of a collection or a library.

    Attributes:
        name: the collection's or library's name, for display.
        ids: a string for each record.
        texts: the text of each record; "" where it is not stored.
        sources: where each text is from.
        languages: a code for each record.
        vectors: unit vectors, shape (len(ids), dimension).
        write: writes changed vectors under a new name and keeps the old ones; returns how many.
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
    """All records of a collection in a vector store; a language that is not stored is detected from the text.

    Raises:
        StoreError: the collection cannot be read.
        DataError: the collection is empty, or stores neither texts nor languages.
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
    languages = [code or UNDETERMINED for code in records.languages]
    known = dict(zip(records.ids, languages, strict=True))

    def write(to: str, change: Change, told: OnStage | None) -> int:
        copied = 0

        def count(number: int) -> None:
            nonlocal copied
            copied += number
            if told is not None:
                told("writing", copied, total)

        def changed(block: Block) -> Vectors:
            return change(unit(block.vectors), [known.get(number, UNDETERMINED) for number in block.ids])

        return collection.copy(to, changed, count)

    return Held(collection.name, records.ids, records.texts, records.sources, languages, vectors, write)


def in_library(library: Library, encoder: Encoder, derived: Callable[[str], Encoder]) -> Held:
    """All vectors of one encoder in a library.

    Args:
        library: must stay open; only `Held.write` writes to it.
        encoder: the encoder that made the vectors.
        derived: returns the encoder of the changed vectors, given the name that they are written under.

    Raises:
        DataError: the library has no vectors of the encoder.
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
