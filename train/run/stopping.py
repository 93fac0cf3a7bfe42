"""Stops a run on request, even if the `KeyboardInterrupt` is swallowed.

Python raises `KeyboardInterrupt` wherever the program happens to be. A finaliser, a callback of an extension or an
import that catches everything swallows it, and the run would continue. So the request is recorded, and raised again at
the run's next event.
"""

from __future__ import annotations

import signal
import threading
from typing import Any

_asked = threading.Event()


def listen() -> None:
    """Record requests from now on; does nothing outside the main thread, which alone may handle signals."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is not _hear:
        signal.signal(signal.SIGINT, _hear)


def _hear(_number: int, _frame: Any) -> None:
    _asked.set()
    raise KeyboardInterrupt


def heed() -> None:
    """Raise a recorded request again.

    Raises:
        KeyboardInterrupt: a stop was requested; once for each request.
    """
    if _asked.is_set():
        _asked.clear()
        raise KeyboardInterrupt


def answered() -> None:
    """Clear the recorded request, so that it does not stop the next run."""
    _asked.clear()
