"""Standard streams that may be closed, full or cut off: what fails is told in a line, and never in a traceback."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress

from ..display import flat

# What a shell reports of a program that the signal of a closed pipe (number 13) has ended.
PIPE_CLOSED = 141
FAILED = 2


def prepare() -> None:
    """Have all three streams, also where whoever started the program has closed some.

    A file that is opened later must not get the number of a closed stream: what others print would be written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = _nowhere()


def finish() -> int:
    """Write out what stdout still holds; returns an exit code, 0 where that worked."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        return _abandoned(error)
    return 0


def code_of(error: OSError) -> int:
    """Tell of an error of the system, on stderr, and return the exit code: stdout's failure, or a file's."""
    code = finish()
    if not code:
        reason = (error.strerror or str(error)).lower()
        complain(f"{_short(error.filename)}: {reason}." if error.filename else f"{reason[:1].upper()}{reason[1:]}.")
    return code or FAILED


def complain(message: str, hint: str = "") -> None:
    """An error on stderr; where that cannot be written either, the exit code alone has to tell."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"hybrid-search: {message}\n" + (f"  {hint}\n" if hint else ""))
        sys.stderr.flush()


def _abandoned(error: OSError | ValueError) -> int:
    """Let go of stdout, so that its failure is not told again when the process ends."""
    with suppress(OSError, ValueError):
        handle = os.open(os.devnull, os.O_WRONLY)
        os.dup2(handle, sys.stdout.fileno())
        os.close(handle)
    sys.stdout = _nowhere()
    if isinstance(error, OSError) and error.errno in (errno.EPIPE, errno.ESHUTDOWN):
        return PIPE_CLOSED
    complain(
        f"The output cannot be written: {((isinstance(error, OSError) and error.strerror) or str(error)).lower()}."
    )
    return FAILED


def _nowhere() -> io.TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123


def _short(name: object) -> str:
    text = flat(os.fsdecode(name) if isinstance(name, str | bytes) else str(name))
    return text if len(text) <= 300 else f"{text[:150]}…{text[-50:]}"


class _Closed(io.TextIOBase):
    """A stdout that was closed before the program began; it matters only to what has something to write."""

    encoding = "utf-8"
    errors = "strict"
    _written = False

    def writable(self) -> bool:
        return True

    def write(self, _text: str) -> int:
        self._written = True
        raise OSError(errno.EBADF, "It is closed")

    def flush(self) -> None:
        if self._written:
            raise OSError(errno.EBADF, "It is closed")
