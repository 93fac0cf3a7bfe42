"""The interface of a library that answers questions, and the methods that are the same for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self, cast, runtime_checkable

from ..encoders import Encoder, Vectors
from ..errors import LibraryError
from ..search import Comparison, Passage, Ranking, comparison, fusion
from ..store import Ids
from .reports import Status


@runtime_checkable
class Searchable(Protocol):
    """A library that answers questions; on disk it is a `Library`, on an engine a `RemoteLibrary`.

    Everything raises LibraryError where the library is damaged, gone or out of reach.
    """

    @property
    def readonly(self) -> bool:
        """Whether nothing can be written to it, not even vectors of a new encoder."""

    @property
    def notices(self) -> list[str]:
        """Notices for the user, in the order they came up."""

    def close(self) -> None:
        """Close it; whatever was done is kept."""

    def __enter__(self) -> Self:
        """Itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""

    # -- rankings

    def search(
        self,
        query: str,
        *,
        encoder: Encoder | str,
        k: int = 10,
        languages: Sequence[str] = (),
        exact: bool = False,
        neutral: bool = False,
        query_language: str = "",
    ) -> Ranking:
        """The k best passages for a query.

        Args:
            query: in any language.
            encoder: an encoder that the library has vectors of (of one on disk its name, too), or "bm25" for search by
                words.
            k: how many at most.
            languages: answer only in these; k answers whenever there are k. A tag means what the library has of it:
                "pt-BR" means "pt" where there is no "pt-br".
            exact: compare every vector instead of asking the approximate index of a large library.
            neutral: first subtract what each language adds to the vectors: its mean over the library. Every vector is
                compared; search by words is not affected.
            query_language: the code of the query's language, where it is known; else it is detected.

        Raises:
            LibraryError: the library has no vectors of the encoder.
            EncoderError: the encoder cannot be used.

        """

    def compare(
        self,
        query: str,
        *,
        encoders: Sequence[Encoder | str],
        k: int = 10,
        languages: Sequence[str] = (),
        exact: bool = False,
        neutral: bool = False,
        query_language: str = "",
    ) -> Comparison:
        """The rankings of several encoders, their languages and what they share; raises as `search` does."""

    def fuse(self, rankings: Sequence[Ranking], k: int) -> Ranking:
        """Several rankings of one query joined by reciprocal rank fusion, with a trace of each share."""

    def ranks(
        self,
        query: str,
        encoder: Encoder,
        passage_ids: Sequence[int],
        *,
        languages: Sequence[str] = (),
        neutral: bool = False,
        query_language: str = "",
    ) -> dict[int, int]:
        """The exact rank of each passage for a query, from 1, among all that `search` ranks with these settings.

        Passages without a vector, or in a language that is left out, are missing.
        """

    # -- passages

    def passage(self, id: int) -> Passage:
        """A passage by its id.

        Raises:
            LibraryError: it is not in the library, or no longer.

        """

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Passages in the order asked for, in one go; those that are not in the library are left out."""

    def neighbours(self, id: int, before: int = 1, after: int = 1) -> list[Passage]:
        """The passages before and after one in its document, in order, itself left out."""

    def translations(self, id: int) -> dict[str, Passage]:
        """The passages at the same place of parallel files (en/bread.md and de/bread.md), by language."""

    # -- what there is

    def vectors(self, encoder: Encoder) -> tuple[Ids, Vectors]:
        """Ids of all passages that have a vector, int64 of shape (n,), and the vectors, float32 of shape (n, d)."""

    def languages(self) -> dict[str, int]:
        """How many passages each language has, most first."""

    def languages_of(self, passage_ids: Sequence[int] | Ids) -> list[str]:
        """The language of each passage; "und" for one that is not in the library."""

    def encoders(self) -> list[str]:
        """The names of the encoders that the library has vectors of, in the order they came."""

    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of those encoders."""

    def pending(self, encoder: Encoder) -> int:
        """How many passages an encoder has no vector of yet."""

    def status(self) -> Status:
        """What the library holds."""


class Notices:
    """Notices for the user about a library: each notice once, in order, told as it comes up.

    Args:
        tell: gets each of them; None for nobody.
    """

    def __init__(self, tell: Callable[[str], None] | None) -> None:
        self.all: list[str] = []
        self._tell = tell

    def add(self, message: str) -> None:
        """Take a notice, unless it is known."""
        if message not in self.all:
            self.all.append(message)
            if self._tell is not None:
                self._tell(message)


class SearchableBase:
    """The methods that are the same for every `Searchable`: context manager, comparison, fusion."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        cast("Searchable", self).close()

    def compare(
        self,
        query: str,
        *,
        encoders: Sequence[Encoder | str],
        k: int = 10,
        languages: Sequence[str] = (),
        exact: bool = False,
        neutral: bool = False,
        query_language: str = "",
    ) -> Comparison:
        """The rankings of several encoders, their languages and what they share; raises as `search` does."""
        library = cast("Searchable", self)
        rankings = (
            library.search(
                query,
                encoder=encoder,
                k=k,
                languages=languages,
                exact=exact,
                neutral=neutral,
                query_language=query_language,
            )
            for encoder in encoders
        )
        return comparison.compare({each.encoder: each for each in rankings}, library.languages(), languages)

    def fuse(self, rankings: Sequence[Ranking], k: int) -> Ranking:
        """Several rankings of one query joined by reciprocal rank fusion, with a trace of each share."""
        return fusion.fuse(rankings, k)


def no_passage(id: int) -> LibraryError:
    """The error for a passage that is not in a library."""
    return LibraryError(f"The library has no passage {id}.", hint="Search again: it may have changed.")


def no_document(id: int) -> LibraryError:
    """The error for a document that is not in a library."""
    return LibraryError(f"The library has no document {id}.", hint="Search again: it may have changed.")
