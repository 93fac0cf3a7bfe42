"""Runs long work in a separate process: one job at a time, which can be cancelled and reports to the screens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from textual.message import Message

from .messages import JobEnded, JobProgress
from .service import Answerer, ServiceError


class Jobs:
    """Runs an operation of the child in a new process and posts its progress to the screens.

    Args:
        tell: posts a message, made anew for each, to every screen.
        make: makes the service of a new process.
    """

    def __init__(self, tell: Callable[[Callable[[], Message]], None], make: Callable[[], Answerer]) -> None:
        self._tell_screens = tell
        self._make = make
        self._service: Answerer | None = None
        self._task: asyncio.Task[None] | None = None
        self.running = ""

    def start(self, job: str, op: str, **parameters: Any) -> str:
        """Begin a job; returns a sentence on why it cannot begin now, or ""."""
        if self.running:
            return f"{self.running[0].upper()}{self.running[1:]} is still running; cancel it or wait for it."
        self.running = job
        self._service = self._make()
        self._task = asyncio.create_task(self._run(self._service, job, op, parameters))
        return ""

    async def _run(self, service: Answerer, job: str, op: str, parameters: dict[str, Any]) -> None:
        result, error = None, ""
        try:
            result = await service.ask(
                op, lambda data: self._tell(JobProgress(job, data.get("words", ""), data)), **parameters
            )
        except ServiceError as failure:
            error = f"{failure.message} {failure.hint}".strip()
        except asyncio.CancelledError:
            error = ""
        finally:
            service.close()
            await service.ended()
            self.running = ""
            self._service = None
        self._tell(JobEnded(job, result, error))

    def _tell(self, message: JobProgress | JobEnded) -> None:
        self._tell_screens(lambda: replace(message))

    def cancel(self) -> None:
        """End the work; what it had committed is kept."""
        if self._task is not None and not self._task.done():
            self._task.cancel()

    def close(self) -> None:
        """End the work with the app."""
        if self._service is not None:
            self._service.close()

    async def ended(self) -> None:
        """Wait a short time for the process to end."""
        if self._service is not None:
            await self._service.ended()
