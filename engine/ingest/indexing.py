"""Indexes a folder: finds what is new, changed, renamed, gone or unreadable, and loses nothing however it ends."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

from ..documents import SIZE_LIMIT, FoundFile, SkippedFile, storable, walk
from ..documents.worker import Request
from ..encoders import Counter
from ..errors import UnreadableDocument
from ..passages import FEWEST, SAMPLE, Repeating, paragraphs, repeating
from ..progress import Teller
from ..store import KnownFile, Store
from .cutting import CountTokens, Cutter, Incoming
from .finishing_pool import FinishingPool
from .found import Found, Unreadable, Wanted
from .reading_pool import ReadingPool, Stopped
from .storing import Storing

T = TypeVar("T")

READING = "reading"
# A file changed this recently may change again with the same times, so the next run hashes it again.
_YOUNG_NS = 2_000_000_000
# The library's fact that stores the paragraphs found in most documents.
_LEFT_OUT = "left out"
# With more files to read than this, it pays off that other processes prepare for all of the work at once.
_MANY = 1000
# Larger files are not searched for such paragraphs.
_SAMPLED = 1 << 20
# Bytes hashed at once: little more than most files have, since the buffer is allocated each time.
_BLOCK = 1 << 16
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".tab")


class Indexer(Cutter):
    """Updates a library from folders.

    Args:
        store: the library's database; the caller holds the writer's lock.
        count_tokens: how the encoders count.
        limit: the most tokens of a passage.
        counter: how another process counts the same; None if it cannot.
        teller: receives progress, and says when to stop.
        own: the library's own folder, which is never indexed.
    """

    def __init__(
        self, store: Store, count_tokens: CountTokens, limit: int, counter: Counter | None, teller: Teller, own: Path
    ) -> None:
        super().__init__(count_tokens, limit, counter, teller)
        self._store = store
        self._own = own
        self._many = False
        self.found = Found()

    def index(
        self,
        folder: Path,
        *,
        exclude: Sequence[str] = (),
        text_column: str | None = None,
        boilerplate: bool = False,
    ) -> str:
        """Index a folder, or a single file; returns its path in the library.

        Paragraphs found in most documents of the folder, and running headers and footers of pages, are left out, unless
        `boilerplate` is true.

        Raises:
            HybridSearchError: the folder does not exist or cannot be listed.
            LibraryError: the library cannot be written to.

        """
        folder = Path(os.path.realpath(folder))
        root = storable(folder)
        pass_ = _Pass(self, folder, root, text_column)
        pass_.look(exclude)
        self._store.add_folder(root)
        self.boilerplate = boilerplate
        self._many = pass_.files_to_read() > _MANY
        if boilerplate:
            self.left_out = Repeating()
        else:
            pass_.find_repeating()
        pass_.run(self._many)
        return root

    def cut_files(self, wanted: Iterable[tuple[Request, T]]) -> Generator[tuple[T, Iterator[Incoming]], None, None]:
        """The documents of each file, in order, to be cut while they are iterated; other processes read the files.

        Iterating a file's documents raises UnreadableDocument if it cannot be read completely.

        Raises:
            Stopped: indexing was cancelled.

        """
        with ReadingPool(self._teller.cancelled, parting=self.parting, many=self._many) as pool:
            for about, documents in pool.files(wanted):
                yield about, map(self.cut, documents)


class _Pass:
    """One pass over one folder."""

    def __init__(self, indexer: Indexer, folder: Path, root: str, text_column: str | None) -> None:
        self._indexer = indexer
        self._store = indexer._store
        self._teller = indexer._teller
        self._count = indexer.found
        self._folder = folder
        self._root = root
        self._text_column = text_column
        self._one_file = os.path.isfile(folder)  # noqa: PTH113 - False without permission
        self._files: list[FoundFile] = []
        self._known: dict[str, KnownFile] = {}
        self._documents: dict[int, int] = {}
        self._failures: dict[str, str] = {}
        self._old_failures: dict[str, str] = {}
        self._gone: dict[bytes, list[KnownFile]] = {}
        self._pool = FinishingPool()
        self._storing = Storing(self._store, self._count, self._gone, self._stop_if_cancelled, self._pool)
        self._done = 0

    def look(self, exclude: Sequence[str]) -> None:
        """Walk the folder, and compare it with what the library knows of it."""
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
            # A file that cannot be opened now, or is in a folder that cannot be listed, is not gone.
            if path not in taken and path not in unopened and not any(path.startswith(prefix) for prefix in closed):
                self._gone.setdefault(known.digest, []).append(known)
        self._count.seen += len(self._files)

    def files_to_read(self) -> int:
        """How many files are new or may have changed."""
        known = ((self._known.get(self._stored_path(entry)), entry) for entry in self._files)
        return sum(each is None or each.stamp != entry.stamp for each, entry in known)

    def find_repeating(self) -> None:
        """Find paragraphs that most new documents share, and leave them out of passages."""
        known = Repeating.read(self._store.fact(_LEFT_OUT))
        fresh = [
            entry
            for entry in self._files
            if self._stored_path(entry) not in self._known and entry.size <= _SAMPLED and not _is_table(entry.path)
        ]
        if len(fresh) >= FEWEST:
            step = -(-len(fresh) // SAMPLE)
            sample = [Request(entry.path, entry.size, "") for entry in fresh[::step]]
            try:
                found = repeating(self._sampled(sample))
            except Stopped:
                return
            self._count.left_out += [words for digest, words in found.items() if digest not in known.digests]
            if not found.keys() <= known.digests:
                known = Repeating(known.digests | found.keys())
                self._store.set_fact(_LEFT_OUT, known.stored())
        self._indexer.left_out = known

    def _sampled(self, requests: Sequence[Request]) -> Iterator[list[str]]:
        """The paragraphs of each file that can be read."""
        with ReadingPool(self._teller.cancelled) as pool:
            for _, documents in pool.files((each, each) for each in requests):
                self._stop_if_cancelled()
                found: list[str] = []
                with suppress(UnreadableDocument):
                    for document in documents:
                        found += paragraphs(document.pieces)
                yield found

    def _stored_path(self, entry: FoundFile | SkippedFile) -> str:
        if self._one_file or not entry.relative:
            return self._root
        return f"{self._root.rstrip('/')}/{entry.relative}"

    def run(self, many: bool) -> None:
        """Read and store new and changed files, and remove those that are gone."""
        with self._pool:
            if many:
                self._pool.prepare()
            self._run()
        if not self._count.cancelled:
            self._finish()

    def _run(self) -> None:
        try:
            with closing(self._indexer.cut_files(self._wanted())) as files:
                for wanted, documents in files:
                    self._stop_if_cancelled()
                    self._tell(wanted.path)
                    if reason := self._storing.take(wanted, documents):
                        self._unreadable(wanted.path, reason, wanted.known)
                    self._done += 1
                    self._storing.put_in_time()
            self._stop_if_cancelled()
            self._tell()
        except Stopped:
            self._count.cancelled = True
        self._storing.put()

    def _tell(self, path: str = "") -> None:
        self._teller.tell(READING, self._done, len(self._files), path)

    def _stop_if_cancelled(self) -> None:
        if self._teller.cancelled():
            raise Stopped

    def _wanted(self) -> Iterator[tuple[Request, Wanted]]:
        """The files that have to be read; the others are handled here."""
        for entry in self._files:
            self._stop_if_cancelled()
            path = self._stored_path(entry)
            wanted = self._file(entry, path)
            if wanted is None:
                self._done += 1
                self._tell(path)
                self._storing.put_in_time()
            else:
                yield Request(entry.path, entry.size, wanted.column), wanted

    def _file(self, entry: FoundFile, path: str) -> Wanted | None:
        """The file if it has to be read; one that is unchanged or cannot be opened is only recorded."""
        known = self._known.get(path)
        column = self._column(entry.path, known)
        same_column = known is not None and known.text_column == column
        if known is not None and same_column and (known.size, known.stamp) == (entry.size, entry.stamp):
            self._as_before(known)
            return None
        try:
            # A file that is too large to be read is not hashed.
            digest = file_digest(entry.path) if entry.size <= SIZE_LIMIT else b""
        except FileNotFoundError:
            self._unreadable(path, "it is gone", known)
            return None
        except OSError as error:
            # Its stored content is kept, because it may be unchanged.
            self._failures[path] = (error.strerror or str(error)).lower()
            return None
        stamp = entry.stamp if time.time_ns() - entry.touched_ns > _YOUNG_NS else 0
        if known is not None and same_column and known.digest == digest:
            if (known.size, known.stamp) != (entry.size, stamp):
                self._storing.touched.append((known, entry.size, stamp))
            self._as_before(known)
            return None
        return Wanted(entry, path, known, digest, stamp, column)

    def _column(self, path: Path, known: KnownFile | None) -> str:
        """The text column of a table: the requested one, else that of its last reading."""
        if not _is_table(path):
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
            # The library's text of it is outdated and removed; if it can be read again later, unchanged passages find
            # their vectors only until the next sweep.
            self._gone.setdefault(known.digest, []).append(known)

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


def _is_table(path: Path) -> bool:
    return any(suffix.lower() in _TABLES for suffix in path.suffixes[-2:])


def file_digest(path: Path) -> bytes:
    """The digest that tells whether a file has changed: 16 bytes of BLAKE2b over its bytes."""
    found = hashlib.blake2b(digest_size=16)
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.digest()
