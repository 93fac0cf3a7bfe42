"""What a library is asked: rankings, passages, what it holds; none of it writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from ..encoders import Encoder, Vectors
from ..errors import LibraryError
from ..languages import chosen
from ..search import Passage, Ranking, Searcher, comparison, fusion
from ..store import Connection, Ids, Reading
from .reports import EncoderStatus, Status

VECTORS = "vectors"


class Asking:
    """The half of a library that reads.

    Args:
        path: its folder.
        connection: to its database.
        notify: gets notices as they come up, besides `notices`; None for nobody.
    """

    readonly: bool
    notices: list[str]

    def __init__(self, path: Path, connection: Connection, notify: Callable[[str], None] | None) -> None:
        self.path = path
        self.notices = []
        self._tell = notify
        self._connection = connection
        self._reading = Reading(connection)
        self._searcher = Searcher(self._reading, path / VECTORS, self._notify)

    def close(self) -> None:
        """Close it; whatever was done is kept."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _notify(self, message: str) -> None:
        if message not in self.notices:
            self.notices.append(message)
            if self._tell is not None:
                self._tell(message)

    def search(
        self, query: str, *, encoder: Encoder | str, k: int = 10, languages: Sequence[str] = (), exact: bool = False
    ) -> Ranking:
        """The k best passages for a query.

        Args:
            query: in any language.
            encoder: an encoder that the library has vectors of, or "bm25" for search by words.
            k: how many; as many as there are where there are fewer.
            languages: answer only in these; k answers whenever there are k. A tag means what the library has of it:
                "pt-BR" means "pt" where there is no "pt-br".
            exact: compare every vector instead of asking the approximate index of a large library.

        Raises:
            LibraryError: the library has no vectors of the encoder.
            EncoderError: the encoder cannot be used.

        """
        return self._searcher.ranking(query, encoder, k, languages, complete=exact)

    def compare(
        self,
        query: str,
        *,
        encoders: Sequence[Encoder | str],
        k: int = 10,
        languages: Sequence[str] = (),
        exact: bool = False,
    ) -> comparison.Comparison:
        """The rankings of several encoders and what they share; raises as `search` does."""
        if not encoders:
            raise LibraryError("There is nothing to compare.", hint="Name at least one encoder.")
        rankings: dict[str, Ranking] = {}
        for encoder in encoders:
            ranking = self.search(query, encoder=encoder, k=k, languages=languages, exact=exact)
            rankings[ranking.encoder] = ranking
        counts = self.languages()
        wanted = chosen(languages, counts) or tuple(counts)
        return comparison.compare(rankings, {code: number for code, number in counts.items() if code in wanted})

    def fuse(self, rankings: Sequence[Ranking], k: int) -> Ranking:
        """Several rankings of one query joined by reciprocal rank fusion, with a trace of each share."""
        return fusion.fuse(rankings, k)

    def ranks(self, query: str, encoder: Encoder, passage_ids: Sequence[int]) -> dict[int, int]:
        """The exact rank of each passage among all, from 1; passages without a vector are left out."""
        return self._searcher.ranks(query, encoder, passage_ids)

    def passage(self, id: int) -> Passage:
        """A passage by its id.

        Raises:
            LibraryError: it is not in the library, or no longer.

        """
        found = self._reading.passage(id)
        if found is None:
            raise LibraryError(f"The library has no passage {id}.", hint="Search again: it may have changed.")
        return found

    def neighbours(self, id: int, before: int = 1, after: int = 1) -> list[Passage]:
        """The passages before and after one in its document, in order, itself left out."""
        here = self.passage(id)
        found = self._reading.passages_of_document(here.document_id, here.ordinal - before, here.ordinal + after)
        return [passage for passage in found if passage.id != id]

    def translations(self, id: int) -> dict[str, Passage]:
        """The passages at the same place of parallel files (en/bread.md and de/bread.md), by language."""
        from ..search import translations

        return translations(self._reading, self.passage(id))

    def vectors(self, encoder: Encoder) -> tuple[Ids, Vectors]:
        """Ids of all passages that have a vector, int64 of shape (n,), and the vectors, float32 of shape (n, d)."""
        with self._connection.snapshot():
            matrix = self._searcher.matrix(self._searcher.row_of(encoder))
            roster = self._searcher.roster()
        rows = np.searchsorted(matrix.texts, roster.texts)
        rows[rows == len(matrix.texts)] = 0
        there = matrix.texts[rows] == roster.texts if len(matrix.texts) else np.zeros(len(rows), dtype=bool)
        return roster.ids[there], matrix.vectors[rows[there]]

    def fact(self, name: str) -> str:
        """A fact that was written down about the library itself, "" where it is not known."""
        return self._reading.fact(name)

    def languages(self) -> dict[str, int]:
        """How many passages each language has, most first."""
        return self._searcher.languages()

    def languages_of(self, passage_ids: Sequence[int] | Ids) -> list[str]:
        """The language of each passage; "und" for one that is not in the library."""
        roster = self._searcher.roster()
        known = {number: roster.codes[place] for number, place in zip(roster.ids, roster.languages, strict=True)}
        return [known.get(number, "und") for number in passage_ids]

    def encoders(self) -> list[str]:
        """The names of the encoders that the library has vectors of, in the order they came."""
        return [row.name for row in self._reading.encoders()]

    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of those encoders."""
        return frozenset(row.fingerprint for row in self._reading.encoders())

    def pending(self, encoder: Encoder) -> int:
        """How many passages an encoder has no vector of yet."""
        return self._reading.pending(self._reading.encoder(encoder.fingerprint))

    def status(self) -> Status:
        """What the library holds."""
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
                path=self.path,
                folders=tuple(reading.folders()),
                files=reading.count("files"),
                documents=reading.count("documents"),
                passages=passages,
                languages=reading.languages(),
                encoders=tuple(encoders),
                failed=tuple(Unreadable(path, reason) for path, reason in reading.failures_below().items()),
                size=sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file()),
                notices=tuple(self.notices),
            )
