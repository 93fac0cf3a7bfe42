"""Defines a request as operations see it, and the results that they may return."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ...engine.errors import LibraryError

Operation = Callable[..., Any]
_PROGRESS_SECONDS = 0.1


class Cancelled(Exception):
    """The app dropped the request."""


class LibraryGone(LibraryError):
    """The file of the open library is not there any more, or is another one."""


class Later:
    """A slow result that needs neither library nor encoder: it is computed in a thread, beside other requests."""

    def __init__(self, finish: Callable[[], dict[str, Any]]) -> None:
        self.finish = finish


class Request:
    """One request as an operation sees it: it takes progress, and says whether the app dropped it."""

    def __init__(self, number: int, send: Callable[[dict[str, Any]], None], is_cancelled: Callable[[], bool]) -> None:
        self.number = number
        self._send = send
        self._is_cancelled = is_cancelled
        self._last = 0.0

    def tell(self, **progress: Any) -> None:
        """Send progress now."""
        self._send({"id": self.number, "progress": progress})

    def count(self, **progress: Any) -> None:
        """Send progress at most every `_PROGRESS_SECONDS`: for counters that run fast."""
        now = time.monotonic()
        if now - self._last >= _PROGRESS_SECONDS:
            self._last = now
            self.tell(**progress)

    @property
    def cancelled(self) -> bool:
        """Whether the app dropped the request."""
        return self._is_cancelled()

    def check(self) -> None:
        """Raise `Cancelled` if the app dropped the request."""
        if self.cancelled:
            raise Cancelled
