"""Stores documents: those of small files together, those of a long one as they come; a file completely or not at all.

Passages get their languages and terms meanwhile, in other processes while more are cut.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

from ..errors import UnreadableDocument
from ..store import Filing, KnownFile, NewDocument, NewFile, NewPassage, Store, Tally
from .cutting import Incoming
from .finishing_pool import FinishingPool, Promised
from .found import Found, Unreadable, Wanted

# Documents are stored after at most so many seconds, or when they have so many passages.
_SECONDS_HELD = 0.3
_PASSAGES_HELD = 2000
# How many batches are finished in other processes while the next one is cut.
_AHEAD = 2

_File = tuple[NewFile, KnownFile | None, bool]


class _Resumed:
    """A document whose first passages were taken already; `passages` repeats them, followed by the rest."""

    def __init__(self, document: Incoming, passages: Iterator[NewPassage]) -> None:
        self._document = document
        self.part = document.part
        self.title = document.title
        self.passages = passages

    @property
    def digest(self) -> bytes:
        """The document's digest."""
        return self._document.digest


class _NothingRead(Exception):
    """No document of a file could be read completely: the transaction is rolled back."""


class Storing:
    """Stores files as their documents arrive.

    Args:
        store: the library's database; the caller holds the writer's lock.
        count: receives the counts.
        gone: files that are no longer at their paths, by digest: a new file may be one of them, renamed.
        stop: called between blocks of a long file; if it raises, nothing of the file is stored.
        pool: finishes passages.

    Attributes:
        touched: files with unchanged content and new sizes or stamps, to be recorded.
    """

    def __init__(
        self,
        store: Store,
        count: Found,
        gone: dict[bytes, list[KnownFile]],
        stop: Callable[[], None],
        pool: FinishingPool,
    ) -> None:
        self._store = store
        self._count = count
        self._gone = gone
        self._stop = stop
        self._pool = pool
        self.touched: list[tuple[KnownFile, int, int]] = []
        self._held: list[_File] = []
        self._promised: deque[tuple[list[_File], list[KnownFile], Promised]] = deque()
        self._leaving: list[KnownFile] = []
        self._held_passages = 0
        self._held_since = time.monotonic()
        self._stored = False

    def take(self, wanted: Wanted, documents: Iterator[Incoming]) -> str:
        """Store a file; returns the reason if nothing of it can be read, else "".

        Its documents are held, to be stored with those of other files; a file of many passages is stored while it is
        read.
        """
        held: list[NewDocument] = []
        number = 0
        failure = ""
        try:
            for document in documents:
                passages = iter(document.passages)
                first = tuple(islice(passages, _PASSAGES_HELD + 1 - number))
                number += len(first)
                if number > _PASSAGES_HELD:
                    begun = _Resumed(document, chain(first, passages))
                    return self._take_long(wanted, chain(held, (begun,), documents))
                held.append(NewDocument(document.part, document.title, document.digest, first))
        except UnreadableDocument as error:
            failure = error.message
        if failure and not held:
            return failure
        gone = self._gone_as(wanted)
        self._leaving += gone
        self._held.append((wanted.as_new(held, failure), wanted.known, bool(gone)))
        self._held_passages += number
        self._note(wanted, failure)
        return ""

    def _take_long(self, wanted: Wanted, documents: Iterable[Incoming]) -> str:
        """Store a file's documents block by block, in one transaction."""
        self.put()
        gone = self._gone_as(wanted)
        try:
            with self._store.filing(wanted.as_new(), wanted.known, gone) as filing:
                failure = self._file_blocks(filing, documents)
                if failure and not filing.tally.present:
                    raise _NothingRead(failure)
                tally = filing.close(failure)
        except _NothingRead as error:
            self._gone.setdefault(wanted.digest, []).extend(gone)
            return str(error)
        self._add(tally, renamed=bool(gone))
        self._note(wanted, failure)
        return ""

    def _file_blocks(self, filing: Filing, documents: Iterable[Incoming]) -> str:
        """Store a file's documents in blocks; returns the reason if not all could be read, else ""."""
        try:
            for document in documents:
                self._stop()
                passages = iter(document.passages)
                block = tuple(islice(passages, _PASSAGES_HELD))
                if len(block) < _PASSAGES_HELD:
                    whole = self._pool.start(block).passages()
                    filing.put(NewDocument(document.part, document.title, document.digest, tuple(whole)))
                    continue
                filing.begin(document.part, document.title)
                while block:
                    promised = self._pool.start(block)
                    block = tuple(islice(passages, _PASSAGES_HELD))
                    filing.add(promised.passages())
                    self._stop()
                filing.end(document.digest)
        except UnreadableDocument as error:
            filing.drop()
            return error.message
        return ""

    def _gone_as(self, wanted: Wanted) -> list[KnownFile]:
        """The missing file that has the same content as this new one, if there is one: it was renamed."""
        gone = self._gone.get(wanted.digest) if wanted.known is None else None
        return [gone.pop()] if gone else []

    def _note(self, wanted: Wanted, failure: str) -> None:
        if failure:
            self._count.unreadable.append(Unreadable(wanted.path, failure))

    def _add(self, tally: Tally, *, renamed: bool) -> None:
        if renamed:
            self._count.unchanged += tally.present
            self._count.renamed += tally.present
            return
        self._count.new += tally.new
        self._count.changed += tally.changed
        self._count.unchanged += tally.unchanged
        self._count.removed += tally.removed

    def put_in_time(self) -> None:
        """Store the held documents if they are many or were held for long."""
        late = time.monotonic() - self._held_since > _SECONDS_HELD
        if (late and self._held) or self._held_passages > _PASSAGES_HELD:
            self._promise()
            # The first batch is stored at once, so that something can be found.
            while len(self._promised) > (_AHEAD if self._pool.running and self._stored else 0):
                self._write()
            self._touch()

    def put(self) -> None:
        """Store all held documents."""
        self._promise()
        while self._promised:
            self._write()
        self._touch()

    def _touch(self) -> None:
        if self.touched:
            self._store.touch(self.touched)
        self.touched = []

    def _promise(self) -> None:
        """Begin to finish the held documents."""
        if self._held or self._leaving:
            passages = [each for file, _, _ in self._held for document in file.documents for each in document.passages]
            self._promised.append((self._held, self._leaving, self._pool.start(passages)))
        self._held, self._leaving = [], []
        self._held_passages, self._held_since = 0, time.monotonic()

    def _write(self) -> None:
        """Store the oldest batch."""
        held, leaving, promised = self._promised.popleft()
        passages = iter(promised.passages())
        files = [(_with(file, passages), known) for file, known, _ in held]
        tallies = self._store.put_files(files, leaving)
        self._stored = True
        for tally, (_, _, renamed) in zip(tallies, held, strict=True):
            self._add(tally, renamed=renamed)


def _with(file: NewFile, passages: Iterator[NewPassage]) -> NewFile:
    """A file with its passages replaced by the next ones."""
    documents = tuple(
        replace(document, passages=tuple(islice(passages, len(document.passages)))) for document in file.documents
    )
    return replace(file, documents=documents)
