"""A library on an engine, asked like one on disk: the same rankings, scores and order, for the same questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self, cast

import numpy as np

from ..encoders import Encoder, Vectors
from ..errors import EncoderError, LibraryError
from ..languages import UNDETERMINED, chosen, detect_question
from ..library import Asking, EncoderStatus, Status
from ..places import Place
from ..search import WORDS, Hit, Passage, Ranking, query_vector
from ..search import exact as exactly
from ..store import Ids, Reading
from .engine import EXACT, MOST_HITS, Engine, among
from .pushing import FIELDS, PASSAGES, Facts, in_blocks, vectors_name

# Scores that the engine sums in single precision differ from ours by far less.
_MARGIN = 1e-5
# How deep a passage's rank is looked for before every vector is fetched.
_DEPTH = 1_000


class RemoteLibrary(Asking):
    """One library on an engine; made by `open`, used as a context manager, and only read.

    Candidates come from the engine with their vectors and are scored again here in double precision, so that scores and
    the order of equals are those of a library on disk. Everything raises LibraryError where the engine cannot be
    reached.

    Attributes:
        path: its place, for people; no path on disk.
        notices: what a person should know, in the order it came up.
    """

    readonly: bool = True

    def __init__(self, engine: Engine, facts: Facts, notify: Callable[[str], None] | None) -> None:
        # Not Asking's own: there is no database to connect to.
        self.path = cast(Path, str(engine.place))
        self.notices = []
        self._tell = notify
        self._engine = engine
        if not facts.whole:
            self._notify(
                f"The push to {engine.place} has not ended: what has not arrived cannot be found. "
                "`hybrid-search push` goes on with it."
            )

    @classmethod
    def open(cls, place: Place | str, *, notify: Callable[[str], None] | None = None) -> Self:
        """Open a library that was pushed.

        Raises:
            LibraryError: the engine cannot be reached, or holds no library of this name.

        """
        where = place if isinstance(place, Place) else Place.parse(place)
        engine = Engine.connect(where)
        try:
            return cls(engine, _facts(engine), notify)
        except BaseException:
            engine.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        self._engine.close()

    # -- rankings

    def search(
        self, query: str, *, encoder: Encoder | str, k: int = 10, languages: Sequence[str] = (), exact: bool = False
    ) -> Ranking:
        """The k best passages for a query, as `Library.search`; by words only a library on disk answers."""
        began = time.perf_counter()
        query = query.encode("utf-8", "replace").decode("utf-8")
        if isinstance(encoder, str):
            if encoder == WORDS:
                raise LibraryError(
                    "A library on an engine is searched by encoders, not by words.",
                    hint="Search the library on disk with --encoder bm25.",
                )
            raise EncoderError(f"{encoder!r} is no encoder; load it first.")
        facts = _facts(self._engine)
        k = min(k, sum(facts.languages.values()))
        if k > MOST_HITS // 2:
            raise LibraryError(
                f"A library on an engine gives at most {MOST_HITS // 2:,} passages.", hint="Ask for less."
            )
        asked = detect_question(query, facts.languages)
        row = _row(facts, encoder)
        vector = query_vector(encoder, query)
        where = among("language", chosen(languages, facts.languages))
        name = vectors_name(encoder.fingerprint)
        searched = self._engine.count(name, where)
        compared = row["index"] == EXACT
        if exact and not compared:
            found = self._streamed(name, vector, k, where)
        else:
            found = self._nearest(name, vector, min(k, searched), where)
        passages = {each.id: each for each in self._passages([number for number, _ in found])}
        there = [(number, score) for number, score in found if number in passages]
        hits = tuple(Hit(rank, score, passages[number]) for rank, (number, score) in enumerate(there, 1))
        seconds = time.perf_counter() - began
        return Ranking(encoder.name, query, asked, hits, searched, exact or compared, seconds)

    def _nearest(self, name: str, query: Vectors, k: int, where: str) -> list[tuple[int, float]]:
        """(passage, score) of the k best, of equals the lower id first.

        More than k are asked for, until the last one is worse than the k-th by more than rounding: which of equals the
        engine gives is its own affair, so all of them have to be here to choose from.
        """
        if k <= 0:
            return []
        ask = k + 8
        while True:
            ask = min(ask, MOST_HITS)
            records = self._engine.nearest(name, query, ask, where)
            found = _scored(records, query)
            clear = len(found) > k and found[-1][1] < found[k - 1][1] - _MARGIN
            if clear or len(found) < ask:
                return found[:k]
            if ask == MOST_HITS:
                return self._streamed(name, query, k, where)
            ask *= 4

    def _streamed(self, name: str, query: Vectors, k: int, where: str) -> list[tuple[int, float]]:
        """(passage, score) of the k best, by comparing every vector here."""
        best: list[tuple[int, float]] = []
        for ids, vectors in in_blocks(self._engine, name, where):
            scores = exactly.precise(vectors, query).tolist()
            best = sorted([*best, *zip(ids.tolist(), scores, strict=True)], key=_order)[:k]
        return best

    def ranks(self, query: str, encoder: Encoder, passage_ids: Sequence[int]) -> dict[int, int]:
        """The exact rank of each passage among all, from 1; passages without a vector are left out.

        With an exact index the engine ranks those that are among the best; for others, every vector is fetched once.
        """
        row = _row(_facts(self._engine), encoder)
        vector = query_vector(encoder, query)
        name = vectors_name(encoder.fingerprint)
        wanted = list(dict.fromkeys(int(number) for number in passage_ids))
        if row["index"] == EXACT:
            best = self._nearest(name, vector, _DEPTH, "")
            place = {number: rank for rank, (number, _) in enumerate(best, 1)}
            if all(number in place for number in wanted):
                return {number: place[number] for number in wanted}
        blocks = [(ids, exactly.precise(vectors, vector)) for ids, vectors in in_blocks(self._engine, name)]
        if not blocks:
            return {}
        ids = np.concatenate([each for each, _ in blocks])
        scores = np.concatenate([each for _, each in blocks])
        order = np.lexsort((ids, -scores))
        rank_of = {int(ids[row]): rank for rank, row in enumerate(order, 1)}
        return {number: rank_of[number] for number in wanted if number in rank_of}

    # -- passages

    def _passages(self, ids: Sequence[int]) -> list[Passage]:
        found: list[Passage] = []
        for first in range(0, len(ids), 1_000):
            where = among("id", [int(each) for each in ids[first : first + 1_000]])
            found += self._found(where)
        return found

    def _found(self, where: str) -> list[Passage]:
        return [Passage(**{name: row[name] for name in FIELDS}) for row in self._engine.rows(PASSAGES, where, FIELDS)]

    def passage(self, id: int) -> Passage:
        """A passage by its id; raises LibraryError where it is not in the library, or no longer."""
        found = self._passages([id])
        if not found:
            raise LibraryError(f"The library has no passage {id}.", hint="Search again: it may have changed.")
        return found[0]

    def neighbours(self, id: int, before: int = 1, after: int = 1) -> list[Passage]:
        """The passages before and after one in its document, in order, itself left out."""
        here = self.passage(id)
        found = self.passages_of_document(here.document_id, here.ordinal - before, here.ordinal + after)
        return [each for each in found if each.id != id]

    def passages_of_document(self, document: int, first: int, last: int) -> list[Passage]:
        """The passages of a document with ordinals from `first` to `last`, in order."""
        found = self._found(f"document_id == {document} and ordinal >= {first} and ordinal <= {last}")
        return sorted(found, key=lambda each: each.ordinal)

    def documents_at(self, paths: Sequence[str], part: str) -> dict[str, tuple[int, int, int]]:
        """Of those paths that the library has: document id, number of passages and length covered."""
        found: dict[str, tuple[int, int, int]] = {}
        for row in self._engine.rows(PASSAGES, among("path", list(paths)), ("path", "part", "document_id", "end")):
            if row["part"] == part:
                _, count, length = found.get(row["path"], (0, 0, 0))
                found[row["path"]] = row["document_id"], count + 1, max(length, row["end"])
        return found

    def translations(self, id: int) -> dict[str, Passage]:
        """The passages at the same place of parallel files (en/bread.md and de/bread.md), by language."""
        from ..search import translations

        # It asks two things of a store, and both are answered above.
        return translations(cast(Reading, self), self.passage(id))

    # -- what there is

    def vectors(self, encoder: Encoder) -> tuple[Ids, Vectors]:
        """Ids of all passages that have a vector, int64 of shape (n,), and the vectors, float32 of shape (n, d)."""
        _row(_facts(self._engine), encoder)
        blocks = list(in_blocks(self._engine, vectors_name(encoder.fingerprint)))
        if not blocks:
            return np.zeros(0, dtype=np.int64), np.zeros((0, encoder.dimension), dtype=np.float32)
        ids = np.concatenate([each for each, _ in blocks])
        order = np.argsort(ids)
        return ids[order], np.concatenate([each for _, each in blocks])[order]

    def fact(self, name: str) -> str:
        """Nothing is known here beyond what `status` tells."""
        return ""

    def languages(self) -> dict[str, int]:
        """How many passages each language has, most first."""
        return _facts(self._engine).languages

    def languages_of(self, passage_ids: Sequence[int] | Ids) -> list[str]:
        """The language of each passage; "und" for one that is not in the library."""
        known = {row["id"]: row["language"] for block in self._codes() for row in block}
        return [known.get(int(number), UNDETERMINED) for number in passage_ids]

    def _codes(self) -> Iterator[list[dict[str, Any]]]:
        return self._engine.blocks(PASSAGES, ("id", "language"))

    def encoders(self) -> list[str]:
        """The names of the encoders whose vectors were pushed."""
        return [each["name"] for each in _facts(self._engine).encoders]

    def fingerprints(self) -> frozenset[str]:
        """The fingerprints of those encoders."""
        return frozenset(each["fingerprint"] for each in _facts(self._engine).encoders)

    def pending(self, encoder: Encoder) -> int:
        """How many passages an encoder has no vector of on the engine."""
        facts = _facts(self._engine)
        return facts.passages - self._held(facts, encoder.fingerprint)

    def _held(self, facts: Facts, fingerprint: str) -> int:
        name = vectors_name(fingerprint)
        known = any(each["fingerprint"] == fingerprint for each in facts.encoders)
        return self._engine.count(name) if known and self._engine.has(name) else 0

    def status(self) -> Status:
        """What the library holds; its size on the engine is not known."""
        facts = _facts(self._engine)
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


def _facts(engine: Engine) -> Facts:
    facts = Facts.read(engine)
    if facts is None:
        raise LibraryError(
            f"There is no library at {engine.place}.", hint=f"`hybrid-search push {engine.place}` puts one there."
        )
    return facts


def _row(facts: Facts, encoder: Encoder) -> dict[str, Any]:
    """What the engine knows of an encoder.

    Raises:
        LibraryError: it has no vectors of it.

    """
    for each in facts.encoders:
        if each["fingerprint"] == encoder.fingerprint:
            return each
    names = [each["name"] for each in facts.encoders]
    if encoder.name in names:
        raise LibraryError(
            f"The encoder {encoder.name} has changed since this library was pushed.",
            hint="Index the folders again with it, then push again.",
        )
    raise LibraryError(
        f"This library holds no vectors of {encoder.name}" + (f"; it has {', '.join(names)}." if names else "."),
        hint=f"`hybrid-search index --encoder {encoder.name}` makes them on disk, `push` takes them there.",
    )


def _scored(records: list[dict[str, Any]], query: Vectors) -> list[tuple[int, float]]:
    if not records:
        return []
    vectors = np.array([record["vector"] for record in records], dtype=np.float32)
    scores = exactly.precise(vectors, query).tolist()
    return sorted(zip([record["id"] for record in records], scores, strict=True), key=_order)


def _order(pair: tuple[int, float]) -> tuple[float, int]:
    return -pair[1], pair[0]
