"""A Python function as a target, called in this process with a question and the number of answers."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .answers import answers_in
from .protocol import DEPTH, Answer, Options, Question, TargetError


def open_target(scheme: str, place: str, options: Options) -> Function:
    """The function that MODULE:FUNCTION names; modules are also searched for in `options.cwd`.

    Raises:
        TargetError: there is no such module or function, or importing it fails.
    """
    module_name, _, path = place.partition(":")
    if not path or not all(part.isidentifier() for part in module_name.split(".")):
        raise TargetError(f"python:{place} names no function.", hint="Write python:MODULE:FUNCTION.")
    folder = str(options.cwd.absolute())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        with _foreign():
            found: Any = importlib.import_module(module_name)
            for part in path.split("."):
                found = getattr(found, part)
    except _Failed as failed:
        error = failed.error
        if isinstance(error, ImportError):
            raise TargetError(
                f"The module {module_name} cannot be imported: {error}.",
                hint="Run this in the folder that contains it.",
            ) from error
        if isinstance(error, AttributeError) and module_name in sys.modules:
            raise TargetError(
                f"The module {module_name} has no {path}.", hint="Name a function that it has."
            ) from error
        raise TargetError(f"Importing {module_name} failed: {_said(error)}.", hint="Fix the module.") from error
    if not callable(found):
        raise TargetError(
            f"{path} of {module_name} is not a function but {type(found).__name__}.",
            hint="Name a function that it has.",
        )
    return Function(f"python:{place}", found, options)


class Function:
    """Calls a function.

    Args:
        name: shown in reports.
        function: takes a question and, if it takes two arguments, the number of answers; may be a coroutine. It
            returns ids, pairs of ids and scores, mappings, or objects of LangChain and LlamaIndex.
        options: the names of fields.
    """

    depth: int | None = DEPTH

    def __init__(self, name: str, function: Callable[..., Any], options: Options | None = None) -> None:
        self.name = name
        self._function = function
        self._fields = options.fields if options is not None else {}
        self._takes_k = _places(function) != 1
        # One loop for all questions: clients of a coroutine's module live as long as the loop of their first call.
        self._runner = asyncio.Runner()

    def prepare(self, questions: Sequence[Question]) -> None:
        """Do nothing."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The answers that the function returns.

        Raises:
            TargetError: it raises, or returns something other than answers.
        """
        try:
            with _foreign():
                found = self._function(question.text, k) if self._takes_k else self._function(question.text)
                if inspect.isawaitable(found):
                    found = self._runner.run(_awaited(found))
                if isinstance(found, Iterator):
                    # A generator runs only now, and may be infinite.
                    found = list(itertools.islice(found, k + 1))
        except _Failed as failed:
            error = failed.error
            raise TargetError(f"{self.name} failed on question {question.id}: {_said(error)}.") from error
        return answers_in(found, self._fields, f"{self.name}, question {question.id}")

    def languages(self) -> Mapping[str, int]:
        """Empty: the collection's languages are unknown."""
        return {}

    def close(self) -> None:
        """Close the loop of coroutines."""
        with contextlib.suppress(_Failed), _foreign():
            self._runner.close()


class _Failed(Exception):
    """Wraps an exception of foreign code."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


@contextlib.contextmanager
def _foreign() -> Iterator[None]:
    """Runs foreign code: its stdout goes to stderr, and it cannot end this process.

    Raises:
        _Failed: for any exception, `SystemExit` and panics of extensions included, except KeyboardInterrupt.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise _Failed(error) from error


async def _awaited(found: Any) -> Any:
    return await found


def _places(function: Callable[..., Any]) -> int:
    """How many positional arguments a function takes; 2 if unknown."""
    try:
        kinds = [each.kind for each in inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        return 2
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return 2
    return sum(kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD) for kind in kinds)


def _said(error: BaseException) -> str:
    words = str(error).strip().splitlines()
    return f"{type(error).__name__}: {words[0][:200]}" if words else type(error).__name__
