"""Stores judgements of answers, and finds where the right ones rank and how far judging has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ....engine.encoders import is_encoder
from ....engine.errors import HybridSearchError, LibraryError
from ..requests import Operation, Request

if TYPE_CHECKING:
    from ....engine.encoders import Encoder
    from ....engine.library import Library, Searchable


class Keeper(Protocol):
    """Keeps the library and the encoders."""

    @property
    def library(self) -> Searchable:
        """The open library."""

    def encoder(self, name: str, request: Request | None = None) -> Encoder:
        """An encoder by name."""


class Judging:
    """The operations on judgements.

    Args:
        desk: keeps the library and the encoders.
    """

    def __init__(self, desk: Keeper) -> None:
        self._desk = desk

    def operations(self) -> Mapping[str, Operation]:
        """The operations by the names that requests use."""
        return {"judged": self.judged, "judge": self.judge, "export_judgements": self.export}

    def _on_disk(self) -> Library | None:
        """The library if it is on disk, which is where judgements are stored; else None."""
        from ....engine.library import Library

        library = self._desk.library
        return library if isinstance(library, Library) else None

    def judged(
        self,
        request: Request,
        query: str,
        encoders: Sequence[str] = (),
        languages: Sequence[str] = (),
        neutral: bool = False,
        query_language: str = "",
    ) -> dict[str, Any]:
        """The grades of a question's passages as [id, grade], and the ranks of those that answer it, by encoder.

        The ranks are those of `ask` with the same languages, neutral and query_language. Search by words has none, nor
        has an encoder that has not encoded every passage.
        """
        library = self._on_disk()
        grades = library.judged(query) if library is not None else {}
        wanted = [number for number, grade in grades.items() if grade > 0]
        ranks: dict[str, list[list[int]]] = {}
        for name in encoders if wanted else ():
            request.check()
            if not is_encoder(name):
                continue
            try:
                encoder = self._desk.encoder(name)
                if self._desk.library.pending(encoder):
                    continue
                found = self._desk.library.ranks(
                    query, encoder, wanted, languages=languages, neutral=neutral, query_language=query_language
                )
            except HybridSearchError:
                # The encoder's column shows this error.
                continue
            ranks[name] = [[number, rank] for number, rank in sorted(found.items(), key=lambda pair: pair[1])]
        return {"query": query, "grades": [list(pair) for pair in grades.items()], "ranks": ranks}

    def judge(
        self, request: Request, query: str, id: int, grade: int | None = None, query_language: str = ""
    ) -> dict[str, Any]:
        """Judge whether a passage answers a question (None removes the judgement); returns the progress in words."""
        from ....train.judged import judging_progress

        library = self._on_disk()
        if library is None:
            raise LibraryError(
                "A library on an engine keeps no judgements.",
                hint="Judge in the library on disk that it was pushed from.",
            )
        library.judge(query, id, grade, query_language=query_language)
        return {"progress": judging_progress(library.judgements())}

    def export(self, request: Request, form: str, target: str) -> dict[str, Any]:
        """Write all judgements to a file or folder, in a form that evaluation or training reads."""
        from pathlib import Path

        from ....train.judged import write_judgements

        library = self._on_disk()
        if library is None:
            raise LibraryError("A library on an engine keeps no judgements.")
        written = write_judgements(library, form, Path(target))
        return {"path": str(written.path), "questions": written.questions, "words": written.words}
