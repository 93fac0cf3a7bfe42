"""A Python function as a target: called with a question and how many answers, in this process."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .answers import answers_in
from .protocol import DEPTH, Answer, Options, Question, TargetError


def open_target(scheme: str, place: str, options: Options) -> Function:
    """The function that MODULE:FUNCTION names; modules are looked for in the folder at hand, too.

    Raises:
        TargetError: there is no such module or function, or importing it fails.
    """
    module_name, _, path = place.partition(":")
    if not module_name or not path:
        raise TargetError(f"python:{place} names no function.", hint="Write python:MODULE:FUNCTION.")
    folder = str(options.cwd.absolute())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        found: Any = importlib.import_module(module_name)
        for part in path.split("."):
            found = getattr(found, part)
    except ImportError as error:
        raise TargetError(
            f"The module {module_name} cannot be imported: {error}.", hint="Run this in the folder where it is."
        ) from error
    except AttributeError as error:
        raise TargetError(f"The module {module_name} has no {path}.", hint="Name a function that it has.") from error
    except Exception as error:
        raise TargetError(f"Importing {module_name} failed: {_said(error)}.", hint="Mend the module.") from error
    if not callable(found):
        raise TargetError(f"{path} of {module_name} is no function but {type(found).__name__}.")
    return Function(f"python:{place}", found, options)


class Function:
    """Calls a function.

    Args:
        name: as reports name it.
        function: takes a question and, unless it takes one argument alone, how many answers; may be a coroutine. It
            gives ids, pairs of ids and scores, mappings, or objects of LangChain and LlamaIndex.
        options: the names of fields.
    """

    depth: int | None = DEPTH

    def __init__(self, name: str, function: Callable[..., Any], options: Options | None = None) -> None:
        self.name = name
        self._function = function
        self._fields = options.fields if options is not None else {}
        self._takes_k = _places(function) != 1

    def prepare(self, questions: Sequence[Question]) -> None:
        """Nothing is to be done."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """What the function gives.

        Raises:
            TargetError: it raises, or gives no answers.
        """
        try:
            found = self._function(question.text, k) if self._takes_k else self._function(question.text)
            if inspect.isawaitable(found):
                found = asyncio.run(_awaited(found))
        except Exception as error:
            raise TargetError(f"{self.name} failed on question {question.id}: {_said(error)}.") from error
        return answers_in(found, self._fields, f"{self.name}, question {question.id}")

    def languages(self) -> Mapping[str, int]:
        """Nothing is known of the collection."""
        return {}

    def close(self) -> None:
        """Nothing is held."""


async def _awaited(found: Any) -> Any:
    return await found


def _places(function: Callable[..., Any]) -> int:
    """How many arguments can be given by place; 2 where that cannot be told."""
    try:
        kinds = [each.kind for each in inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        return 2
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return 2
    return sum(kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD) for kind in kinds)


def _said(error: Exception) -> str:
    words = str(error).strip().splitlines()
    return f"{type(error).__name__}: {words[0][:200]}" if words else type(error).__name__
