"""Finishes passages in other processes while more are cut; chunks that none has begun in time are finished here."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from ..store import NewPassage
from .finishing import Bare, Finish, finish, finished, read_finishes, write_frame
from .worker_process import environment

_RUN = "from hybrid_search.engine.ingest.finishing import main; main()"
# Passages in a chunk, which one process gets at once.
_CHUNK = 32
# A process takes a second to start, by which time a library of fewer passages is finished.
_WORTH_IT = 1500
_MOST = 8
# After so many seconds for a chunk, its process is not waited for.
_PATIENCE = 60.0


class _Chunk:
    """Some passages, whether a process was given them, and their results, None until they are there."""

    def __init__(self, rows: list[Bare]) -> None:
        self.rows = rows
        self.given = False
        self.made: list[Finish] | None = None
        self.over = threading.Event()


class Promised:
    """Passages that are being finished."""

    def __init__(self, pool: FinishingPool, passages: Sequence[NewPassage], chunks: list[_Chunk]) -> None:
        self._pool = pool
        self._passages = passages
        self._chunks = chunks

    def passages(self) -> list[NewPassage]:
        """All of them, finished, in order; waits for them."""
        made = (each for chunk in self._chunks for each in self._pool.made(chunk))
        return [each if each.language else finished(each, next(made)) for each in self._passages]


class FinishingPool:
    """Processes that finish passages; a context manager, which ends them.

    Args:
        processes: how many; by default one less than there are cores, and none for few passages without `prepare`.
    """

    def __init__(self, processes: int | None = None) -> None:
        most = min(_MOST, (os.cpu_count() or 1) - 1)
        self._processes = most if processes is None else processes
        self._begins_at = _WORTH_IT if processes is None else 0
        self._seen = 0
        self._waiting: deque[_Chunk] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._children: list[subprocess.Popen[bytes]] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> FinishingPool:
        """The pool itself; processes are started only for many passages."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes."""
        self.close()

    @property
    def running(self) -> bool:
        """Whether processes were started."""
        return bool(self._threads)

    def start(self, passages: Sequence[NewPassage]) -> Promised:
        """Begin to finish those passages that have no language yet."""
        bare = [(each.heading, each.text) for each in passages if not each.language]
        chunks = [_Chunk(bare[first : first + _CHUNK]) for first in range(0, len(bare), _CHUNK)]
        self._seen += len(bare)
        if self._seen > self._begins_at:
            self.prepare()
        if self.running:
            with self._changed:
                self._waiting.extend(chunks)
                self._changed.notify_all()
        return Promised(self, passages, chunks)

    def made(self, chunk: _Chunk) -> list[Finish]:
        """The results for a chunk: waits for the process that has begun it, else computes them here."""
        with self._changed:
            if not chunk.given:
                with suppress(ValueError):
                    self._waiting.remove(chunk)
        if chunk.given:
            chunk.over.wait(_PATIENCE)
        if chunk.made is None:
            chunk.made = [finish(*row) for row in chunk.rows]
        return chunk.made

    def close(self) -> None:
        """Kill all processes at once."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        for child in self._children:
            child.kill()
        for thread in self._threads:
            thread.join()
        for child in self._children:
            child.wait()
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()

    def prepare(self) -> None:
        """Start the processes, if they are not running."""
        for _ in range(0 if self.running else self._processes):
            try:
                child = subprocess.Popen(
                    [sys.executable, "-P", "-c", _RUN],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=environment(os.environ),
                )
            except OSError:
                # Without processes, everything is finished here.
                break
            self._children.append(child)
            self._threads.append(threading.Thread(target=self._feed, args=(child,), daemon=True))
            self._threads[-1].start()

    def _feed(self, child: subprocess.Popen[bytes]) -> None:
        """Give a process chunk after chunk, once it is prepared; a chunk on which it fails is finished by `made`."""
        assert child.stdin is not None and child.stdout is not None
        with suppress(OSError, ValueError, TypeError, RecursionError):
            read_finishes(child.stdout, 0)
        while (chunk := self._next()) is not None:
            try:
                write_frame(child.stdin, chunk.rows)
                chunk.made = read_finishes(child.stdout, len(chunk.rows))
            except (OSError, ValueError, TypeError, RecursionError):
                return
            finally:
                chunk.over.set()

    def _next(self) -> _Chunk | None:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            chunk = self._waiting.popleft()
            chunk.given = True
            return chunk
