"""Copies a library to an engine: sends what differs and deletes what is gone, so that a second push continues."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from ..encoders import Vectors
from ..errors import LibraryError
from ..library import DATABASE, Library
from ..places import Place
from ..progress import IndexProgress, Teller
from ..store import Connection, EncoderRow, Ids, Passage, Reading, Roster
from .conditions import EVERY, Where
from .connecting import connect
from .facts import FACTS, Facts
from .protocol import APPROXIMATE, EXACT, MOST_BYTES, RemoteEngine

PASSAGES = "passages"
# The most records and bytes of one request; engines accept 64 MiB.
_RECORDS, _BYTES = 1_000, 4_000_000
# Up to so many vectors, every one is compared, since an engine distributes them over its nodes.
EXACT_LIMIT = 1_000_000
_NUMBERS = ("id", "document_id", "ordinal", "start", "end", "confidence", "digest")
_TEXTS = {"path": MOST_BYTES, "title": MOST_BYTES, "heading": MOST_BYTES, "text": MOST_BYTES, "part": 1024}
_VECTORS = re.compile("vectors_[0-9a-f]{16}")
FIELDS = tuple(each.name for each in fields(Passage))


@dataclass(frozen=True)
class PushReport:
    """The results of a push.

    `passages` and `vectors` (by encoder) count the engine's records now; `sent` and `deleted` count records of both.
    """

    place: str
    passages: int
    vectors: dict[str, int]
    sent: int
    deleted: int
    seconds: float
    cancelled: bool

    def as_dict(self) -> dict[str, Any]:
        """The report for JSON."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}


def vectors_name(fingerprint: str) -> str:
    """The collection of an encoder's vectors."""
    return "vectors_" + hashlib.blake2b(fingerprint.encode(), digest_size=8).hexdigest()


