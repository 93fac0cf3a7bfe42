"""Reads files into documents by worker processes, in order and in batches; the fault of a worker costs only one file.

A file whose reader crashes, hangs or takes too much memory is unreadable for that reason; another worker reads the rest
of its batch. Memory is bounded: workers wait until their documents are taken.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from ..documents import Heading
from ..documents.worker import Limits, Request
from ..errors import UnreadableDocument
from ..passages import Parted, Parting, Sentence
from .worker_process import WorkerProcess

T = TypeVar("T")
Piece = tuple[str, tuple[Heading, ...]]

# A batch has at most so many files, and ends after so many bytes.
_FILES = 64
_BYTES = 256 * 1024
# A worker is replaced after so many files, which bounds memory leaks.
_LIFE = 10_000
# The most workers by default; they find sentences, too, which takes longer than reading most files.
_MOST = 8
_SECONDS_BETWEEN_LOOKS = 0.1
_DEATHS_WITHOUT_CAUSE = 3


class Stopped(Exception):
    """The work was cancelled."""


@dataclass
class Arriving:
    """A document that is still being read: its pieces, each a text and the headings in it, can be iterated once.

    Offsets of headings and of `running`, its running headers and footers, count from the document's start. `path` and
    `size`, in bytes, are those of its file. If the worker found its sentences, it has stretches, `parted`, instead of
    pieces.
    """

    part: str
    title: str
    pieces: Iterator[Piece]
    path: Path
    size: int
    running: tuple[tuple[int, int], ...] = ()
    parted: Iterator[Parted] | None = None

    def pass_over(self) -> None:
        """Consume the rest."""
        deque(self.pieces, maxlen=0)
        deque(self.parted or (), maxlen=0)


@dataclass(eq=False)
class _Task(Generic[T]):
    """A file to be read. `reason`: why it cannot be. `alone`: it may have crashed a worker, and gets one of its own."""

    request: Request
    about: T
    place: _Place | None = None
    reason: str = ""
    alone: bool = False
    given: bool = False


class _Place:
    """A slot for a worker: its unanswered tasks, the first of which is being answered."""

    def __init__(self) -> None:
        self.worker: WorkerProcess | None = None
        self.tasks: deque[_Task[Any]] = deque()
        self.messages: deque[list[Any]] = deque()
        self.answered = 0
        self.deaths = 0


class ReadingPool:
    """Worker processes that read files; a context manager, which ends them.

    Args:
        cancelled: called several times a second while nothing arrives.
        workers: the most processes.
        limits: what a file may take.
        kinds: Python files that each worker runs first, which may add kinds.
        watched: measure the memory of workers from this process, for systems that do not limit it.
        parting: the settings by which workers find sentences, once they have read enough; None if they should not.
        many: there are so many files that workers find sentences from their second batch on.
    """

    def __init__(
        self,
        cancelled: Callable[[], bool] = lambda: False,
        *,
        workers: int = 0,
        limits: Limits | None = None,
        kinds: Sequence[str] = (),
        watched: bool | None = None,
        parting: Parting | None = None,
        many: bool = False,
    ) -> None:
        self._cancelled = cancelled
        self._limits = limits or Limits()
        self._kinds = kinds
        self._parting = parting
        self._options = {"many": many} if watched is None else {"many": many, "watched": watched}
        self._places = [_Place() for _ in range(workers or min(_MOST, max(2, os.cpu_count() or 1)))]
        self._line: deque[_Task[Any]] = deque()

    def __enter__(self) -> Self:
        """The pool itself; processes are started when there is a file to read."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all workers."""
        self.close()

    def close(self) -> None:
        """Kill all workers at once."""
        for place in self._places:
            self._bury(place)
        self._line.clear()

    def files(self, wanted: Iterable[tuple[Request, T]]) -> Iterator[tuple[T, Iterator[Arriving]]]:
        """The documents of each file, in order; iterate them before the next file's.

        Iterating a file's documents raises UnreadableDocument if it cannot be read completely; then the document whose
        pieces were being iterated is incomplete. Only a few files are requested before they are needed.

        Raises:
            Stopped: `cancelled` returned true during a wait.
            HybridSearchError: no process can be started.

        """
        source = iter(wanted)
        while True:
            self._hand_over(source)
            if not self._line:
                return
            task = self._line.popleft()
            documents = self._documents(task)
            yield task.about, documents
            try:
                for document in documents:
                    document.pass_over()
            except UnreadableDocument:
                continue

    def _hand_over(self, source: Iterator[tuple[Request, Any]]) -> None:
        """Give every idle worker a batch: first queued files without a worker, then the next requested ones."""
        for place in self._places:
            if place.tasks:
                continue
            batch = self._orphans() or self._next(source)
            if not batch:
                return
            self._give(place, batch)

    def _orphans(self) -> list[_Task[Any]]:
        batch: list[_Task[Any]] = []
        for task in self._line:
            if task.place is None and not task.reason:
                if batch and (task.alone or batch[0].alone):
                    break
                batch.append(task)
        return batch

    def _next(self, source: Iterator[tuple[Request, Any]]) -> list[_Task[Any]]:
        batch: list[_Task[Any]] = []
        size = 0
        while len(batch) < _FILES and size < _BYTES:
            asked = next(source, None)
            if asked is None:
                break
            batch.append(_Task(*asked))
            size += asked[0].size
        self._line += batch
        return batch

    def _give(self, place: _Place, batch: list[_Task[Any]]) -> None:
        if place.worker is not None and (batch[0].alone or place.worker.asked > _LIFE):
            self._bury(place)
        if place.worker is None:
            place.worker = WorkerProcess(self._limits, self._kinds, self._parting, **self._options)
            place.answered = 0
        for task in batch:
            task.place = place
        place.tasks.extend(batch)
        largest = max(task.request.size for task in batch)
        place.worker.ask([task.request for task in batch], self._limits.budget(largest))

    def _documents(self, task: _Task[Any]) -> Iterator[Arriving]:
        while True:
            message = self._message(task)
            if message[0] == "done":
                if message[1]:
                    raise UnreadableDocument(message[1])
                return
            name, part, title, running, *first = message
            facts = task.request.path, task.request.size, running
            if name == "stretches":
                arriving = Arriving(part, title, iter(()), *facts, self._stretches(task, *first))
            else:
                arriving = Arriving(part, title, self._pieces(task, *first), *facts)
            yield arriving
            arriving.pass_over()

    def _pieces(self, task: _Task[Any], headings: tuple[Heading, ...], text: str, more: bool) -> Iterator[Piece]:
        yield text, headings
        while more:
            headings, text, more = self._more(task)
            yield text, headings

    def _stretches(
        self, task: _Task[Any], cut: bool, headings: Sequence[str], sentences: Sequence[Sentence], text: str, more: bool
    ) -> Iterator[Parted]:
        start = 0
        yield Parted(start, text, headings, sentences, cut)
        while more:
            start += len(text)
            cut, headings, sentences, text, more = self._more(task)
            yield Parted(start, text, headings, sentences, cut)

    def _more(self, task: _Task[Any]) -> list[Any]:
        """The next fields of a document."""
        message = self._message(task)
        if message[0] == "done":
            raise UnreadableDocument(message[1] or "its reader failed")
        return message[1:]

    def _message(self, task: _Task[Any]) -> list[Any]:
        """The next message about a file; if its worker dies on another file, a new worker reads it.

        Raises:
            UnreadableDocument: the worker died on this file.

        """
        while True:
            if task.reason:
                raise UnreadableDocument(task.reason)
            place = task.place
            if place is None:
                self._take_up(task)
                continue
            if not place.messages and not self._listen(place):
                self._autopsy(place)
                continue
            if place.messages:
                task.given = True
                message = place.messages.popleft()
                if message[0] == "done":
                    place.tasks.popleft()
                    place.answered += 1
                    place.deaths = 0
                return message

    def _take_up(self, task: _Task[Any]) -> None:
        """Give a file whose worker died, and the files after it, to another worker."""
        self._line.appendleft(task)
        batch = self._orphans()
        self._line.popleft()
        self._give(next(place for place in self._places if not place.tasks), batch)

    def _listen(self, place: _Place) -> bool:
        """Wait for messages of a worker; False if it is dead and all its messages were read."""
        worker = place.worker
        assert worker is not None
        budget = self._limits.budget(max(task.request.size for task in place.tasks))
        began = time.monotonic()
        while True:
            if self._cancelled():
                raise Stopped
            try:
                found = worker.messages(_SECONDS_BETWEEN_LOOKS)
            except TimeoutError:
                if time.monotonic() - began > budget.patience:
                    worker.kill(budget.too_long(), certain=True)
                continue
            if found is None:
                return False
            if found:
                place.messages.extend(found)
                return True

    def _autopsy(self, place: _Place) -> None:
        """Find the file on which a worker died, and release the others."""
        worker = place.worker
        assert worker is not None
        if self._cancelled():
            # Ctrl-C reaches all processes of a terminal.
            raise Stopped
        begun, cause = worker.autopsy()
        tasks = list(place.tasks)
        guilty = begun - place.answered - 1
        place.deaths += 1
        if guilty < 0 and place.deaths >= _DEATHS_WITHOUT_CAUSE:
            guilty = 0
        if 0 <= guilty < len(tasks):
            # An earlier file may have caused a crash: unless a limit was exceeded, the file is tried alone.
            suspect = tasks[guilty]
            if worker.certain or suspect.alone or suspect.given or begun == 1:
                suspect.reason = cause
            else:
                suspect.alone = True
        self._bury(place)

    @staticmethod
    def _bury(place: _Place) -> None:
        if place.worker is not None:
            place.worker.close()
        place.worker = None
        for task in place.tasks:
            task.place = None
        place.tasks.clear()
        place.messages.clear()
