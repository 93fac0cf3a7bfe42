"""Runs untrusted programs: limited in time and output, and ended with all of their child processes."""

from __future__ import annotations

import contextlib
import io
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from .protocol import TargetError

# Longer answers are refused.
MOST_BYTES = 64 * 1024 * 1024
# Bytes kept of the end of a program's stderr, for error messages.
_SAID = 16 * 1024
_PART = 64 * 1024
# Lines that are buffered if a program writes ahead of its reader.
_AHEAD = 8
# Seconds to wait for a program's last output after it has ended.
_GRACE = 0.3


class Slow(Exception):
    """The program did not answer in time and was killed."""


class TooMuch(Exception):
    """The program wrote more than `MOST_BYTES` and was killed."""


class Program:
    """A process in its own process group, so that its children are killed with it.

    Args:
        name: shown in messages.
        words: the program and its arguments.
        cwd: the folder that it runs in.

    Raises:
        TargetError: it cannot be run.
    """

    def __init__(self, name: str, words: Sequence[str], cwd: Path) -> None:
        own: dict[str, Any] = {} if sys.platform == "win32" else {"start_new_session": True}
        pipe = subprocess.PIPE
        try:
            # Unbuffered: closing a buffered pipe waits for the thread that writes to it.
            self._process = subprocess.Popen(
                list(words), stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd, bufsize=0, **own
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise TargetError(
                f"{name} cannot be run: {reason.lower()}.", hint="Check its path and permissions."
            ) from error
        self._said = bytearray()
        self._threads: list[threading.Thread] = []
        self._begin(self._listen, self._process.stderr)

    def _begin(self, work: Any, *arguments: Any) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _listen(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while part := stream.read(_PART):
                self._said += part
                del self._said[:-_SAID]

    def _write(self, data: bytes, last: bool) -> None:
        assert self._process.stdin is not None
        # A program may end without reading its input.
        with contextlib.suppress(OSError, ValueError):
            view = memoryview(data)
            while view:
                view = view[self._process.stdin.write(view) or 0 :]
            if last:
                self._process.stdin.close()

    @property
    def said(self) -> bytes:
        """The end of its stderr."""
        self._threads[0].join(_GRACE if self._process.poll() is not None else 0)
        return bytes(self._said)

    def end(self) -> None:
        """Kill it and its children."""
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Kill it if it runs, and close its pipes."""
        self.end()
        for thread in self._threads:
            thread.join(_GRACE)
        if not any(thread.is_alive() for thread in self._threads):
            for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()


class Once(Program):
    """A program that reads all of stdin, answers and ends."""

    def __init__(self, name: str, words: Sequence[str], cwd: Path) -> None:
        super().__init__(name, words, cwd)
        self._written = bytearray()
        self._overflown = False

    def _collect(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while part := stream.read(_PART):
                if len(self._written) + len(part) > MOST_BYTES:
                    self._overflown = True
                    self.end()
                    return
                self._written += part

    def answer(self, data: bytes, timeout: float) -> tuple[bytes, int]:
        """Its stdout and exit code.

        Raises:
            Slow: it runs longer than `timeout` seconds.
            TooMuch: it writes more than `MOST_BYTES`.
        """
        reader = self._begin(self._collect, self._process.stdout)
        self._begin(self._write, data, True)
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.end()
            raise Slow from None
        reader.join(_GRACE)
        if reader.is_alive():
            # A child still holds its stdout; its own output has arrived.
            self.end()
            reader.join(_GRACE)
        if self._overflown:
            raise TooMuch
        return bytes(self._written), code


class LineByLine(Program):
    """A program that answers each line with a line until stdin ends."""

    def __init__(self, name: str, words: Sequence[str], cwd: Path) -> None:
        super().__init__(name, words, cwd)
        self._lines: queue.Queue[bytes] = queue.Queue(_AHEAD)
        self._closing = threading.Event()
        assert isinstance(self._process.stdout, io.RawIOBase)
        self._begin(self._collect, io.BufferedReader(self._process.stdout))

    def _collect(self, stream: io.BufferedReader) -> None:
        line = b"\n"
        while line:
            try:
                line = stream.readline(MOST_BYTES + 1)
            except (OSError, ValueError):
                line = b""
            # An empty line marks the end of its output.
            while not self._closing.is_set():
                try:
                    self._lines.put(line, timeout=0.1)
                    break
                except queue.Full:
                    continue
            if self._closing.is_set():
                return

    def ahead(self) -> bytes:
        """A line that it wrote without being asked; empty if there is none."""
        if self._lines.empty():
            return b""
        line = self._lines.get()
        if not line:
            # Keep the end marker for the next `answer`.
            self._lines.put(line)
        return line

    def answer(self, data: bytes, timeout: float) -> bytes:
        """Its answer to a line; empty if it has ended.

        Raises:
            Slow: it does not answer, or does not read, in time.
            TooMuch: its line is longer than `MOST_BYTES`.
        """
        writer = self._begin(self._write, data, False)
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            self.end()
            raise Slow from None
        if line:
            writer.join(timeout)
            if writer.is_alive():
                self.end()
                raise Slow
        self._threads.remove(writer)
        if len(line) > MOST_BYTES:
            self.end()
            raise TooMuch
        return line

    def close(self) -> None:
        """Give it two seconds to end by itself, then kill it."""
        self._closing.set()
        if not any(thread.is_alive() for thread in self._threads[2:]):
            with contextlib.suppress(OSError):
                assert self._process.stdin is not None
                self._process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
        super().close()
