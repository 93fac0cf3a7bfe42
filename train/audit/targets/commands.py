"""Programs as targets: run once per question, or once for all with one line per question."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from . import processes
from .answers import answers_in
from .processes import LineByLine, Once, Slow, TooMuch
from .protocol import DEPTH, Answer, Options, Question, TargetError


def open_target(scheme: str, place: str, options: Options) -> Command | Lines:
    """The target of a command line.

    Raises:
        TargetError: the line is badly quoted, or there is no such program.
    """
    try:
        words = shlex.split(place, posix=os.name != "nt")
    except ValueError as error:
        raise TargetError(
            f"The command {place!r:.200} cannot be read ({error}).", hint="Close its quotation marks."
        ) from error
    if shutil.which(words[0]) is None and not (options.cwd / words[0]).is_file():
        raise TargetError(f"There is no program {words[0]}.", hint="Name one on the PATH, or give its path.")
    return (Command if scheme == "command" else Lines)(place, words, options)


class Command:
    """Runs a program for each question: its text on stdin, JSON on stdout.

    Args:
        line: the command line, shown in reports.
        words: the program and its arguments, in which {k} and {language} are filled in.
        options: the folder to run in, the timeout and the names of fields.
    """

    depth: int | None = DEPTH

    def __init__(self, line: str, words: Sequence[str], options: Options) -> None:
        self.name = f"command:{line}"
        self._words, self._options = list(words), options

    def prepare(self, questions: Sequence[Question]) -> None:
        """Do nothing."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The answers that the program writes.

        Raises:
            TargetError: it cannot be run, fails, takes too long, writes too much or no JSON.
        """
        words = [word.replace("{k}", str(k)).replace("{language}", question.language) for word in self._words]
        program = Once(self.name, words, self._options.cwd)
        try:
            written, code = program.answer(question.text.encode("utf-8", "replace"), self._options.timeout)
            said = program.said if code else b""
        except Slow:
            raise _slow(self.name, question, self._options) from None
        except TooMuch:
            raise _too_much(self.name, question) from None
        finally:
            program.close()
        if code:
            raise TargetError(
                f"{self.name} {_ended(code)} on question {question.id}{_last(said)}.",
                hint="Run it by hand with that question on stdin.",
            )
        return answers_in(
            _json(written, self.name, question), self._options.fields, f"{self.name}, question {question.id}"
        )

    def languages(self) -> Mapping[str, int]:
        """Empty: the collection's languages are unknown."""
        return {}

    def close(self) -> None:
        """Do nothing."""


class Lines:
    """Runs a program once: it gets a line of JSON per question and answers each with a line of JSON.

    A question is {"id", "language", "question", "k"}. Error messages quote the program's stderr.

    Args:
        line: the command line, shown in reports.
        words: the program and its arguments.
        options: the folder to run in, the timeout and the names of fields.
    """

    depth: int | None = DEPTH

    def __init__(self, line: str, words: Sequence[str], options: Options) -> None:
        self.name = f"lines:{line}"
        self._options = options
        self._before = ""
        self._program = LineByLine(self.name, words, options.cwd)

    def prepare(self, questions: Sequence[Question]) -> None:
        """Do nothing."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The answers in the next line that the program writes.

        Raises:
            TargetError: it has ended, takes too long, writes no JSON, or more than one line for a question.
        """
        surplus = self._program.ahead()
        if surplus:
            told = surplus[:60].decode("utf-8", "replace").strip()
            before = f"more than one line for question {self._before}" if self._before else "before it was asked"
            raise TargetError(f"{self.name} wrote {before}: {told!r}.", hint=_ONE_LINE)
        row = {"id": question.id, "language": question.language, "question": question.text, "k": k}
        try:
            asked = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
            line = self._program.answer(asked, self._options.timeout)
        except Slow:
            raise _slow(self.name, question, self._options) from None
        except TooMuch:
            raise _too_much(self.name, question) from None
        if not line:
            self._program.end()
            raise TargetError(
                f"{self.name} ended before it answered question {question.id}{_last(self._program.said)}.",
                hint=_ONE_LINE,
            )
        self._before = question.id
        return answers_in(
            _json(line, self.name, question), self._options.fields, f"{self.name}, question {question.id}"
        )

    def languages(self) -> Mapping[str, int]:
        """Empty: the collection's languages are unknown."""
        return {}

    def close(self) -> None:
        """End the program."""
        self._program.close()


_ONE_LINE = "It must answer each line of stdin immediately with one line of stdout, until stdin ends."


def _json(written: bytes, name: str, question: Question) -> Any:
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        words = written.decode("utf-8", "replace").strip()
        told = f"{words[:80]!r}" if words else "nothing"
        raise TargetError(
            f"{name} wrote {told} for question {question.id}, which is not JSON.",
            hint='A list of ids is enough: ["a1", "b2"]; write everything else to stderr.',
        ) from None


def _slow(name: str, question: Question, options: Options) -> TargetError:
    return TargetError(
        f"{name} did not answer question {question.id} within {options.timeout:g} seconds.",
        hint="Allow more time with --timeout.",
    )


def _too_much(name: str, question: Question) -> TargetError:
    return TargetError(
        f"{name} wrote more than {processes.MOST_BYTES // 2**20} MB for question {question.id}.",
        hint='A list of ids is enough: ["a1", "b2"]; write everything else to stderr.',
    )


def _ended(code: int) -> str:
    """How a program failed: by a signal or an exit code."""
    if code < 0 and os.name != "nt":
        known = {each.value: each.name for each in signal.Signals}
        return f"was ended by {known.get(-code, f'signal {-code}')}"
    return f"ended with code {code}"


def _last(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1][:200].rstrip('.')}" if lines else ""
