"""A folder to the library: what is new, changed, renamed, gone or unreadable; nothing is lost however it ends."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from ..documents import SIZE_LIMIT, FoundFile, SkippedFile, storable, walk
from ..documents.worker import Request
from ..errors import UnreadableDocument
from ..progress import Teller
from ..store import Filing, KnownFile, NewDocument, NewFile, NewPassage, Store, Tally
from .cutting import CountTokens, Cutter, Incoming
from .reading_pool import ReadingPool, Stopped

T = TypeVar("T")

READING = "reading"
# Whatever was read is stored at the latest after this long, or when it is this many passages: no more are held.
_SECONDS_HELD = 0.3
_PASSAGES_HELD = 2000
# A file as young as this may change again without getting another time: it is read again next time.
_YOUNG_NS = 2_000_000_000
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".tab")


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be read, and why."""

    path: str
    reason: str


@dataclass
class Found:
    """What indexing folders found, counted in documents: files, or rows of a table.

    `renamed` are those of the unchanged ones that were known under another name. `seen` counts files.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    renamed: int = 0
    removed: int = 0
    seen: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    cancelled: bool = False


class Indexer(Cutter):
    """Brings a library in step with folders.

    Args:
        store: the library's database; the caller holds the writer's lock.
        count_tokens: how the encoders count.
        limit: the most tokens of a passage.
        teller: gets progress, and says when to stop.
        own: the library's own folder, which is never indexed.
    """

    def __init__(self, store: Store, count_tokens: CountTokens, limit: int, teller: Teller, own: Path) -> None:
        super().__init__(count_tokens, limit)
        self._store = store
        self._teller = teller
        self._own = own
        self.found = Found()

    def index(self, folder: Path, *, exclude: Sequence[str] = (), text_column: str | None = None) -> str:
        """Index a folder, or a single file; returns its path as the library has it.

        Raises:
            HybridSearchError: the folder does not exist or cannot be listed.
            LibraryError: the library cannot be written to.

        """
        folder = Path(os.path.realpath(folder))
        root = storable(folder)
        pass_ = _Pass(self, folder, root, text_column)
        pass_.look(exclude)
        self._store.add_folder(root)
        pass_.run()
        return root

    def cut_files(self, wanted: Iterable[tuple[Request, T]]) -> Generator[tuple[T, Iterator[Incoming]], None, None]:
        """The documents of each file, in order, to be cut while they are taken; files are read by other processes.

        Taking a file's documents raises UnreadableDocument where it cannot be read, or not to its end.

        Raises:
            Stopped: it is cancelled.

        """
        with ReadingPool(self._teller.cancelled) as pool:
            for about, documents in pool.files(wanted):
                yield about, map(self.cut, documents)


@dataclass(frozen=True)
class _Wanted:
    """A file that is to be read, and what is known of it."""

    entry: FoundFile
    path: str
    known: KnownFile | None
    digest: bytes
    mtime_ns: int
    column: str

    def as_new(self, documents: Sequence[NewDocument] = (), failure: str = "") -> NewFile:
        """The file as it is stored."""
        size = self.entry.size
        return NewFile(self.path, size, self.mtime_ns, self.digest, self.column, tuple(documents), failure)


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


class _Pass:
    """One folder, once."""

    def __init__(self, indexer: Indexer, folder: Path, root: str, text_column: str | None) -> None:
        self._indexer = indexer
        self._store = indexer._store
        self._teller = indexer._teller
        self._count = indexer.found
        self._folder = folder
        self._root = root
        self._text_column = text_column
        self._one_file = os.path.isfile(folder)  # noqa: PTH113 - says no where it may not look
        self._files: list[FoundFile] = []
        self._known: dict[str, KnownFile] = {}
        self._documents: dict[int, int] = {}
        self._failures: dict[str, str] = {}
        self._old_failures: dict[str, str] = {}
        self._gone: dict[bytes, list[KnownFile]] = {}
        self._held: list[tuple[NewFile, KnownFile | None, bool]] = []
        self._leaving: list[KnownFile] = []
        self._touched: list[tuple[KnownFile, int, int]] = []
        self._held_passages = 0
        self._held_since = time.monotonic()
        self._done = 0

    def look(self, exclude: Sequence[str]) -> None:
        """Walk the folder, and compare with what is known of it."""
        closed: list[str] = []
        unopened: set[str] = set()
        taken: set[str] = set()
        for entry in walk(self._folder, exclude=exclude):
            if len(self._files) % 256 == 0:
                self._teller.tell("looking", len(self._files), 0)
            path = self._stored_path(entry)
            if isinstance(entry, SkippedFile):
                if entry.problem:
                    self._failures[path] = entry.reason
                    closed.append(path.rstrip("/") + "/")
                    unopened.add(path)
            elif path in taken:
                self._failures[path] = "another file has the same name once it is written in UTF-8"
            elif not entry.path.is_relative_to(self._indexer._own):
                taken.add(path)
                self._files.append(entry)
        self._known = self._store.files_below(self._root)
        self._documents = self._store.documents_below(self._root)
        self._old_failures = self._store.failures_below(self._root)
        for path, known in self._known.items():
            # What cannot be opened today, or lies in a folder that cannot be listed, is not gone.
            if path not in taken and path not in unopened and not any(path.startswith(prefix) for prefix in closed):
                self._gone.setdefault(known.digest, []).append(known)
        self._count.seen += len(self._files)

    def _stored_path(self, entry: FoundFile | SkippedFile) -> str:
        if self._one_file or not entry.relative:
            return self._root
        return f"{self._root.rstrip('/')}/{entry.relative}"

    def run(self) -> None:
        """Read what is not as it was, store it, and take out what is gone."""
        try:
            with closing(self._indexer.cut_files(self._wanted())) as files:
                for wanted, documents in files:
                    self._stop_if_cancelled()
                    self._tell(wanted.path)
                    self._take(wanted, documents)
                    self._done += 1
                    self._put_in_time()
            self._stop_if_cancelled()
            self._tell()
        except Stopped:
            self._count.cancelled = True
        self._put()
        if not self._count.cancelled:
            self._finish()

    def _tell(self, path: str = "") -> None:
        self._teller.tell(READING, self._done, len(self._files), path)

    def _stop_if_cancelled(self) -> None:
        if self._teller.cancelled():
            raise Stopped

    def _wanted(self) -> Iterator[tuple[Request, _Wanted]]:
        """The files that have to be read; the others are dealt with."""
        for entry in self._files:
            self._stop_if_cancelled()
            path = self._stored_path(entry)
            wanted = self._file(entry, path)
            if wanted is None:
                self._done += 1
                self._tell(path)
                self._put_in_time()
            else:
                yield Request(entry.path, entry.size, wanted.column), wanted

    def _file(self, entry: FoundFile, path: str) -> _Wanted | None:
        """The file if it has to be read; one that is as before, or cannot be opened, is noted."""
        known = self._known.get(path)
        column = self._column(entry.path, known)
        same_column = known is not None and known.text_column == column
        if known is not None and same_column and (known.size, known.mtime_ns) == (entry.size, entry.mtime_ns):
            self._as_before(known)
            return None
        try:
            # Nothing is known about what is too large to be read, except that.
            digest = file_digest(entry.path) if entry.size <= SIZE_LIMIT else b""
        except FileNotFoundError:
            self._unreadable(path, "it is gone", known)
            return None
        except OSError as error:
            # What the library has of it stays: that it cannot be opened today says nothing about its text.
            self._failures[path] = (error.strerror or str(error)).lower()
            return None
        mtime = entry.mtime_ns if time.time_ns() - entry.mtime_ns > _YOUNG_NS else 0
        if known is not None and same_column and known.digest == digest:
            if (known.size, known.mtime_ns) != (entry.size, mtime):
                self._touched.append((known, entry.size, mtime))
            self._as_before(known)
            return None
        return _Wanted(entry, path, known, digest, mtime, column)

    def _take(self, wanted: _Wanted, documents: Iterator[Incoming]) -> None:
        """Hold a file's documents to store them with those of others; one of many passages is stored as it comes."""
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
                    self._take_long(wanted, chain(held, (begun,), documents))
                    return
                held.append(NewDocument(document.part, document.title, document.digest, first))
        except UnreadableDocument as error:
            failure = error.message
        if failure and not held:
            self._unreadable(wanted.path, failure, wanted.known)
            return
        gone = self._gone_as(wanted)
        self._leaving += gone
        self._held.append((wanted.as_new(held, failure), wanted.known, bool(gone)))
        self._held_passages += number
        self._note(wanted, failure)

    def _take_long(self, wanted: _Wanted, documents: Iterable[Incoming]) -> None:
        """Store a file's documents block by block, in one transaction."""
        self._put()
        gone = self._gone_as(wanted)
        try:
            with self._store.filing(wanted.as_new(), wanted.known, gone) as filing:
                failure = self._file_blocks(wanted, filing, documents)
                if failure and not filing.tally.present:
                    raise _NothingRead(failure)
                tally = filing.close(failure)
        except _NothingRead as error:
            self._gone.setdefault(wanted.digest, []).extend(gone)
            self._unreadable(wanted.path, str(error), wanted.known)
            return
        self._add(tally, renamed=bool(gone))
        self._note(wanted, failure)

    def _file_blocks(self, wanted: _Wanted, filing: Filing, documents: Iterable[Incoming]) -> str:
        """Store a file's documents in blocks; returns why no more of them could be read, "" where all were."""
        try:
            for document in documents:
                self._stop_if_cancelled()
                passages = iter(document.passages)
                block = tuple(islice(passages, _PASSAGES_HELD))
                if len(block) < _PASSAGES_HELD:
                    filing.put(NewDocument(document.part, document.title, document.digest, block))
                    continue
                filing.begin(document.part, document.title)
                while block:
                    filing.add(block)
                    self._stop_if_cancelled()
                    self._tell(wanted.path)
                    block = tuple(islice(passages, _PASSAGES_HELD))
                filing.end(document.digest)
        except UnreadableDocument as error:
            filing.drop()
            return error.message
        return ""

    def _gone_as(self, wanted: _Wanted) -> list[KnownFile]:
        """The file that is gone and was this one under another name, if there is one."""
        gone = self._gone.get(wanted.digest) if wanted.known is None else None
        return [gone.pop()] if gone else []

    def _note(self, wanted: _Wanted, failure: str) -> None:
        if failure:
            self._count.unreadable.append(Unreadable(wanted.path, failure))

    def _column(self, path: Path, known: KnownFile | None) -> str:
        """The column that a table is read by: the one asked for, else the one it was read by before."""
        if not any(suffix.lower() in _TABLES for suffix in path.suffixes[-2:]):
            return ""
        if self._text_column is not None:
            return self._text_column
        return known.text_column if known is not None else ""

    def _as_before(self, known: KnownFile) -> None:
        self._count.unchanged += self._documents.get(known.id, 0)
        reason = self._old_failures.get(known.path)
        if reason is not None:
            self._count.unreadable.append(Unreadable(known.path, reason))
            self._failures[known.path] = reason

    def _unreadable(self, path: str, reason: str, known: KnownFile | None) -> None:
        self._failures[path] = reason
        if known is not None:
            # Its text is no longer what the library has; once it can be read again, unchanged passages find their
            # vectors only if that happens before the next sweep.
            self._gone.setdefault(known.digest, []).append(known)

    def _add(self, tally: Tally, *, renamed: bool) -> None:
        if renamed:
            self._count.unchanged += tally.present
            self._count.renamed += tally.present
            return
        self._count.new += tally.new
        self._count.changed += tally.changed
        self._count.unchanged += tally.unchanged
        self._count.removed += tally.removed

    def _put_in_time(self) -> None:
        late = time.monotonic() - self._held_since > _SECONDS_HELD
        if (late and self._held) or self._held_passages > _PASSAGES_HELD:
            self._put()

    def _put(self) -> None:
        """Store what is held."""
        if self._held or self._leaving:
            tallies = self._store.put_files([(file, known) for file, known, _ in self._held], self._leaving)
            for tally, (_, _, renamed) in zip(tallies, self._held, strict=True):
                self._add(tally, renamed=renamed)
        if self._touched:
            self._store.touch(self._touched)
        self._held, self._leaving, self._touched = [], [], []
        self._held_passages, self._held_since = 0, time.monotonic()

    def _finish(self) -> None:
        gone = [known for each in self._gone.values() for known in each]
        if gone:
            self._store.take_out(gone)
            self._count.removed += sum(self._documents.get(known.id, 0) for known in gone)
        fixed = [path for path in self._old_failures if path not in self._failures]
        partly = {each.path for each in self._count.unreadable}
        self._store.put_failures(self._failures, [path for path in fixed if path not in partly])
        self._count.unreadable += [
            Unreadable(path, reason) for path, reason in self._failures.items() if path not in partly
        ]


def file_digest(path: Path) -> bytes:
    """What tells whether a file is as it was: 16 bytes of BLAKE2b over its bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()
