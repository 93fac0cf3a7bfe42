"""Runs a training run or a study in a separate process, passes on its events, and stops it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from ...engine.errors import reason
from .hints import for_the_app
from .service import end, ended, start

# The process sets its signal handler before other imports: earlier a request to stop ends it, later none is lost.
_LISTEN = "from hybrid_search.train.run import listen; listen()"
_PROGRAM = (sys.executable, "-P", "-c", f"{_LISTEN}; from hybrid_search.tui.cli.main import main; main()")
COMMAND = (*_PROGRAM, "train")
STUDY = (*_PROGRAM, "study")
Event = dict[str, Any]
# Exit codes of a process that was asked to stop: the command line's own, or ended by the signal before that.
_STOPPED = (130, -signal.SIGINT)


class Training:
    """One run at a time; its events go to `follow`, even after the screen that started it was left.

    Args:
        follow: gets every event; the last is "done", "over" (of a study), "stopped" or "error".
        command: the command, without arguments.
        many: whether it is a study, which goes on after the "done" of one of its runs.
    """

    def __init__(
        self, follow: Callable[[Event], None], command: Sequence[str] = COMMAND, *, many: bool = False
    ) -> None:
        self._follow = follow
        self._command = tuple(command)
        self._ends = ("error", "stopped") if many else ("done", "error", "stopped")
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self.name = ""

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        return self._task is not None and not self._task.done()

    def begin(self, arguments: Sequence[str], name: str = "") -> None:
        """Start a run with these command line arguments; `name` is its name while it runs."""
        self._stopping, self._process, self.name = False, None, name
        self._task = asyncio.create_task(self._run([*self._command, *arguments, "--json"]))

    async def _run(self, command: list[str]) -> None:
        told_end = False
        try:
            process = self._process = await start(command, nice=True)
        except OSError as error:
            self._follow({"event": "error", "message": f"Training cannot be started: {reason(error)}."})
            return
        if self._stopping:
            # `stop` was called while the process was being started.
            process.send_signal(signal.SIGINT)
        assert process.stdin is not None
        process.stdin.close()
        said: deque[str] = deque(maxlen=30)
        hearing = asyncio.create_task(_hear(process, said))
        assert process.stdout is not None
        while raw := await process.stdout.readline():
            with contextlib.suppress(ValueError):
                event = json.loads(raw)
                if isinstance(event, dict) and "event" in event:
                    if event["event"] == "error":
                        event["message"] = for_the_app(str(event.get("message", "")))
                    told_end = told_end or event["event"] in self._ends
                    self._follow(event)
        code = await process.wait()
        await hearing
        if not told_end:
            self._follow(self._last_words(code, list(said)))

    def _last_words(self, code: int, said: list[str]) -> Event:
        if self._stopping or code in _STOPPED:
            return {"event": "stopped", "message": "Stopped."}
        if code == 0:
            # A study sends no event when it ends.
            return {"event": "over"}
        lines = [line for line in said if line.strip()]
        reason = " ".join(lines[-2:]) if lines else f"it ended with code {code}"
        return {"event": "error", "message": f"Training ended early: {reason}"}

    def stop(self) -> None:
        """Ask the run to stop; a second call kills it."""
        if not self.running:
            return
        again, self._stopping, process = self._stopping, True, self._process
        if process is None or process.returncode is not None:
            return
        if again or os.name != "posix":
            end(process)
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)

    def close(self) -> None:
        """End the run with the app."""
        if self._process is not None and self._process.returncode is None:
            end(self._process)

    async def ended(self) -> None:
        """Wait a short time for the process to end."""
        await ended(self._process)


async def _hear(process: asyncio.subprocess.Process, said: deque[str]) -> None:
    assert process.stderr is not None
    with contextlib.suppress(ValueError, ConnectionError):
        while raw := await process.stderr.readline():
            said.append(raw.decode("utf-8", "replace").strip())
