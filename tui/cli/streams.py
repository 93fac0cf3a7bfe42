"""Standard streams that may be closed, full or cut off: failures are reported in one line, never as a traceback."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from ...engine.shown import lines
from ..display import flat
from .exit_codes import PIPE_CLOSED, REFUSED

if TYPE_CHECKING:
    from typing_extensions import Buffer


def prepare() -> None:
    """Make sure that all three streams exist, even if the program was started with some closed.

    A file opened later must not get the descriptor of a closed stream: anything printed would be written into it.
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
    elif sys.stdout is sys.__stdout__ and isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout = _telling(sys.stdout)
    if sys.stderr is None:
        sys.stderr = _nowhere()


def finish() -> int:
    """Flush the streams; returns an exit code, 0 if stdout could be flushed."""
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.stderr = _let_go(sys.stderr)
    try:
        sys.stdout.flush()
    except OSError as error:
        return code_of(error)
    except ValueError:
        return 0  # it was closed, which flushed it
    return 0


def of_stdout(error: BaseException) -> bool:
    """Whether an error is the last one of writing to stdout."""
    return error is _failures.get("stdout")


def code_of(error: OSError) -> int:
    """Report a system error, of stdout or of a file, on stderr, and return the exit code."""
    reason = (error.strerror or str(error)).lower()
    if of_stdout(error):
        sys.stdout = _let_go(sys.stdout)
        if error.errno in (errno.EPIPE, errno.ESHUTDOWN):
            return PIPE_CLOSED
        complain(f"The output cannot be written: {reason}.")
    else:
        complain(f"{_short(error.filename)}: {reason}." if error.filename else f"{reason[:1].upper()}{reason[1:]}.")
    return REFUSED


def complain(message: str, hint: str = "") -> None:
    """Print an error to stderr, with the next step below it."""
    write_error(f"hybrid-search: {message}\n" + (f"  {hint}\n" if hint else ""))


def write_error(text: str) -> None:
    """Write lines to stderr without control characters; if that fails, only the exit code reports the error."""
    with suppress(OSError, ValueError):
        sys.stderr.write(lines(text))
        sys.stderr.flush()


def _let_go(stream: TextIO) -> TextIO:
    """Redirect a stream to nowhere, so that it does not fail again at exit; returns a stream to replace it."""
    with suppress(OSError, ValueError):
        handle = os.open(os.devnull, os.O_WRONLY)
        os.dup2(handle, stream.fileno())
        os.close(handle)
    return _nowhere()


def _nowhere() -> io.TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123


def _short(name: object) -> str:
    text = flat(os.fsdecode(name) if isinstance(name, str | bytes) else str(name))
    return text if len(text) <= 300 else f"{text[:150]}…{text[-50:]}"


# The last failed write to a stream: an OSError does not say whether it comes from a stream or a file.
_failures: dict[str, OSError] = {}


class _Telling(io.FileIO):
    """The raw file of stdout, which remembers a failed write."""

    def write(self, data: Buffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            _failures["stdout"] = error
            raise


def _telling(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """The same stream over a raw file that remembers failed writes."""
    stream.flush()
    raw = _Telling(stream.fileno(), "wb", closefd=False)
    return io.TextIOWrapper(
        # With PYTHONUNBUFFERED the bytes must not be buffered either, so that each line is written at once.
        cast(BinaryIO, raw) if stream.write_through else io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class _Closed(io.TextIOBase):
    """A stdout that was closed before the program began; it fails only when something is written."""

    encoding = "utf-8"
    errors = "strict"

    def writable(self) -> bool:
        return True

    def write(self, _text: str) -> int:
        _failures["stdout"] = OSError(errno.EBADF, "It is closed")
        raise _failures["stdout"]
