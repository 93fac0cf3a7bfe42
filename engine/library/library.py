"""One indexed collection on disk: open, index, search, compare, check."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ..encoders import BM25, Encoder, Vectors
from ..errors import LibraryError, several
from ..paths import default_library
from ..places import place_of, shown
from ..progress import IndexProgress, Teller
from ..search import absence, exact, language_of_query, sweep_files
from ..shown import counted
from ..store import (
    GRADES,
    LOCK,
    Connection,
    Judgements,
    Mending,
    Place,
    WriterLock,
    digest_of,
    is_current,
    is_empty,
    is_readable,
    migrate,
    require_own,
    words_version,
)
from . import given
from .on_disk import VECTORS, OnDisk
from .reports import EncoderStatus, IndexReport, Status, index_report

if TYPE_CHECKING:
    from ..store import Store
    from .checking import CheckReport

__all__ = ["EncoderStatus", "IndexProgress", "IndexReport", "Library", "Status"]

DATABASE = "library.db"
# For how many last questions, and how many passages for each, found passages are encoded before the others.
_ASKED, _FOUND = 50, 20
# Seconds to wait for another process that creates the library's tables.
_MOMENT = 10.0


class Library(OnDisk):
    """One library; made by `open`, used as a context manager. `AsyncLibrary` does the same for asyncio.

    Reading needs no lock and sees a consistent state while another process writes. Writing methods hold the writer's
    lock while they run, and raise LibraryError if another process has it. All methods raise LibraryError if the
    database is damaged; it is never overwritten.

    Attributes:
        path: its folder.
        notices: messages for the user, in order.
    """

    def __init__(
        self, path: Path, connection: Connection, *, readonly: bool, notify: Callable[[str], None] | None
    ) -> None:
        super().__init__(path, connection, readonly=readonly, notify=notify)
        self._lock = WriterLock(path / LOCK)

    @classmethod
    def open(
        cls,
        path: Path | str | None = None,
        *,
        create: bool = False,
        readonly: bool = False,
        notify: Callable[[str], None] | None = None,
    ) -> Self:
        """Open a library.

        Args:
            path: its folder; by default the default library.
            create: create it if there is none.
            readonly: write nothing, not even the update that a library of an older version needs.
            notify: receives each notice at once, besides `notices`.

        Raises:
            LibraryError: there is none, it is damaged or not a library, it is of a newer version, or (with `readonly`)
                of an older one that needs an update.

        """
        folder = given.path(path, "The library's path") if path is not None else default_library()
        if (place := place_of(folder)) is not None:
            raise LibraryError(
                f"The library at {place} is on an engine and can only be read there.",
                hint=f"Change the library on disk, then bring the other up to date with `hybrid-search push {place}`.",
            )
        database = folder / DATABASE
        create = create and not readonly
        require_own(database)
        if not os.path.isfile(database):  # noqa: PTH113 - False without permission
            if not create:
                raise _absent(folder)
            _make(folder)
        connection = Connection(database, readonly=readonly)
        try:
            current = is_current(connection)
            if not current and not create and is_empty(connection):
                raise LibraryError(
                    f"The library's database {database} is empty.",
                    hint="Index the folders again, or restore it from a copy.",
                )
            if not current and readonly and not is_readable(connection):
                raise LibraryError(
                    f"The library {folder} was made by an older version of hybrid-search and can only be read.",
                    hint=f"`hybrid-search check --library {folder}` brings it up to date.",
                )
            if not current and not readonly:
                connection.close()
                with WriterLock(folder / LOCK).held(wait=_MOMENT):
                    migrate(database)
                connection = Connection(database, readonly=False)
        except BaseException:
            connection.close()
            raise
        return cls(folder, connection, readonly=readonly, notify=notify)

    def _require_writable(self) -> None:
        if self.readonly:
            raise LibraryError(f"The library {self.path} was opened for reading only.")

    @contextmanager
    def _writing(self, wait: float = 0.0) -> Iterator[Store]:
        """The store, while this process holds the writer's lock."""
        self._require_writable()
        with self._lock.held(wait):
            store = Mending(self._connection)
            self._prepare_store(store)
            sweep_files(self.path / VECTORS, store)
            yield store

    def _prepare_store(self, store: Mending) -> None:
        """Update data of another version of the program, and notify the user."""
        if not store.words_are_current():
            if store.count("passages"):
                self._notify("The index of words was made by another version of the program and is rebuilt.")
                store.enter_words()
            else:
                store.set_fact("words", words_version())
        if store.seal():
            self._notify(
                "An earlier version of the program stored this without checksums; they are added now, so that `check` "
                "finds damage."
            )

    def index(
        self,
        folders: Sequence[Path | str],
        *,
        encoders: Sequence[Encoder | str],
        exclude: Sequence[str] = (),
        progress: Callable[[IndexProgress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        text_column: str | None = None,
        boilerplate: bool = False,
        asked: Sequence[str] = (),
    ) -> IndexReport:
        """Update the library from folders (or single files), then encode texts without vectors.

        It may be stopped or killed at any time: nothing stored is lost, and the next call continues.

        Args:
            folders: folders or files to index; documents that were deleted from a folder are removed.
            encoders: encoders or their names, in the order of encoding; each is searchable before the next one begins.
            exclude: `.gitignore` patterns.
            progress: receives events at most four times a second.
            cancelled: called between files and batches.
            text_column: the column of tables that holds the text.
            boilerplate: keep repeated text: paragraphs found in most documents of a folder, and headers and footers of
                pages.
            asked: earlier questions, latest last; passages that a search by words finds for them are encoded first.

        Raises:
            HybridSearchError: a folder does not exist.
            LibraryError: another process writes, the disk is full, or the database is damaged.
            EncoderError: an encoder cannot be used.

        """
        from ..documents import is_file
        from ..ingest import Indexer, counting, encode_missing

        chosen = [self._named.encoder(encoder) for encoder in several(encoders, "encoders")]
        exclude, asked = several(exclude, "exclude", str), several(asked, "asked", str)
        paths = [given.path(folder, "A folder") for folder in several(folders, "folders")]
        began = time.perf_counter()
        noticed = len(self.notices)
        for path in paths:
            # All folders are checked before any is indexed.
            is_file(path)
        teller = Teller(progress, cancelled)
        encoded: dict[str, int] = {}
        with self._writing() as store:
            # Only at the first indexing: a small library needs no such package.
            if not store.count("passages") and (told := absence()):
                self._notify(told)
            indexer = Indexer(store, *counting(chosen), teller, Path(os.path.realpath(self.path)))
            roots = [
                indexer.index(path, exclude=exclude, text_column=text_column, boilerplate=boilerplate) for path in paths
            ]
            if indexer.found.left_out:
                self._notify(_left_out(indexer.found.left_out))
            if indexer.running:
                self._notify(_running(indexer.running))
            if not indexer.found.cancelled:
                store.sweep()
            for encoder in chosen:
                if not teller.cancelled():
                    wanted = self._wanted(store, asked)
                    encoded[encoder.name] = encode_missing(store, encoder, teller, self._notify, wanted)
                    self._refresh_index(store, encoder, teller)
            languages = self._languages_of(roots)
        return index_report(
            indexer.found,
            languages,
            encoded,
            time.perf_counter() - began,
            teller.cancelled(),
            tuple(self.notices[noticed:]),
        )

    def _languages_of(self, roots: Sequence[str]) -> dict[str, int]:
        counts: dict[str, int] = {}
        outer = [root for root in dict.fromkeys(roots) if not any(_inside(root, other) for other in roots)]
        for root in outer:
            for code, number in self._reading.languages(root).items():
                counts[code] = counts.get(code, 0) + number
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def _refresh_index(self, store: Store, encoder: Encoder, teller: Teller) -> None:
        row = store.encoder(encoder.fingerprint)
        if row is None or store.vector_count(row) <= exact.EXACT_LIMIT:
            return
        from ..search import refresh

        refresh(
            self.path / VECTORS,
            store,
            row,
            notify=self._notify,
            progress=lambda done, total: teller.tell(f"index of {encoder.name}", done, total),
            cancelled=teller.cancelled,
        )

    def encode_missing(
        self,
        encoder: Encoder | str,
        progress: Callable[[IndexProgress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        asked: Sequence[str] = (),
    ) -> int:
        """Encode every stored text that has no vector of an encoder; the folders are not needed. Returns how many.

        Arguments are those of `index`.
        """
        from ..ingest import encode_missing

        encoder = self._named.encoder(encoder)
        teller = Teller(progress, cancelled)
        with self._writing() as store:
            number = encode_missing(store, encoder, teller, self._notify, self._wanted(store, asked))
            self._refresh_index(store, encoder, teller)
        return number

    def _wanted(self, store: Store, asked: Sequence[str]) -> list[int]:
        """The texts that a search by words finds for the last questions, best first."""
        hits = [
            hit for query in list(asked)[: -_ASKED - 1 : -1] for hit in self.search(query, encoder=BM25, k=_FOUND).hits
        ]
        found = store.text_ids([digest_of(hit.passage.text) for hit in sorted(hits, key=lambda hit: hit.rank)])
        return list(found.values())

    def derive(
        self,
        origin: Encoder,
        encoder: Encoder,
        change: Callable[[Vectors, list[str]], Vectors],
        progress: Callable[[IndexProgress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> int:
        """Store vectors of `encoder`, computed from the stored ones of `origin`, which are kept; returns how many.

        `change` gets vectors of shape (n, dimension) and the languages of their texts, and returns the new vectors.
        """
        from ..ingest import derive

        teller = Teller(progress, cancelled)
        with self._writing() as store:
            number = derive(store, self._searcher.row_of(origin), encoder, change, teller)
            self._refresh_index(store, encoder, teller)
        return number

    def remove(self, folder: Path | str) -> int:
        """Remove the documents of a folder or file from the library; returns how many. The files are not touched."""
        from ..documents import storable

        wanted = given.path(folder, "The folder")
        with self._writing() as store:
            for path in dict.fromkeys((storable(os.path.realpath(wanted)), storable(wanted.absolute()))):
                known = store.files_below(path)
                number = sum(store.documents_below(path).values())
                if known or path in store.folders():
                    store.take_out(list(known.values()))
                    store.forget_folder(path)
                    store.sweep()
                    return number
        return 0

    def judge(self, query: str, passage_id: int, grade: int | None, *, query_language: str = "") -> None:
        """Judge whether a passage answers a question; the judgement survives indexing the document again or moving it.

        Needs no writer's lock, so it works while the library is being indexed.

        Args:
            query: the question as it was asked.
            passage_id: of the judged passage.
            grade: 0 wrong, 1 partly, 2 right; None removes the judgement.
            query_language: its code; detected from the text if empty.

        Raises:
            LibraryError: there is no such passage or grade, or nothing can be written.

        """
        self._require_writable()
        if grade is not None and grade not in GRADES:
            raise LibraryError(f"There is no grade {grade}.", hint="0 is wrong, 1 partly, 2 right.")
        query = given.text(query, "query")
        if not query.strip():
            raise LibraryError("There is no question to judge for.")
        passage = self.passage(passage_id)
        language = language_of_query(query, self.languages(), query_language).code
        place = Place(passage.id, passage.path, passage.part, passage.start, passage.end, passage.text)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        Judgements(self._connection).put(query.strip(), language, place, grade, made)

    def forget_encoder(self, name: str) -> bool:
        """Remove an encoder's vectors; returns whether there were any."""
        with self._writing() as store:
            found = [row for row in store.encoders() if row.name == name]
            for row in found:
                store.forget_encoder(row.id)
        return bool(found)

    def check(
        self,
        repair: bool = True,
        progress: Callable[[IndexProgress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> CheckReport:
        """Verify the database, the vectors and the index files; with `repair`, repair what can be repaired.

        Args:
            repair: without it nothing is changed.
            progress: receives events at most four times a second.
            cancelled: called between parts of the work; repairs made until then are kept.

        Raises:
            LibraryError: the database's file is damaged, or another process writes.

        """
        from .checking import check

        teller = Teller(progress, cancelled)
        if not repair or self.readonly:
            with self._connection.snapshot():
                return check(self._reading, None, self.path / VECTORS, self._notify, teller)
        with self._lock.held():
            store = Mending(self._connection)
            return check(store, store, self.path / VECTORS, self._notify, teller, lambda: self._prepare_store(store))


def _absent(folder: Path) -> LibraryError:
    try:
        os.stat(folder / DATABASE)  # noqa: PTH116
    except PermissionError as error:
        return LibraryError(
            f"The library {shown(folder)} cannot be opened: {(error.strerror or str(error)).lower()}.",
            hint="Check the permissions of its folder.",
        )
    except (OSError, ValueError):
        pass
    return LibraryError(f"There is no library at {shown(folder)}.", hint="`hybrid-search index DIR` makes one.")


def _make(folder: Path) -> None:
    """Create an empty library's folder and database."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with WriterLock(folder / LOCK).held(wait=_MOMENT):
            if not (folder / DATABASE).exists():
                migrate(folder / DATABASE)
    except OSError as error:
        raise LibraryError(
            f"No library can be created at {folder}: {error.strerror or error}.",
            hint="Name another place with --library.",
        ) from error


def _left_out(paragraphs: Sequence[str]) -> str:
    alone = len(paragraphs) == 1
    number = f"{counted(len(paragraphs), 'paragraph')} {'stands' if alone else 'stand'}"
    first = ", ".join(map(_quoted, paragraphs[:3]))
    more = ", …" if len(paragraphs) > 3 else ""
    return (
        f"{number} in most of the documents and {'is' if alone else 'are'} left out: {first}{more}. "
        "`index --boilerplate` keeps them."
    )


def _running(lines: Sequence[str]) -> str:
    shown = next((line for line in lines if line), "")
    such = f", such as {_quoted(shown)}," if shown else ""
    return (
        f"Lines that run through the pages of {counted(len(lines), 'document')}{such} are left out of passages, except "
        "the first time. `index --boilerplate` keeps them."
    )


def _quoted(words: str) -> str:
    return f"“{words if len(words) <= 60 else words[:59] + '…'}”"


def _inside(path: str, other: str) -> bool:
    return path != other and path.startswith(other.rstrip("/") + "/")
