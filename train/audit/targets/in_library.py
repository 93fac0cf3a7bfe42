"""A library as a target, on disk or in a vector store, searched with one of its encoders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ....engine.encoders import BM25, Encoder
from ....engine.library import Library, Searchable
from ....engine.paths import typed
from ....engine.places import place_of, shown
from .protocol import Answer, Options, Question, TargetError


def open_target(scheme: str, place: str, options: Options) -> InLibrary:
    """The library at a path or address.

    Raises:
        LibraryError: there is no library, or it cannot be opened.
        TargetError: no encoder is named and the library has several or none, or the encoder cannot be loaded.
    """
    path = typed(place) if place_of(place) is None else Path(place)
    where = place_of(path)
    library: Searchable
    if where is None:
        library = Library.open(path, readonly=True, notify=options.notify)
    else:
        from ....engine.remote import RemoteLibrary

        library = RemoteLibrary.open(where, notify=options.notify)
    try:
        return InLibrary(f"{shown(place)}", library, options)
    except BaseException:
        library.close()
        raise


class InLibrary:
    """Searches a library.

    Args:
        place: shown in reports.
        library: `close` closes it.
        options: the encoder's name, and the function that loads it.
    """

    depth: int | None = None

    def __init__(self, place: str, library: Searchable, options: Options) -> None:
        known = library.encoders()
        name = options.encoder or (known[0] if len(known) == 1 else "")
        if not name:
            told = f"has vectors of {', '.join(known)}" if known else "has no vectors"
            raise TargetError(
                f"The library {place} {told}; which one is to be used?",
                hint="Name one with --encoder; bm25 searches by words.",
            )
        self.name = f"{place} with {name}"
        self.library = library
        self.neutral = False
        self.encoder: Encoder | str = BM25
        if name != BM25:
            if options.load is None:
                raise TargetError(f"The encoder {name} cannot be loaded here.")
            self.encoder = options.load(name, stored=library.fingerprints())

    def prepare(self, questions: Sequence[Question]) -> None:
        """Do nothing."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The first k passages."""
        found = self.library.search(
            question.text, encoder=self.encoder, k=k, query_language=question.language, neutral=self.neutral
        )
        return [
            Answer(f"#{hit.passage.id}", hit.passage.text, hit.passage.path, hit.passage.language, hit.score)
            for hit in found.hits
        ]

    def languages(self) -> Mapping[str, int]:
        """How many passages each language has."""
        return self.library.languages()

    def close(self) -> None:
        """Close the library."""
        self.library.close()
