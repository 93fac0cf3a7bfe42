"""Stop requests for a run that are never lost, whenever they arrive.

Python raises `KeyboardInterrupt` wherever the program happens to be. Where that is a finaliser, a callback of an
extension or an import that catches everything, it is let go, and the run would continue as if nobody had asked. So the
request is remembered, and made again with the run's next event.
"""

from __future__ import annotations

import signal
import threading
from typing import Any

_asked = threading.Event()


def listen() -> None:
    """Remember requests from now on; where signals are not the caller's to take, nothing changes."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is not _hear:
        signal.signal(signal.SIGINT, _hear)


def _hear(_number: int, _frame: Any) -> None:
    _asked.set()
    raise KeyboardInterrupt


def heed() -> None:
    """Make the request again that nobody answered.

    Raises:
        KeyboardInterrupt: somebody asked to stop; once for each request.
    """
    if _asked.is_set():
        _asked.clear()
        raise KeyboardInterrupt


def answered() -> None:
    """The request is being followed: the next run is not stopped by it."""
    _asked.clear()