def push(
    library: Library,
    place: Place,
    *,
    index: str = "auto",
    replace: bool = False,
    progress: Callable[[IndexProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PushReport:
    """Copy a library's passages, languages and every encoder's vectors to an engine.

    Records are identified by the passage's id, which a library never reuses, and carry a digest of their content.
    Records that the engine already has are not sent again, so the next push completes one that was stopped or killed.

    Args:
        library: the one on disk; it is only read.
        place: the engine, and the library's name on it.
        index: "exact", "hnsw", or "auto": exact up to a million passages.
        replace: replace another library of that name, or this one if it was moved since.
        progress: receives events at most four times a second.
        cancelled: called between requests.

    Raises:
        LibraryError: the engine cannot be reached, another library has the name, or the engine lost records.

    """
    began = time.perf_counter()
    teller = Teller(progress, cancelled)
    engine = connect(place, create=True)
    connection = Connection(library.path / DATABASE, readonly=True)
    try:
        with connection.snapshot():
            pusher = _Pusher(engine, Reading(connection), teller, str(library.path.absolute()))
            held = pusher.push(index, replace=replace)
    finally:
        connection.close()
        engine.close()
    return PushReport(
        place=str(place),
        passages=held.pop("", 0),
        vectors=held,
        sent=pusher.sent,
        deleted=pusher.deleted,
        seconds=time.perf_counter() - began,
        cancelled=teller.cancelled(),
    )


class _Pusher:
    def __init__(self, engine: RemoteEngine, store: Reading, teller: Teller, source: str) -> None:
        self.engine = engine
        self.store = store
        self.teller = teller
        self.source = source
        self.sent = self.deleted = 0

    def push(self, index: str, *, replace: bool) -> dict[str, int]:
        """Send what is missing; returns the engine's number of passages under "", and of vectors by encoder."""
        self._require_ours(replace=replace)
        roster = self.store.roster()
        encoders = self.store.encoders()
        kind = {"exact": EXACT, "hnsw": APPROXIMATE}.get(index) or (
            EXACT if len(roster.ids) <= EXACT_LIMIT else APPROXIMATE
        )
        facts = self._facts(encoders, kind)
        Facts(**{**asdict(facts), "whole": False}).write(self.engine)
        held = {"": self._passages(roster)}
        digests = self._text_digests()
        for encoder in encoders:
            if self.teller.cancelled():
                return held
            held[encoder.name] = self._vectors(encoder, roster, digests, kind)
        if not self.teller.cancelled():
            wanted = {vectors_name(each["fingerprint"]) for each in facts.encoders}
            for name in self.engine.collections():
                # Also collections that no facts mention, because an earlier push was killed before this.
                if _VECTORS.fullmatch(name) and name not in wanted:
                    self.engine.drop(name)
            facts.write(self.engine)
        return held

    def _require_ours(self, *, replace: bool) -> None:
        """Raise LibraryError if the engine has another library of that name, unless `replace` is true."""
        try:
            known = Facts.read(self.engine)
        except LibraryError:
            if not replace or not self.engine.has(FACTS):
                raise
            # It is of another version, whose records may have other fields.
            for name in (PASSAGES, FACTS):
                self.engine.drop(name)
            return
        if known is not None and known.source != self.source and not replace:
            raise LibraryError(
                f"{self.engine.place} holds another library, pushed from {known.source}.",
                hint=f"Push under a name of its own ({self.engine.place.uri}#NAME), or give --replace.",
            )

    def _facts(self, encoders: Sequence[EncoderRow], kind: str) -> Facts:
        store = self.store
        return Facts(
            source=self.source,
            whole=True,
            passages=store.count("passages"),
            documents=store.count("documents"),
            files=store.count("files"),
            folders=store.folders(),
            languages=store.languages(),
            encoders=[
                {
                    "name": each.name,
                    "fingerprint": each.fingerprint,
                    "dimension": each.dimension,
                    "index": kind,
                    # It tells caches of derived data when the vectors have changed.
                    "revision": f"{store.revision()}-{each.revision}",
                }
                for each in encoders
            ],
        )

    # -- passages

    def _passages(self, roster: Roster) -> int:
        name = PASSAGES
        self.engine.make_table(name, "id", _NUMBERS, {**_TEXTS, "language": 64})
        there = self._there(name, "passages on the engine")
        total = len(roster.ids)
        for first in range(0, total, _RECORDS):
            if self.teller.cancelled():
                return len(there)
            block = roster.ids[first : first + _RECORDS].tolist()
            records = [_record(passage) for passage in self.store.passages(block)]
            self._put_table(name, [each for each in records if there.get(each["id"]) != each["digest"]])
            self.teller.tell("passages sent", min(first + _RECORDS, total), total)
        return self._ended(name, there, roster.ids)

    def _put_table(self, name: str, records: list[dict[str, Any]]) -> None:
        self.engine.put_table(name, records)
        self.sent += len(records)

    # -- vectors

    def _vectors(self, encoder: EncoderRow, roster: Roster, digests: dict[int, int], kind: str) -> int:
        name = vectors_name(encoder.fingerprint)
        stage = f"vectors of {encoder.name}"
        self.engine.make_vectors(name, encoder.dimension, kind)
        there = self._there(name, f"{stage} on the engine")
        texts = self.store.vector_texts(encoder)
        places = np.flatnonzero(np.isin(roster.texts, texts))
        size = max(1, min(_RECORDS, _BYTES // (4 * encoder.dimension)))
        for first in range(0, len(places), size):
            if self.teller.cancelled():
                return len(there)
            missing: list[tuple[int, int, str, int]] = []
            for place in places[first : first + size]:
                number, text = int(roster.ids[place]), int(roster.texts[place])
                language = roster.codes[roster.languages[place]]
                digest = _digest(str(digests[text]), language)
                if there.get(number) != digest:
                    missing.append((number, text, language, digest))
            if missing:
                ids, rows = self.store.vectors(encoder, np.array([each[1] for each in missing], dtype=np.int64))
                self.engine.put(name, _vector_records(missing, ids, rows))
                self.sent += len(missing)
            self.teller.tell(stage, min(first + size, len(places)), len(places))
        return self._ended(name, there, roster.ids[places])

    def _text_digests(self) -> dict[int, int]:
        """A number for each text, made of its digest."""
        found: dict[int, int] = {}
        for block in self.store.text_blocks():
            for number, digest, _ in block:
                found[number] = int.from_bytes(digest[:8], "big", signed=True)
        return found

    # -- both

    def _there(self, name: str, stage: str) -> dict[int, int]:
        """The digest of every record of a collection, by id."""
        found: dict[int, int] = {}
        for block in self.engine.blocks(name, ("id", "digest")):
            found.update((row["id"], row["digest"]) for row in block)
            self.teller.tell(stage, len(found), 0)
        return found

    def _ended(self, name: str, there: dict[int, int], ids: Ids) -> int:
        """Delete what is gone, have everything stored, and count it."""
        gone = sorted(there.keys() - set(ids.tolist()))
        self.engine.delete(name, gone)
        self.deleted += len(gone)
        self.engine.settle(name)
        held = self.engine.count(name)
        if held != len(ids):
            raise LibraryError(
                f"The engine at {self.engine.place.uri} holds {held:,} records of {len(ids):,} that were sent to it.",
                hint="Push again: only what differs is sent.",
            )
        return held


def _record(passage: Passage) -> dict[str, Any]:
    record = asdict(passage)
    for field, most in _TEXTS.items():
        if len(record[field]) * 4 > most and len(record[field].encode()) > most:
            # No passage is this long; of a heading or title that is, the beginning is enough.
            record[field] = record[field].encode()[:most].decode("utf-8", "ignore")
    return {**record, "digest": _digest(*(repr(record[name]) for name in FIELDS))}


def _vector_records(missing: list[tuple[int, int, str, int]], ids: Ids, rows: Vectors) -> list[dict[str, Any]]:
    row_of = {int(text): row for row, text in enumerate(ids)}
    return [
        {"id": number, "language": language, "digest": digest, "vector": rows[row_of[text]]}
        for number, text, language, digest in missing
    ]


def _digest(*parts: str) -> int:
    running = hashlib.blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(running.digest(), "big", signed=True)


def in_blocks(engine: RemoteEngine, name: str, where: Where = EVERY) -> Iterator[tuple[Ids, Vectors]]:
    """The ids and vectors of a collection, in blocks."""
    for block in engine.blocks(name, ("id", "vector"), where=where, size=4_096):
        ids = np.array([row["id"] for row in block], dtype=np.int64)
        yield ids, np.array([row["vector"] for row in block], dtype=np.float32)
