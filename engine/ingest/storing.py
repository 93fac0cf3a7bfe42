"""Documents to the library: of small files together, of a long one as they come, a file whole or not at all.

Passages get their languages and terms on the way: in other processes, while more are cut.
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

# Whatever was read is stored at the latest after this long, or when it is this many passages: no more are held.
_SECONDS_HELD = 0.3
_PASSAGES_HELD = 2000
# Batches whose passages are being finished while the next one is cut.
_AHEAD = 2

_File = tuple[NewFile, KnownFile | None, bool]


class _Resumed:
    """A document of which some passages were taken already: they are given again, the others after them."""

    def __init__(self, document: Incoming, passages: Iterator[NewPassage]) -> None:
        self._document = document
        self.part = document.part
        self.title = document.title
        self.passages = passages

    @property
    def digest(self) -> bytes:
        """The document's."""
        return self._document.digest


class _NothingRead(Exception):
    """A file of which no document could be read to its end: what was stored of it is taken back."""


class Storing:
    """Stores files as their documents arrive.

    Args:
        store: the library's database; the caller holds the writer's lock.
        count: gets what was found.
        gone: files that are no longer where they were, by their digests: one of them may have been renamed.
        stop: called between blocks of a long file; may raise, and then nothing of the file is stored.
        pool: finishes passages.

    Attributes:
        touched: files whose content is as before, with their sizes and times, to be remembered.
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

    def take(self, wanted: Wanted, documents: Iterator[Incoming]) -> str:
        """Store a file; returns why nothing of it can be read, "" where something was.

        Its documents are held to be stored with those of others; a file of many passages is stored as it comes.
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
                failure = self._file_blocks(wanted, filing, documents)
                if failure and not filing.tally.present:
                    raise _NothingRead(failure)
                tally = filing.close(failure)
        except _NothingRead as error:
            self._gone.setdefault(wanted.digest, []).extend(gone)
            return str(error)
        self._add(tally, renamed=bool(gone))
        self._note(wanted, failure)
        return ""

    def _file_blocks(self, wanted: Wanted, filing: Filing, documents: Iterable[Incoming]) -> str:
        """Store a file's documents in blocks; returns why no more of them could be read, "" where all were."""
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
        """The file that is gone and was this one under another name, if there is one."""
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
        """Store what is held if it is much, or was held for long."""
        late = time.monotonic() - self._held_since > _SECONDS_HELD
        if (late and self._held) or self._held_passages > _PASSAGES_HELD:
            self._promise()
            while len(self._promised) > (_AHEAD if self._pool.running else 0):
                self._write()
            self._touch()

    def put(self) -> None:
        """Store what is held."""
        self._promise()
        while self._promised:
            self._write()
        self._touch()

    def _touch(self) -> None:
        if self.touched:
            self._store.touch(self.touched)
        self.touched = []

    def _promise(self) -> None:
        """Begin to finish what is held."""
        if self._held or self._leaving:
            passages = [each for file, _, _ in self._held for document in file.documents for each in document.passages]
            self._promised.append((self._held, self._leaving, self._pool.start(passages)))
        self._held, self._leaving = [], []
        self._held_passages, self._held_since = 0, time.monotonic()

    def _write(self) -> None:
        """Store the batch that was held first."""
        held, leaving, promised = self._promised.popleft()
        passages = iter(promised.passages())
        files = [(_with(file, passages), known) for file, known, _ in held]
        tallies = self._store.put_files(files, leaving)
        for tally, (_, _, renamed) in zip(tallies, held, strict=True):
            self._add(tally, renamed=renamed)


def _with(file: NewFile, passages: Iterator[NewPassage]) -> NewFile:
    """A file with the next passages in place of its own."""
    documents = tuple(
        replace(document, passages=tuple(islice(passages, len(document.passages)))) for document in file.documents
    )
    return replace(file, documents=documents)
