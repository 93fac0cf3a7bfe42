"""Defines the errors that a user can cause: each names the thing, the cause and the next step."""

from __future__ import annotations

import operator
import reprlib
from collections.abc import Iterable
from os import PathLike
from typing import SupportsIndex, TypeVar

Given = TypeVar("Given")


class HybridSearchError(Exception):
    """An expected failure, shown to the user as one message and never as a traceback.

    Args:
        message: the thing and the cause, one sentence.
        hint: the next step, one sentence; shown after the message.
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The message with its hint."""
        return f"{self.message} {self.hint}".strip()


class UnreadableDocument(HybridSearchError):
    """A file whose text is not available; the rest of the folder is indexed."""

    exit_code = 1


class UnknownEncoder(HybridSearchError):
    """A name of no trained or bundled encoder, no folder, and no Hugging Face model that can be loaded here."""


class EncoderError(HybridSearchError):
    """An encoder that exists but cannot be used: damaged, incomplete, of another dimension than it claims."""


class LibraryError(HybridSearchError):
    """A library on disk that is missing, damaged, of a newer version, or in use by another writer."""


class EmptyLibrary(LibraryError):
    """A library without passages, asked for something that needs some."""

    def __init__(
        self,
        message: str = "The library has no passages yet.",
        *,
        hint: str = "`hybrid-search index DIR` puts documents into it.",
    ) -> None:
        super().__init__(message, hint=hint)


class LibraryBusy(LibraryError):
    """A library that another process is writing to; the same call may succeed once that has finished."""


class DataError(HybridSearchError):
    """Training or benchmark data that cannot be read or is not suitable for the task."""


class TrainingError(HybridSearchError):
    """A training run that cannot start or had to stop; the message says what is kept."""


def reason(error: BaseException) -> str:
    """Why something failed, without the number and the paths that Python puts around the system's words."""
    said = getattr(error, "strerror", None)
    return said.lower() if said else str(error)


def several(given: Iterable[Given], what: str, kind: type = object) -> tuple[Given, ...]:
    """The entries of an argument that takes several, also from a generator.

    Raises:
        DataError: it is a single text or path, whose characters are not meant, or an entry is of another kind.
    """
    if isinstance(given, str | bytes | PathLike) or not isinstance(given, Iterable):
        raise DataError(f"{what} is {reprlib.repr(given)}; expected: a list.", hint="Put a single one in brackets.")
    found = tuple(given)
    other = [each for each in found if not isinstance(each, kind)]
    if other:
        called = "texts" if kind is str else kind.__name__
        raise DataError(f"{what} has the entry {reprlib.repr(other[0])}; expected: {called}.")
    return found


def whole(given: SupportsIndex, what: str, least: int = 0) -> int:
    """A whole number, numpy's included, that is not below the least one.

    Raises:
        DataError: it is none.
    """
    try:
        number = operator.index(given)
    except TypeError:
        number = least - 1
    if number < least:
        raise DataError(f"{what} is {reprlib.repr(given)}; expected: a whole number from {least} on.")
    return number
