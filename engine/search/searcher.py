"""Turns a query into a ranking: by an encoder, exactly or through its index, or by words."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..encoders import Encoder, Vectors, of_unit_length
from ..errors import EmptyLibrary, EncoderError, LibraryError
from ..languages import UNDETERMINED
from ..lexical import parse
from ..store import EncoderRow, Ids, Reading, Roster
from . import exact
from .approximate import Approximate
from .neutralised import Space, Spaces
from .question import language_of_query, wanted_languages
from .ranking import BM25, Hit, Ranking

# Bytes of vectors kept in memory between queries: 50,000 of 384 numbers take 77 MB.
_KEPT_BYTES = 512 * 1024 * 1024
_READ_AT_ONCE = 256


def query_vector(encoder: Encoder, query: str) -> Vectors:
    """The unit vector of a query, shape (dimension,).

    Raises:
        EncoderError: the encoder returns anything else.

    """
    found = np.asarray(encoder.encode_query([query]), dtype=np.float32)
    if found.shape != (1, encoder.dimension) or not np.isfinite(found).all():
        raise EncoderError(f"{encoder.name} did not give a vector of {encoder.dimension} numbers for the query.")
    vector: Vectors = of_unit_length(encoder.name, found)[0]
    return vector


class Searcher:
    """Rankings of one library; keeps the data read until the library changes.

    Args:
        store: the library's database.
        folder: where its index files are.
        notify: gets notices for the user.
    """

    def __init__(self, store: Reading, folder: Path, notify: Callable[[str], None]) -> None:
        self.store = store
        self._notify = notify
        self._approximate = Approximate(store, folder, notify)
        self._matrices: OrderedDict[tuple[int, int], exact.Matrix] = OrderedDict()
        self._roster: tuple[int, Roster] | None = None
        self._languages: tuple[int, dict[str, int]] | None = None
        self._spaces = Spaces()

    # -- kept data

    def languages(self) -> dict[str, int]:
        """How many passages each language has."""
        revision = self.store.revision()
        if self._languages is None or self._languages[0] != revision:
            self._languages = revision, self.store.languages()
        return dict(self._languages[1])

    def roster(self) -> Roster:
        """All passages."""
        revision = self.store.revision()
        if self._roster is None or self._roster[0] != revision:
            self._roster = revision, self.store.roster()
        return self._roster[1]

    def matrix(self, encoder: EncoderRow) -> exact.Matrix:
        """All vectors of an encoder."""
        key = encoder.id, encoder.revision
        if key not in self._matrices:
            blocks = list(self.store.vector_blocks(encoder))
            texts = np.concatenate([each for each, _ in blocks]) if blocks else np.zeros(0, dtype=np.int64)
            stacked = [each for _, each in blocks] or [np.zeros((0, encoder.dimension), dtype=np.float32)]
            for other in [other for other in self._matrices if other[0] == encoder.id]:
                del self._matrices[other]
            self._matrices[key] = exact.Matrix(texts, np.concatenate(stacked))
            while len(self._matrices) > 1 and sum(m.vectors.nbytes for m in self._matrices.values()) > _KEPT_BYTES:
                self._matrices.popitem(last=False)
        self._matrices.move_to_end(key)
        return self._matrices[key]

    def row_of(self, encoder: Encoder) -> EncoderRow:
        """The library's row of an encoder.

        Raises:
            LibraryError: the library has no vectors of it.
            EncoderError: the encoder has changed since they were made.

        """
        row = self.store.encoder(encoder.fingerprint)
        if row is None:
            known = [each.name for each in self.store.encoders()]
            if encoder.name in known:
                raise LibraryError(
                    f"The encoder {encoder.name} has changed since this library was indexed with it, or is asked in "
                    "another precision.",
                    hint=f"Name no precision; else `hybrid-search index DIR --encoder {encoder.name}` makes new ones.",
                )
            if not self.store.count("passages"):
                raise EmptyLibrary
            raise LibraryError(
                f"This library holds no vectors of {encoder.name}"
                + (f"; it has {', '.join(known)}." if known else "."),
                hint=f"`hybrid-search index DIR --encoder {encoder.name}` makes them.",
            )
        if row.dimension != encoder.dimension:
            raise EncoderError(
                f"{encoder.name} gives vectors of {encoder.dimension} numbers; the library has {row.dimension} of it."
            )
        return row

    # -- rankings

    def ranking(
        self,
        query: str,
        encoder: Encoder | str,
        k: int,
        languages: Sequence[str] = (),
        *,
        complete: bool = False,
        neutral: bool = False,
        query_language: str = "",
    ) -> Ranking:
        """The k best passages for a query, as for `Library.search`; `complete` compares every vector."""
        began = time.perf_counter()
        counts = self.languages()
        k = max(0, min(k, sum(counts.values())))
        asked = language_of_query(query, counts, query_language)
        wanted = wanted_languages(languages, counts)
        if isinstance(encoder, str):
            if encoder != BM25:
                raise EncoderError(f"{encoder!r} is not an encoder; load it first, or search by words with {BM25!r}.")
            with self.store.connection.snapshot():
                found = self._by_words(query, k, wanted)
                hits = self._hits(found)
            searched = sum(number for code, number in counts.items() if not wanted or code in wanted)
            name, was_exact = BM25, True
        else:
            vector = query_vector(encoder, query)
            with self.store.connection.snapshot():
                row = self.row_of(encoder)
                if neutral:
                    found, searched = self._space(row).best(vector, asked.code, k, wanted)
                    was_exact = True
                else:
                    found, searched, was_exact = self._dense(vector, row, k, wanted, complete)
                hits = self._hits(found)
            name = encoder.name
        return Ranking(name, query, asked, hits, searched, was_exact, time.perf_counter() - began)

    def _by_words(self, query: str, k: int, languages: tuple[str, ...]) -> list[tuple[int, float]]:
        if k and not self.store.words_are_current():
            self._notify(
                "The index of words was made by another version of the program: some spellings are not found. The "
                "next `hybrid-search index` rebuilds it."
            )
        wanted = parse(query)
        if not wanted.phrases:
            return self.store.by_words(wanted.expressions, k, languages)
        # The index has only a passage's words; phrases have to be checked in its text.
        found: list[tuple[int, float]] = []
        every = self.store.by_words(wanted.expressions, self.store.count("passages"), languages)
        for start in range(0, len(every), _READ_AT_ONCE):
            block = every[start : start + _READ_AT_ONCE]
            passages = self.store.passages([number for number, _ in block])
            held = {passage.id for passage in passages if wanted.held_by(passage.heading, passage.text)}
            found += [pair for pair in block if pair[0] in held]
            if len(found) >= k:
                break
        return found[:k]

    def _hits(self, found: list[tuple[int, float]]) -> tuple[Hit, ...]:
        passages = {passage.id: passage for passage in self.store.passages([number for number, _ in found])}
        there = [(number, score) for number, score in found if number in passages]
        return tuple(Hit(rank, score, passages[number]) for rank, (number, score) in enumerate(there, 1))

    def _dense(
        self, query: Vectors, encoder: EncoderRow, k: int, languages: tuple[str, ...], complete: bool
    ) -> tuple[list[tuple[int, float]], int, bool]:
        """(passage, score) best first, how many passages were ranked, and whether each was compared."""
        counts = self.languages()
        total = sum(counts.values())
        wide = sum(number for code, number in counts.items() if not languages or code in languages)
        number = self.store.vector_count(encoder)
        if number > exact.EXACT_LIMIT and wide > exact.EXACT_LIMIT and not complete:
            answer = self._approximate.best(query, encoder, k, languages, wide / max(1, total))
            if answer is not None:
                return answer, wide, False
        roster = self.roster()
        chosen = roster.chosen(languages)
        if number > exact.EXACT_LIMIT and wide <= exact.EXACT_LIMIT:
            texts, rough = exact.rough([self.store.vectors(encoder, roster.texts[chosen])], query)
        else:
            texts, rough = self._all_scores(query, encoder)
        scores = exact.spread(roster, texts, rough)
        searched = int((chosen & np.isfinite(scores)).sum())
        return exact.top(roster, scores, chosen, k, query, self._vectors_of(encoder)), searched, True

    def _all_scores(self, query: Vectors, encoder: EncoderRow) -> tuple[Ids, Vectors]:
        if self.store.vector_count(encoder) <= exact.EXACT_LIMIT:
            matrix = self.matrix(encoder)
            return matrix.texts, matrix.vectors @ query
        return exact.rough(self.store.vector_blocks(encoder), query)

    def _vectors_of(self, encoder: EncoderRow) -> exact.VectorsOf:
        kept = self._matrices.get((encoder.id, encoder.revision))
        return kept.of if kept is not None else lambda texts: self.store.vectors(encoder, texts)

    def ranks(
        self,
        query: str,
        encoder: Encoder,
        numbers: Sequence[int],
        languages: Sequence[str] = (),
        *,
        neutral: bool = False,
        query_language: str = "",
    ) -> dict[int, int]:
        """The exact rank of each passage, as for `Library.ranks`."""
        vector = query_vector(encoder, query)
        with self.store.connection.snapshot():
            row = self.row_of(encoder)
            counts = self.languages()
            wanted = wanted_languages(languages, counts)
            if neutral:
                asked = language_of_query(query, counts, query_language)
                return self._space(row).ranks(vector, asked.code, numbers, wanted)
            roster = self.roster()
            scores = exact.spread(roster, *self._all_scores(vector, row))
            scores[~roster.chosen(wanted)] = -np.inf
            return exact.ranks(roster, scores, np.array(numbers, dtype=np.int64), vector, self._vectors_of(row))

    def vectors(self, encoder: EncoderRow) -> tuple[Ids, Vectors]:
        """Ids of all passages that have a vector, rising, shape (n,), and the vectors, shape (n, dimension)."""
        matrix, roster = self.matrix(encoder), self.roster()
        rows = np.searchsorted(matrix.texts, roster.texts)
        rows[rows == len(matrix.texts)] = 0
        there = matrix.texts[rows] == roster.texts if len(matrix.texts) else np.zeros(len(rows), dtype=bool)
        return roster.ids[there], matrix.vectors[rows[there]]

    def languages_of(self, passage_ids: Sequence[int] | Ids) -> list[str]:
        """The language of each passage; "und" for one that is not in the library."""
        roster = self.roster()
        known = {number: roster.codes[place] for number, place in zip(roster.ids, roster.languages, strict=True)}
        return [known.get(number, UNDETERMINED) for number in passage_ids]

    def _space(self, encoder: EncoderRow) -> Space:
        """The encoder's neutral vectors."""

        def make() -> tuple[Ids, Vectors, list[str]]:
            ids, vectors = self.vectors(encoder)
            return ids, vectors, self.languages_of(ids)

        return self._spaces.of(encoder.fingerprint, (self.store.revision(), encoder.revision), make)
