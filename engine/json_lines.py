"""JSON lines, packed or not, read line by line; errors of damaged files name the file and the line."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from .errors import DataError

_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
# What unpacking and reading raise on files that are damaged; they share no base.
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError)


class BadLine(ValueError):
    """A line that holds no JSON, with the reason; the lines after it can be read."""


def open_text(path: Path) -> IO[str]:
    """A text file in UTF-8 with or without a mark, packed or not, with its line ends as they are."""
    opener = _OPENERS.get(path.suffix.lower(), open)
    file: IO[str] = opener(path, "rt", encoding="utf-8-sig", newline="")
    return file


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is not blank, without its end.

    Raises:
        DataError: the file cannot be read to its end, or is not UTF-8.

    """
    for number, line in raw_lines(path):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path}, line {number}: not UTF-8 ({error.reason}).", hint="Save the file as UTF-8."
            ) from error
        yield number, text


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Number and value of each line that is not blank; a value that is a `BadLine` says why there is none.

    Raises:
        DataError: the file cannot be read to its end.

    """
    for number, line in raw_lines(path):
        yield number, _value(line)


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line that is not blank, without its end and without a mark at the file's start.

    Raises:
        DataError: the file cannot be read to its end.

    """
    opener = _OPENERS.get(path.suffix.lower(), open)
    try:
        with opener(path, "rb") as lines:
            for number, line in enumerate(lines, start=1):
                content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if content.strip():
                    yield number, content.rstrip(b"\r\n")
    except DAMAGE as error:
        raise DataError(f"{path} cannot be read to its end ({error}).", hint="Fetch or copy it again.") from error


def _value(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return BadLine(f"not UTF-8 ({error.reason})")
    except json.JSONDecodeError as error:
        return BadLine(f"not JSON ({error.msg} at column {error.colno})")
    except (RecursionError, ValueError) as error:
        return BadLine(f"not JSON that can be read ({type(error).__name__})")
