"""A library on an engine, searched like one on disk, with the same rankings, scores and order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np

from ..encoders import BM25, Column, Encoder, Vectors
from ..errors import LibraryError
from ..library import EncoderStatus, Named, Notices, Searchable, Status, no_passage, text, whole, wholes
from ..places import Place
from ..search import (
    Hit,
    Passage,
    Ranking,
    Space,
    Spaces,
    language_of_query,
    query_vector,
    translations,
    wanted_languages,
)
from ..store import Ids
from .conditions import among
from .connecting import connect
from .facts import Facts, known_facts, row_of
from .nearest import nearest, ranks, streamed
from .passages import Passages
from .protocol import EXACT, MOST_HITS, RemoteEngine
from .pushing import in_blocks, vectors_name


class RemoteLibrary(Searchable):
    """One library on an engine, a `Searchable`; made by `open`, used as a context manager, and read-only.

    Candidates come from the engine with their vectors and are scored again here in double precision, so that scores and
    the order of ties are those of a library on disk. Every method raises LibraryError if the engine cannot be reached.

    Attributes:
        path: its place, as on the command line.
    """

    readonly: bool = True

    def __init__(self, engine: RemoteEngine, facts: Facts, notify: Callable[[str], None] | None) -> None:
        self.path = str(engine.place)
        self._notices = Notices(notify)
        self._engine = engine
        self._passages = Passages(engine)
        self._spaces = Spaces()
        self._named = Named(self.fingerprints)
        if not facts.whole:
            self._notices.add(
                f"The push to {engine.place} is not complete: passages not yet sent cannot be found. `hybrid-search "
                f"push` continues it."
            )

    @classmethod
    def open(cls, place: Place | str, *, notify: Callable[[str], None] | None = None) -> Self:
        """Open a library that was pushed.

        Raises:
            LibraryError: the engine cannot be reached, or has no library of this name.

        """
        where = place if isinstance(place, Place) else Place.parse(place)
        engine = connect(where)
        try:
            return cls(engine, known_facts(engine), notify)
        except BaseException:
            engine.close()
            raise

    @property
    def busy(self) -> bool:
        """False: whether somebody pushes to the engine is not known here."""
        return False

    @property
    def notices(self) -> list[str]:
        """Notices for the user, in order."""
        return self._notices.all

    def close(self) -> None:
        """Close the connection."""
        self._engine.close()

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
        """The k best passages for a query; see `Searchable.search`. Search by words needs a library on disk."""
        encoder = self._named.ranker(encoder)
        if isinstance(encoder, Column):
            ranked: Ranking = encoder.ranking(
                self, query, k, languages=languages, exact=exact, neutral=neutral, query_language=query_language
            )
            return ranked
        began = time.perf_counter()
        query = text(query, "query")
        if isinstance(encoder, str):
            raise LibraryError(
                "A library on an engine cannot be searched by words, only by encoders.",
                hint=f"Search the library on disk with --encoder {BM25}.",
            )
        facts = known_facts(self._engine)
        k = min(whole(k, "k"), sum(facts.languages.values()))
        if k > MOST_HITS // 2:
            raise LibraryError(
                f"A library on an engine returns at most {MOST_HITS // 2:,} passages.", hint="Ask for less."
            )
        asked = language_of_query(query, facts.languages, query_language)
        row = row_of(facts, encoder)
        vector = query_vector(encoder, query)
        wanted = wanted_languages(languages, facts.languages)
        compared = True
        if neutral:
            found, searched = self._space(facts, encoder).best(vector, asked.code, max(0, k), wanted)
        else:
            where, name = among("language", wanted), vectors_name(encoder.fingerprint)
            searched = self._engine.count(name, where)
            compared = exact or row["index"] == EXACT
            if exact and row["index"] != EXACT:
                found = streamed(self._engine, name, vector, k, where)
            else:
                found = nearest(self._engine, name, vector, min(k, searched), where)
        passages = {each.id: each for each in self.passages([number for number, _ in found])}
        there = [(number, score) for number, score in found if number in passages]
        hits = tuple(Hit(rank, score, passages[number]) for rank, (number, score) in enumerate(there, 1))
        return Ranking(encoder.name, query, asked, hits, searched, compared, time.perf_counter() - began)

    def _space(self, facts: Facts, encoder: Encoder) -> Space:
        """The encoder's neutral vectors; fetched again only after another push."""

        def make() -> tuple[Ids, Vectors, list[str]]:
            ids, vectors = self.vectors(encoder)
            return ids, vectors, self.languages_of(ids)

        return self._spaces.of(encoder.fingerprint, facts.state if facts.whole else None, make)

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
        encoder = self._named.encoder(encoder)
        if isinstance(encoder, Column):
            return encoder.ranks(
                self, query, passage_ids, languages=languages, neutral=neutral, query_language=query_language
            )
        query = text(query, "query")
        facts = known_facts(self._engine)
        row = row_of(facts, encoder)
        vector = query_vector(encoder, query)
        wanted = list(dict.fromkeys(wholes(passage_ids, "passage_ids")))
        chosen = wanted_languages(languages, facts.languages)
        if neutral:
            asked = language_of_query(query, facts.languages, query_language)
            return self._space(facts, encoder).ranks(vector, asked.code, wanted, chosen)
        where, name = among("language", chosen), vectors_name(encoder.fingerprint)
        return ranks(self._engine, name, vector, wanted, where, exact=row["index"] == EXACT)

    # -- passages

    def passage(self, id: int) -> Passage:
        """A passage by its id; raises LibraryError if it is not, or no longer, in the library."""
        found = self._passages.of([whole(id, "id")])
        if not found:
            raise no_passage(id)
        return found[0]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Passages in the order of `ids`, by one request; those not in the library are left out."""
        return self._passages.of(wholes(ids, "ids"))

    def neighbours(self, id: int, before: int = 1, after: int = 1) -> list[Passage]:
        """The passages before and after one in its document, in order, without itself."""
        here = self.passage(id)
        first, last = here.ordinal - whole(before, "before"), here.ordinal + whole(after, "after")
        found = self._passages.passages_of_document(here.document_id, first, last)
        return [each for each in found if each.id != id]

    def translations(self, id: int) -> dict[str, Passage]:
        """The passages at the same place in parallel files (en/bread.md and de/bread.md), by language."""
        return translations(self._passages, self.passage(id))

    # -- contents

    def vectors(self, encoder: Encoder | str) -> tuple[Ids, Vectors]:
        """Ids of all passages that have a vector, int64 of shape (n,), and the vectors, float32 of shape (n, d)."""
        encoder = self._named.encoder(encoder)
        if isinstance(encoder, Column):
            encoder.no_vectors()
        row_of(known_facts(self._engine), encoder)
        blocks = list(in_blocks(self._engine, vectors_name(encoder.fingerprint)))
        if not blocks:
            return np.zeros(0, dtype=np.int64), np.zeros((0, encoder.dimension), dtype=np.float32)
        ids = np.concatenate([each for each, _ in blocks])
        order = np.argsort(ids)
        return ids[order], np.concatenate([each for _, each in blocks])[order]

    def languages(self) -> dict[str, int]:
        """How many passages each language has, most first."""
        return known_facts(self._engine).languages

    def languages_of(self, passage_ids: Sequence[int] | Ids) -> list[str]:
        """The language of each passage; "und" for one that is not in the library."""
        return self._passages.languages_of(passage_ids)

    def encoders(self) -> list[str]:
        """The names of the encoders whose vectors were pushed."""
        return [each["name"] for each in known_facts(self._engine).encoders]

    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of those encoders."""
        return frozenset(each["fingerprint"] for each in known_facts(self._engine).encoders)

    def pending(self, encoder: Encoder | str) -> int:
        """How many passages have no vector of an encoder on the engine."""
        encoder = self._named.encoder(encoder)
        if isinstance(encoder, Column):
            return encoder.pending(self)
        facts = known_facts(self._engine)
        return facts.passages - self._held(facts, encoder.fingerprint)

    def _held(self, facts: Facts, fingerprint: str) -> int:
        name = vectors_name(fingerprint)
        known = any(each["fingerprint"] == fingerprint for each in facts.encoders)
        return self._engine.count(name) if known and self._engine.has(name) else 0

    def status(self) -> Status:
        """The library's status; its size on the engine is not known."""
        facts = known_facts(self._engine)
        encoders: list[EncoderStatus] = []
        for each in facts.encoders:
            held = self._held(facts, each["fingerprint"])
            missing = facts.passages - held
            indexed = each["index"] != EXACT
            encoders.append(EncoderStatus(each["name"], each["fingerprint"], each["dimension"], held, missing, indexed))
        return Status(
            path=self.path,
            folders=tuple(facts.folders),
            files=facts.files,
            documents=facts.documents,
            passages=facts.passages,
            languages=facts.languages,
            encoders=tuple(encoders),
            failed=(),
            size=0,
            notices=tuple(self.notices),
        )
