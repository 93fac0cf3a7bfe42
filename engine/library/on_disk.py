"""The reading methods of a library on disk: rankings, passages, contents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..encoders import Column, Encoder, Vectors, Whole
from ..files import size_of
from ..search import Passage, Ranking, Searcher
from ..store import LOCK, Connection, Ids, Judgement, Judgements, Reading, StoredDocument, WriterLock
from . import given
from .given import whole, wholes
from .named import Named
from .reports import EncoderStatus, Status
from .searchable import Notices, Searchable, no_document, no_passage
from .whole import WholeRankings

VECTORS = "vectors"


class OnDisk(Searchable):
    """Implements `Searchable` from a folder's database and index files; `Library` adds the writing methods.

    Args:
        path: its folder.
        connection: to its database.
        readonly: whether nothing will be written.
        notify: receives each notice at once, besides `notices`; may be None.
    """

    def __init__(
        self, path: Path, connection: Connection, *, readonly: bool, notify: Callable[[str], None] | None
    ) -> None:
        self.path = path
        self.readonly = readonly
        self._notices = Notices(notify)
        self._notify = self._notices.add
        self._connection = connection
        self._reading = Reading(connection)
        self._searcher = Searcher(self._reading, path / VECTORS, self._notify)
        self._named = Named(self.fingerprints)
        self._whole = WholeRankings(self._reading, self._searcher)

    @property
    def notices(self) -> list[str]:
        """Notices for the user, in order."""
        return self._notices.all

    @property
    def busy(self) -> bool:
        """Whether it is being written to at the moment."""
        return WriterLock(self.path / LOCK).taken()

    def close(self) -> None:
        """Close it; all changes are kept."""
        self._connection.close()

    def _prepare(self, encoder: Encoder | str) -> None:
        """Called before an encoder's vectors are needed."""

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
        """The k best passages for a query; see `Searchable.search`."""
        query = given.text(query, "query")
        encoder, k = self._named.ranker(encoder), whole(k, "k")
        if isinstance(encoder, Whole):
            return self._whole.ranking(query, encoder, k, languages=languages, query_language=query_language)
        if isinstance(encoder, Column):
            found: Ranking = encoder.ranking(
                self, query, k, languages=languages, exact=exact, neutral=neutral, query_language=query_language
            )
            return found
        self._prepare(encoder)
        return self._searcher.ranking(
            query, encoder, k, languages, complete=exact, neutral=neutral, query_language=query_language
        )

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
        """The exact rank of each passage for a query; see `Searchable.ranks`."""
        query = given.text(query, "query")
        encoder = self._named.encoder(encoder)
        passage_ids = wholes(passage_ids, "passage_ids")
        if isinstance(encoder, Column):
            return encoder.ranks(
                self, query, passage_ids, languages=languages, neutral=neutral, query_language=query_language
            )
        self._prepare(encoder)
        return self._searcher.ranks(
            query, encoder, passage_ids, languages, neutral=neutral, query_language=query_language
        )

    # -- passages

    def passage(self, id: int) -> Passage:
        """A passage by its id; raises LibraryError if it is not, or no longer, in the library."""
        found = self._reading.passage(whole(id, "id"))
        if found is None:
            raise no_passage(id)
        return found

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Passages in the order of `ids`, by one request; those not in the library are left out."""
        return self._reading.passages(wholes(ids, "ids"))

    def neighbours(self, id: int, before: int = 1, after: int = 1) -> list[Passage]:
        """The passages before and after one in its document, in order, without itself."""
        here = self.passage(id)
        first, last = here.ordinal - whole(before, "before"), here.ordinal + whole(after, "after")
        return [passage for passage in self.passages_of(here.document_id, first, last - first + 1) if passage != here]

    def translations(self, id: int) -> dict[str, Passage]:
        """The passages at the same place in parallel files (en/bread.md and de/bread.md), by language."""
        from ..search import translations

        return translations(self._reading, self.passage(id))

    # -- documents

    def documents(self, after: int = 0, limit: int = 100) -> list[StoredDocument]:
        """The first `limit` documents with ids above `after`, in the order of their ids."""
        return self._reading.documents(whole(after, "after"), whole(limit, "limit"))

    def document(self, id: int) -> StoredDocument:
        """A document by its id; raises LibraryError if it is not, or no longer, in the library."""
        found = self._reading.document(whole(id, "id"))
        if found is None:
            raise no_document(id)
        return found

    def passages_of(self, document_id: int, first: int = 0, count: int = 100) -> list[Passage]:
        """Up to `count` passages of a document in order, from the one numbered `first` (the first is 0)."""
        last = whole(whole(first, "first") + whole(count, "count") - 1, "last")
        return self._reading.passages_of_document(whole(document_id, "document_id"), whole(first, "first"), last)

    def openings(self, language: str, limit: int) -> list[Passage]:
        """The first passages of the first `limit` documents that begin in a language."""
        return self._reading.openings(language, whole(limit, "limit"))

    # -- judgements

    def judgements(self) -> list[Judgement]:
        """Every judgement, in order."""
        return Judgements(self._connection).all()

    def judged(self, query: str) -> dict[int, int]:
        """The grades of passages judged for a question, by id: 0 wrong, 1 partly, 2 right.

        Raises:
            LibraryError: the database is damaged.

        """
        query = given.text(query, "query")
        judgements = Judgements(self._connection)
        with self._connection.snapshot():
            made = judgements.of(query)
            places = judgements.places(made)
        return {places[each.id]: each.grade for each in made if each.id in places}

    def places_of_judged(self, judged: Sequence[Judgement]) -> dict[int, int]:
        """The id of each judgement's current passage, by the judgement's id; judgements without one are left out."""
        return Judgements(self._connection).places(judged)

    def languages_of_judged(self, judged: Sequence[Judgement]) -> list[str]:
        """The language of each judgement: its passage's, or its text's if the passage is gone."""
        from ..languages import detect_many

        places = Judgements(self._connection).places(judged)
        held = dict(zip(places, self.languages_of(list(places.values())), strict=True))
        gone = [each for each in judged if each.id not in held]
        told = detect_many([each.text for each in gone]) if gone else []
        held.update({each.id: found.code for each, found in zip(gone, told, strict=True)})
        return [held[each.id] for each in judged]

    # -- contents

    def vectors(self, encoder: Encoder | str) -> tuple[Ids, Vectors]:
        """Ids of all passages that have a vector, int64 of shape (n,), and the vectors, float32 of shape (n, d)."""
        encoder = self._named.encoder(encoder)
        if isinstance(encoder, Column):
            encoder.no_vectors()
        self._prepare(encoder)
        with self._connection.snapshot():
            return self._searcher.vectors(self._searcher.row_of(encoder))

    def fact(self, name: str) -> str:
        """A stored fact about the library itself, "" if there is none."""
        return self._reading.fact(name)

    def languages(self) -> dict[str, int]:
        """How many passages each language has, most first."""
        return self._searcher.languages()

    def languages_of(self, passage_ids: Sequence[int] | Ids) -> list[str]:
        """The language of each passage; "und" for one that is not in the library."""
        return self._searcher.languages_of(passage_ids)

    def encoders(self) -> list[str]:
        """The names of the encoders that the library has vectors of, in the order in which they were added."""
        return [row.name for row in self._reading.encoders()]

    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of those encoders."""
        return frozenset(row.fingerprint for row in self._reading.encoders())

    def pending(self, encoder: Encoder | str) -> int:
        """How many passages have no vector of an encoder yet."""
        encoder = self._named.encoder(encoder)
        if isinstance(encoder, Column):
            return encoder.pending(self)
        return self._reading.pending(self._reading.encoder(encoder.fingerprint))

    def status(self) -> Status:
        """The library's status."""
        from ..ingest import Unreadable

        reading = self._reading
        with self._connection.snapshot():
            passages = reading.count("passages")
            encoders = []
            for row in reading.encoders():
                missing = reading.pending(row)
                known = reading.index_file(row)
                encoders.append(
                    EncoderStatus(
                        row.name, row.fingerprint, row.dimension, passages - missing, missing, known is not None
                    )
                )
            return Status(
                path=str(self.path),
                folders=tuple(reading.folders()),
                files=reading.count("files"),
                documents=reading.count("documents"),
                passages=passages,
                languages=reading.languages(),
                encoders=tuple(encoders),
                failed=tuple(Unreadable(path, reason) for path, reason in reading.failures_below().items()),
                size=size_of(self.path),
                notices=tuple(self.notices),
            )
