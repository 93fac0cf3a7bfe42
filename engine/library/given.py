"""Checks what a caller gives a library, so that a slip of the caller is never taken for damage of the library."""

from __future__ import annotations

import operator
import os
import reprlib
from collections.abc import Iterable
from pathlib import Path
from typing import SupportsIndex

from ..errors import LibraryError, several
from ..shown import without_surrogates

# The database's integers have 64 bits.
_FURTHEST = (1 << 63) - 1


def whole(value: SupportsIndex, what: str) -> int:
    """A number of passages or an id, numpy's included; one beyond the database's range is the last inside it."""
    try:
        number = operator.index(value)
    except TypeError as error:
        raise LibraryError(f"{what} is {value!r}; expected: a whole number.") from error
    return max(-_FURTHEST, min(number, _FURTHEST))


def wholes(values: Iterable[SupportsIndex], what: str) -> list[int]:
    """Several of them."""
    return [whole(each, what) for each in several(values, what)]


def text(value: str, what: str) -> str:
    """A text of a caller, with a mark for what is no character."""
    if not isinstance(value, str):
        raise LibraryError(f"{what} is {reprlib.repr(value)}; expected: a text.")
    return without_surrogates(value)


def path(value: Path | str, what: str) -> Path:
    """A path; an empty one is refused, since it would mean the current folder."""
    text = os.fspath(value) if isinstance(value, str | os.PathLike) else value
    if not isinstance(text, str) or not text or "\0" in text:
        raise LibraryError(
            f"{what} is {reprlib.repr(text)}, which names nothing.", hint="Give the path of a file or folder."
        )
    return Path(text)
