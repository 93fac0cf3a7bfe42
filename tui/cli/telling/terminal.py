"""Progress in the terminal's tab or task bar (OSC 9;4), if the terminal does not show that as a notification."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import IO

_UNKNOWN, _SHARE, _NONE = 3, 1, 0
# The first version of iTerm2 that takes OSC 9;4 as progress; earlier ones show every OSC 9 as a notification.
_ITERM = (3, 6, 6)


class TabProgress:
    """Progress in a terminal's tab; does nothing if the stream is not a terminal.

    Args:
        stream: the terminal.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._able = _is_able(stream)
        self._shown = ""

    def show(self, done: int, total: int) -> None:
        """Show the share of a stage that is done, or only that work goes on if the total is unknown."""
        share = max(0, min(100, 100 * done // total)) if total > 0 else 0
        self._write(f"{_SHARE};{share}" if total > 0 else f"{_UNKNOWN};0")

    def clear(self) -> None:
        """Remove the progress."""
        if self._shown:
            self._write(f"{_NONE};0")
            self._shown = ""

    def _write(self, state: str) -> None:
        if not self._able or state == self._shown:
            return
        self._shown = state
        with suppress(OSError, ValueError):
            self._stream.write(f"\x1b]9;4;{state}\x1b\\")
            self._stream.flush()


def _is_able(stream: IO[str]) -> bool:
    try:
        if not stream.isatty() or os.environ.get("TERM", "dumb") in ("dumb", "linux", ""):
            return False
    except (OSError, ValueError):
        return False
    if os.environ.get("TERM_PROGRAM") == "iTerm.app":
        version = re.findall(r"\d+", os.environ.get("TERM_PROGRAM_VERSION", ""))
        return tuple(map(int, version[:3])) >= _ITERM
    return True
