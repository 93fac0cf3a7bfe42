"""Programs as targets: one run for every question, or one that answers line by line; each is a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import IO, Any

from .answers import answers_in
from .protocol import DEPTH, Answer, Options, Question, TargetError

# A line longer than this is no answer.
_MOST_BYTES = 64 * 1024 * 1024


def open_target(scheme: str, place: str, options: Options) -> Command | Lines:
    """The program of a command line.

    Raises:
        TargetError: the line is empty or badly quoted, or there is no such program.
    """
    try:
        words = shlex.split(place, posix=os.name != "nt")
    except ValueError as error:
        raise TargetError(
            f"The command {place!r:.200} cannot be read ({error}).", hint="Close its quotation marks."
        ) from error
    if not words:
        raise TargetError(f"{scheme}: names no command.", hint=f"For instance {scheme}:'python ask.py'.")
    if shutil.which(words[0]) is None and not (options.cwd / words[0]).is_file():
        raise TargetError(f"There is no program {words[0]}.", hint="Name one on the PATH, or give its path.")
    return (Command if scheme == "command" else Lines)(place, words, options)


class Command:
    """Runs a program for each question: its text on stdin, JSON on stdout.

    Args:
        line: the command line, as reports name it.
        words: the program and its arguments, in which {k} and {language} are filled in.
        options: the folder to run in, the time an answer may take, the names of fields.
    """

    depth: int | None = DEPTH

    def __init__(self, line: str, words: Sequence[str], options: Options) -> None:
        self.name = f"command:{line}"
        self._words, self._options = list(words), options

    def prepare(self, questions: Sequence[Question]) -> None:
        """Nothing is to be done."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """What the program writes.

        Raises:
            TargetError: it cannot be run, fails, takes too long, or writes no JSON.
        """
        words = [word.replace("{k}", str(k)).replace("{language}", question.language) for word in self._words]
        with _started(self.name, words, self._options) as process:
            try:
                written, said = process.communicate(question.text.encode(), timeout=self._options.timeout)
            except subprocess.TimeoutExpired:
                _end(process)
                raise _slow(self.name, question, self._options) from None
        if process.returncode:
            raise TargetError(
                f"{self.name} ended with code {process.returncode} on question {question.id}{_last(said)}.",
                hint="Run it by hand with that question on stdin.",
            )
        return answers_in(
            _json(written, self.name, question), self._options.fields, f"{self.name}, question {question.id}"
        )

    def languages(self) -> Mapping[str, int]:
        """Nothing is known of the collection."""
        return {}

    def close(self) -> None:
        """Nothing is held."""


class Lines:
    """Runs a program once; a question is a line of JSON to it, an answer a line of JSON from it.

    A question is {"id", "language", "question", "k"}. What a program writes to stderr is kept for its error's message.

    Args:
        line: the command line, as reports name it.
        words: the program and its arguments.
        options: the folder to run in, the time an answer may take, the names of fields.
    """

    depth: int | None = DEPTH

    def __init__(self, line: str, words: Sequence[str], options: Options) -> None:
        self.name = f"lines:{line}"
        self._options = options
        self._said: deque[bytes] = deque(maxlen=5)
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._process = _started(self.name, words, options)
        assert self._process.stdout is not None and self._process.stderr is not None
        self._readers = [
            threading.Thread(target=_read, args=(self._process.stdout, self._lines.put, True), daemon=True),
            threading.Thread(target=_read, args=(self._process.stderr, self._said.append, False), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def prepare(self, questions: Sequence[Question]) -> None:
        """Nothing is to be done."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The next line that the program writes.

        Raises:
            TargetError: it has ended, takes too long, or writes no JSON.
        """
        row = {"id": question.id, "language": question.language, "question": question.text, "k": k}
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            self._process.stdin.flush()
            line = self._lines.get(timeout=self._options.timeout)
        except queue.Empty:
            raise _slow(self.name, question, self._options) from None
        except OSError:
            line = b""
        if not line:
            _end(self._process)
            self._readers[1].join(5)
            raise TargetError(
                f"{self.name} ended before it answered question {question.id}{_last(b''.join(self._said))}.",
                hint="It has to answer each line of stdin by one line of stdout, at once, until stdin ends.",
            )
        return answers_in(
            _json(line, self.name, question), self._options.fields, f"{self.name}, question {question.id}"
        )

    def languages(self) -> Mapping[str, int]:
        """Nothing is known of the collection."""
        return {}

    def close(self) -> None:
        """End the program."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            _end(self._process)
        for reader in self._readers:
            reader.join(5)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()


def _started(name: str, words: Sequence[str], options: Options) -> subprocess.Popen[bytes]:
    """The program, in a group of its own, so that what it starts ends with it."""
    own: dict[str, Any] = {} if sys.platform == "win32" else {"start_new_session": True}
    try:
        return subprocess.Popen(
            list(words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=options.cwd,
            **own,
        )
    except OSError as error:
        raise TargetError(
            f"{name} cannot be run: {(error.strerror or str(error)).lower()}.", hint="Check its path and permissions."
        ) from error


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read(stream: IO[bytes], give: Any, marked: bool) -> None:
    """Lines until the stream ends; the end is an empty line where it is to be marked."""
    with contextlib.suppress(OSError, ValueError):
        while line := stream.readline(_MOST_BYTES):
            give(line)
    if marked:
        give(b"")


def _json(written: bytes, name: str, question: Question) -> Any:
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        words = written.decode("utf-8", "replace").strip()
        told = f"{words[:80]!r}" if words else "nothing"
        raise TargetError(
            f"{name} wrote {told} for question {question.id}, which is no JSON.",
            hint='A list of ids will do: ["a1", "b2"]; all else belongs on stderr.',
        ) from None


def _slow(name: str, question: Question, options: Options) -> TargetError:
    return TargetError(
        f"{name} did not answer question {question.id} within {options.timeout:g} seconds.",
        hint="Give it longer with --timeout.",
    )


def _last(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1][:200].rstrip('.')}" if lines else ""
