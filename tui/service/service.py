"""The app's side of the child process: ask, follow, cancel; starts it when needed, and explains why it ended."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ...engine.errors import HybridSearchError, reason
from .hints import for_the_app

OnProgress = Callable[[dict[str, Any]], None]
# -P keeps Python from importing, say, a numpy.py in the current folder.
CHILD = (sys.executable, "-P", "-m", "hybrid_search.tui.desk.child")
_LINE_LIMIT = 1 << 28
_NICENESS = 10


class ServiceError(HybridSearchError):
    """An operation failed; `kind` is the name of the engine's error, or "unexpected".

    Its hint is rewritten for the app.
    """

    def __init__(self, message: str, *, hint: str = "", kind: str = "") -> None:
        super().__init__(message, hint=for_the_app(hint))
        self.kind = kind


class ChildEnded(ServiceError):
    """The child process ended before it answered."""


class Answerer(Protocol):
    """What screens need of a service: it answers requests one after another."""

    async def ask(self, op: str, progress: OnProgress | None = None, **parameters: Any) -> dict[str, Any]:
        """The result of an operation; raises `ServiceError`. Cancelling the task cancels the operation."""

    def close(self) -> None:
        """Stop at once."""

    async def ended(self) -> None:
        """Wait a short time for the stopped process to end."""

    @property
    def running(self) -> bool:
        """Whether the process runs."""


class Service:
    """One child process, started with the first request and again after it ended."""

    def __init__(self, command: Sequence[str] = CHILD, *, nice: bool = False) -> None:
        self._command = tuple(command)
        self._nice = nice
        self._process: asyncio.subprocess.Process | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[asyncio.Future[dict[str, Any]], OnProgress | None]] = {}
        self._said: deque[str] = deque(maxlen=40)
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting = asyncio.Lock()
        self._closed = False
        self._ending: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The process's id while it runs, else None."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def ask(self, op: str, progress: OnProgress | None = None, **parameters: Any) -> dict[str, Any]:
        """The result of an operation; raises `ServiceError`. Cancelling the task cancels the operation."""
        await self._start()
        number = next(self._numbers)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (future, progress)
        try:
            self._send({"id": number, "op": op, "with": parameters})
            return await future
        except asyncio.CancelledError:
            self._send({"cancel": number})
            raise
        finally:
            self._waiting.pop(number, None)

    def close(self) -> None:
        """Stop the process and everything it started, at once."""
        self._closed = True
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            end(process)
            self._ending = process
        for task in self._tasks:
            task.cancel()
        self._fail(ChildEnded("The app is closing."))

    async def ended(self) -> None:
        """Wait a short time for the stopped process to end."""
        await ended(self._ending)

    def _send(self, message: dict[str, Any]) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        data = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
        with contextlib.suppress(ConnectionError, RuntimeError):
            process.stdin.write(data + b"\n")

    async def _start(self) -> None:
        async with self._starting:
            if self.running or self._closed:
                return
            self._said.clear()
            try:
                self._process = await start(self._command, nice=self._nice)
            except OSError as error:
                raise ChildEnded(f"The search process cannot be started: {reason(error)}.") from error
            for work in (self._read(self._process), self._overhear(self._process)):
                task = asyncio.create_task(work)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        try:
            while raw := await process.stdout.readline():
                self._take(raw)
        except (ValueError, ConnectionError) as error:
            # A line beyond the limit: the lines after it cannot be separated, so the process is useless.
            self._said.append(str(error))
            end(process)
        code = await process.wait()
        if process is self._process:
            self._process = None
            self._fail(ChildEnded(obituary(code, list(self._said)), hint="The next question starts it again."))

    async def _overhear(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        with contextlib.suppress(ValueError, ConnectionError):
            while raw := await process.stderr.readline():
                self._said.append(raw.decode("utf-8", "replace").rstrip())

    def _take(self, raw: bytes) -> None:
        """Take a line of the child's output; one that is not a message is kept to explain the child's end."""
        try:
            message = json.loads(raw.decode("utf-8", "surrogatepass"))
            known = isinstance(message, dict) and "id" in message
        except ValueError:
            known = False
        if known:
            self._deliver(message)
        else:
            self._said.append(raw.decode("utf-8", "replace").rstrip())

    def _deliver(self, message: dict[str, Any]) -> None:
        future, progress = self._waiting.get(message["id"], (None, None))
        if future is None or future.done():
            return
        if "progress" in message:
            if progress is None:
                return
            try:
                progress(message["progress"])
            except Exception as mistake:
                # The asker gets the error of its own callback; other requests go on.
                future.set_exception(mistake)
        elif "error" in message:
            error = message["error"]
            future.set_exception(ServiceError(error["message"], hint=error["hint"], kind=error["kind"]))
        else:
            future.set_result(message["result"])

    def _fail(self, error: ServiceError) -> None:
        waiting, self._waiting = self._waiting, {}
        for future, _ in waiting.values():
            if not future.done():
                future.set_exception(error)


async def start(command: Sequence[str], *, nice: bool = False) -> asyncio.subprocess.Process:
    """A child process with three pipes, in its own process group so that its children can be ended with it.

    `nice` lowers its priority, so that the app stays responsive while all cores are busy.
    """
    settings: dict[str, Any] = {"start_new_session": True} if os.name == "posix" else {}
    if nice and os.name == "nt":
        settings["creationflags"] = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE_LIMIT,
        env=environment,
        **settings,
    )
    if nice and os.name == "posix":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
    return process


def end(process: asyncio.subprocess.Process) -> None:
    """Kill a process and its group without waiting."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


async def ended(process: asyncio.subprocess.Process | None) -> None:
    """Wait for a killed process, so that its pipes are closed before the event loop."""
    if process is not None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), 2.0)
            # The transport closes in the event loop's next round.
            await asyncio.sleep(0)


def obituary(code: int, said: Sequence[str]) -> str:
    """A sentence on how a process ended: its signal by name, or its exit code with its last line of output."""
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = str(-code)
        return f"The search process was stopped by {name}."
    if code in (0, 130):
        return "The search process was stopped."
    last = next((line for line in reversed(said) if line.strip()), "")
    return f"The search process ended with code {code}" + (f": {last}" if last else ".")
