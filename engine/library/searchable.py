"""The interface of a library that answers questions, with the methods that are the same for all libraries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from ..encoders import Encoder, Vectors
from ..errors import LibraryError, several
from ..search import Comparison, Passage, Ranking, comparison, fusion
from ..store import Ids
from .given import whole
from .reports import Status


@runtime_checkable
class Searchable(Protocol):
    """A library that answers questions; on disk it is a `Library`, on an engine a `RemoteLibrary`.

    Every method raises LibraryError if the library is damaged, gone or cannot be reached.

    Attributes:
        readonly: whether it cannot be written to, not even vectors of a new encoder.
    """

    readonly: bool

    @property
    def busy(self) -> bool:
        """Whether it is being written to at the moment, as far as that can be known here."""

    @property
    def notices(self) -> list[str]:
        """Notices for the user, in order."""

    def close(self) -> None:
        """Close it; all changes are kept."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

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
            encoder: an encoder that the library has vectors of, or its name, or "bm25" for search by words.
            k: how many at most.
            languages: answer only in these, with k answers if there are k. A tag means the best match in the library:
                "pt-BR" means "pt" if there is no "pt-br".
            exact: compare every vector instead of using the approximate index of a large library.
            neutral: first subtract each language's mean over the library from its vectors. Every vector is compared;
                search by words is not affected.
            query_language: the code of the query's language, if known; else it is detected.

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
        """The rankings of several encoders, their languages and their overlap; raises as `search`."""
        languages = several(languages, "languages", str)
        rankings = (
            self.search(
                query,
                encoder=encoder,
                k=k,
                languages=languages,
                exact=exact,
                neutral=neutral,
                query_language=query_language,
            )
            for encoder in several(encoders, "encoders")
        )
        return comparison.compare({each.encoder: each for each in rankings}, self.languages(), languages)

    def fuse(self, rankings: Sequence[Ranking], k: int) -> Ranking:
        """Join several rankings of one query by reciprocal rank fusion, with a trace of each share."""
        return fusion.fuse(several(rankings, "rankings", Ranking), whole(k, "k"))

    def ranks(
        self,
        query: str,
        encoder: Encoder | str,
        passage_ids: Sequence[int],
        *,
        languages: Sequence[str] = (),
        neutral: bool = False,
        query_language: str = "",
    ) -> dict[int, int]:
        """The exact rank of each passage for a query, from 1, among all that `search` ranks with these settings.

        Passages without a vector, or in another language than `languages`, are missing.
        """

    # -- passages

    def passage(self, id: int) -> Passage:
        """A passage by its id.

        Raises:
            LibraryError: it is not, or no longer, in the library.

        """

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Passages in the order of `ids`, by one request; those not in the library are left out."""

    def neighbours(self, id: int, before: int = 1, after: int = 1) -> list[Passage]:
        """The passages before and after one in its document, in order, without itself."""

    def translations(self, id: int) -> dict[str, Passage]:
        """The passages at the same place in parallel files (en/bread.md and de/bread.md), by language."""

    # -- contents

    def vectors(self, encoder: Encoder | str) -> tuple[Ids, Vectors]:
        """Ids of all passages that have a vector, int64 of shape (n,), and the vectors, float32 of shape (n, d)."""

    def languages(self) -> dict[str, int]:
        """How many passages each language has, most first."""

    def languages_of(self, passage_ids: Sequence[int] | Ids) -> list[str]:
        """The language of each passage; "und" for one that is not in the library."""

    def encoders(self) -> list[str]:
        """The names of the encoders that the library has vectors of, in the order in which they were added."""

    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of those encoders."""

    def pending(self, encoder: Encoder | str) -> int:
        """How many passages have no vector of an encoder yet."""

    def status(self) -> Status:
        """The library's status."""


class Notices:
    """Notices for the user about a library: each once, in order, and passed on at once.

    Args:
        tell: receives each of them; may be None.
    """

    def __init__(self, tell: Callable[[str], None] | None) -> None:
        self.all: list[str] = []
        self._tell = tell

    def add(self, message: str) -> None:
        """Add a notice, unless it was added before."""
        if message not in self.all:
            self.all.append(message)
            if self._tell is not None:
                self._tell(message)


def no_passage(id: int) -> LibraryError:
    """The error for a passage that is not in a library."""
    return LibraryError(f"The library has no passage {id}.", hint="Search again: it may have changed.")


def no_document(id: int) -> LibraryError:
    """The error for a document that is not in a library."""
    return LibraryError(f"The library has no document {id}.", hint="Search again: it may have changed.")
