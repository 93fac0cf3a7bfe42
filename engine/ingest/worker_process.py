"""Controls one worker process: starts, asks, watches and ends it, and finds the cause of its death."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..documents.worker import (
    LARGEST_FRAME,
    BadMessage,
    Budget,
    Limits,
    Request,
    Start,
    packed_requests,
    unpacked,
)
from ..errors import HybridSearchError
from ..passages import Parting

_RUN = """
from hybrid_search.engine.documents.worker.child import main
def parter(line):
    from hybrid_search.engine.encoders.tokens.counting import counting
    from hybrid_search.engine.passages.parting import parter
    return parter(line, counting)
main(parter)
"""
# Frames in the queue: when it is full, no more are read, and the worker waits for its pipe.
_WAITING = 4
_SECONDS_BETWEEN_LOOKS = 0.2


# Variables that Python and the system's libraries need; tokens, passwords and all others are withheld from readers.
_PASSED_ON = frozenset(
    [
        "PATH",
        "HOME",
        "LANG",
        "LANGUAGE",
        "TMPDIR",
        "TEMP",
        "TMP",
        "TZ",
        "VIRTUAL_ENV",
        "SYSTEMROOT",
        "SYSTEMDRIVE",
        "WINDIR",
        "PATHEXT",
        "COMSPEC",
    ]
)
_PASSED_ON_FAMILIES = ("LC_", "PYTHON", "LD_", "DYLD_")


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """The variables that a worker gets: since it reads untrusted files, none of them is secret."""
    passed_on = {
        name: value
        for name, value in ours.items()
        if name.upper() in _PASSED_ON or name.upper().startswith(_PASSED_ON_FAMILIES)
    }
    # One thread each, since there are as many workers as cores, and threads of numpy and tokenizers take memory.
    return {**passed_on, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}


class WorkerProcess:
    """A process that reads files, and with `parting` finds the sentences or passages in them.

    Attributes:
        asked: how many files were requested from it in total.
        certain: whether the last file it began certainly caused its death, by exceeding a limit.
    """

    def __init__(
        self,
        limits: Limits,
        kinds: Sequence[str] = (),
        parting: Parting | None = None,
        *,
        many: bool = False,
        watched: bool = sys.platform != "linux",
    ) -> None:
        start = Start(os.getpid(), limits, tuple(kinds), many)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _RUN, start.packed()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(os.environ),
            )
        except OSError as error:
            raise HybridSearchError(
                f"The process that reads documents cannot be started: {error.strerror or error}.",
                hint="Close other programs, or raise the limit of processes.",
            ) from error
        self.asked = 0
        self.certain = False
        self._frames: queue.Queue[bytes | None] = queue.Queue(_WAITING)
        self._reason = ""
        self._ready = False
        self._over = threading.Event()
        self._budget = limits.budget(0)
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        if watched:
            self._threads.append(threading.Thread(target=self._watch, daemon=True))
        for thread in self._threads:
            thread.start()
        self._write((parting.packed() if parting is not None else "").encode() + b"\n")

    def ask(self, requests: Sequence[Request], budget: Budget) -> None:
        """Request files; `messages` returns the answers. `budget` is that of the largest file."""
        self.asked += len(requests)
        self._budget = budget
        self._write(packed_requests(requests))

    def _write(self, line: bytes) -> None:
        with suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def messages(self, seconds: float) -> list[list[Any]] | None:
        """The next messages; None if there will be no more.

        Raises:
            TimeoutError: there is none for `seconds`.

        """
        try:
            frame = self._frames.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if frame is None:
            return None
        try:
            found = unpacked(frame)
        except BadMessage:
            self.kill("its reader failed: it answered with something else")
            return None
        if not self._ready:
            self._ready = True
            found = found[1:]
        return found

    def kill(self, reason: str = "", *, certain: bool = False) -> None:
        """Kill it at once; `reason` becomes the cause."""
        self._reason = self._reason or reason
        self.certain = self.certain or certain
        self._over.set()
        with suppress(OSError):
            self._process.kill()

    def autopsy(self) -> tuple[int, str]:
        """(how many files it began in total, the cause of its death), after its last message.

        Raises:
            HybridSearchError: it died at its start.

        """
        self._over.set()
        code = self._process.wait()
        assert self._process.stderr is not None
        said = self._process.stderr.read()
        if not self._ready:
            words = said.decode("utf-8", "replace").strip().splitlines()
            raise HybridSearchError(
                f"The process that reads documents does not start: {words[-1] if words else _cause(code)}.",
                hint="Install the program again.",
            )
        if sys.platform != "win32" and code == -signal.SIGXCPU and not self._reason:
            self._reason, self.certain = self._budget.too_long(), True
        return len(said), self._reason or _cause(code)

    def close(self) -> None:
        """End the process, its threads and pipes."""
        self.kill()
        while self._threads[0].is_alive():
            with suppress(queue.Empty):
                self._frames.get(timeout=0.01)
        for thread in self._threads:
            thread.join()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _listen(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        while len(head := pipe.read(4)) == 4:
            length = int.from_bytes(head, "big")
            body = pipe.read(length) if length <= LARGEST_FRAME else b""
            self._frames.put(body)
            if len(body) < length:
                break
        self._frames.put(None)

    def _watch(self) -> None:
        """Enforce the memory limit if the system does not."""
        import psutil

        with suppress(psutil.Error):
            process = psutil.Process(self._process.pid)
            while not self._over.wait(_SECONDS_BETWEEN_LOOKS):
                if process.memory_info().rss > self._budget.memory:
                    self.kill(self._budget.too_much_memory(), certain=True)


def _cause(code: int) -> str:
    if code >= 0:
        return f"its reader ended (exit code {code})"
    with suppress(ValueError):
        return f"its reader was killed by {signal.Signals(-code).name}"
    return f"its reader was killed by signal {-code}"
