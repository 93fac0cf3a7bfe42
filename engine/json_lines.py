"""Reads JSON and lines of text from files, compressed or not; errors name the file and the line."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from .errors import DataError, reason
from .files import refuse_waiting

_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_PACKED: tuple[tuple[bytes, Callable[..., Any]], ...] = ((b"\x1f\x8b", gzip.open), (b"\xfd7zXZ\0", lzma.open))
# A longer line is an error: the file has no line ends, or unpacks without end.
MOST_IN_LINE = 64 * 2**20
_MARK = b"\xef\xbb\xbf"
# First bytes of files that are not UTF-8 text, whatever their names: what they are, and the next step.
_FOREIGN = (
    (b"\xff\xfe", "is in UTF-16", "Save it as UTF-8."),
    (b"\xfe\xff", "is in UTF-16", "Save it as UTF-8."),
    (b"PAR1", "is a Parquet file", "Export its rows as JSON lines."),
    (b"PK\x03\x04", "is a zip archive", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "is packed by zstd", "Unpack it first, or pack it by gzip."),
)
# The most bytes of a JSON file, unpacked: more would fill the memory.
_MOST_BYTES = 256 * 1024 * 1024
# The errors of unpacking and reading damaged files, which have no common base.
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError)


class BadLine(ValueError):
    """A line or file that is not JSON, with the reason and the next step; later lines can be read."""

    def __init__(self, reason: str, hint: str = "Correct or remove that line.") -> None:
        super().__init__(reason)
        self.hint = hint


def unpacked_name(path: Path) -> str:
    """The name of a file without the suffix of its compression."""
    return path.stem if path.suffix.lower() in _OPENERS else path.name


def opened(path: Path) -> IO[bytes]:
    """A file's bytes, unpacked if its first bytes or its name say that it is compressed.

    Raises:
        OSError: it cannot be opened. Reading from it may raise any of `DAMAGE`.

    """
    refuse_waiting(path)
    if not path.is_file():
        # A pipe can be read only once; opening a folder raises the right error.
        return path.open("rb")
    with path.open("rb") as file:
        start = file.read(6)
    opener = next((each for magic, each in _PACKED if start.startswith(magic)), None)
    # Browsers unpack some downloads without renaming them: text is not compressed, whatever the name.
    if opener is None and not (start and _is_text(start)):
        opener = _OPENERS.get(path.suffix.lower())
    return path.open("rb") if opener is None else opener(path, "rb")


def _is_text(start: bytes) -> bool:
    return not start.startswith(b"BZh") and start.removeprefix(_MARK).isascii() and not re.search(rb"[\0-\x08]", start)


def every_line(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line with its end, without a byte order mark at its start.

    Raises:
        DataError: the file cannot be read completely, has a line of more than 64 MB, or is by its first bytes not UTF-8
            text.

    """
    try:
        with opened(path) as lines:
            for number, line in enumerate(_lines(lines), start=1):
                if len(line) > MOST_IN_LINE:
                    raise DataError(
                        f"{path}, line {number}: longer than {MOST_IN_LINE >> 20} MB.",
                        hint="Give each row its own line.",
                    )
                if number == 1:
                    _refuse_foreign(path, line)
                # Concatenated files have marks inside.
                yield number, line.removeprefix(_MARK)
    except DAMAGE as error:
        raise _damaged(path, error) from error


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    first = file.readline(MOST_IN_LINE + 1)
    # Old programs, and Excel for the Mac, end lines with a carriage return alone.
    old = not first.endswith(b"\n") and len(first) <= MOST_IN_LINE
    yield from first.splitlines(keepends=True) if old else (first,)
    yield from iter(partial(file.readline, MOST_IN_LINE + 1), b"")


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line that is not blank, without its end and mark; raises as `every_line`."""
    for number, line in every_line(path):
        if line.strip():
            yield number, line.rstrip(b"\r\n")


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is not blank, without its end.

    Raises:
        DataError: the file cannot be read completely, or is not UTF-8.

    """
    for number, line in raw_lines(path):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _not_utf8(path, number, error) from error
        yield number, text


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Number and value of each line that is not blank; the value of a line that is not JSON is a `BadLine`.

    Raises:
        DataError: the file cannot be read completely.

    """
    for number, line in raw_lines(path):
        yield number, json_value(line)


def json_value(line: str | bytes) -> Any:
    """The value of a line, or a `BadLine` with the reason if it is not JSON."""
    try:
        return json.loads(line if isinstance(line, str) else line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return BadLine(f"not UTF-8 ({error.reason})", "Save the file as UTF-8.")
    except json.JSONDecodeError as error:
        return BadLine(f"not JSON ({error.msg}, column {error.colno})")
    except (RecursionError, ValueError) as error:
        return BadLine(f"not JSON that can be read ({type(error).__name__})")


def json_document(path: Path, *, names_once: bool = False) -> Any:
    """The value of a JSON file, or the list of values of a JSON lines file; a `BadLine` if it is neither.

    Args:
        path: the file.
        names_once: refuse objects with a repeated name, of which JSON keeps the last.

    Raises:
        DataError: the file cannot be read completely, or is not UTF-8.

    """
    try:
        with opened(path) as file:
            content = file.read(_MOST_BYTES + 1)
    except DAMAGE as error:
        raise _damaged(path, error) from error
    if len(content) > _MOST_BYTES:
        raise DataError(f"{path}: larger than {_MOST_BYTES:,} bytes.", hint="Write it as JSON lines, a row a line.")
    _refuse_foreign(path, content)
    content = content.removeprefix(_MARK)
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=_named_once if names_once else None)
    except BadLine as error:
        return error
    except UnicodeDecodeError as error:
        raise _not_utf8(path, content.count(b"\n", 0, error.start) + 1, error) from error
    except json.JSONDecodeError as error:
        whole = BadLine(f"line {error.lineno}: not JSON, {error.msg} at column {error.colno}")
    except (RecursionError, ValueError, MemoryError) as error:
        return BadLine(f"not JSON that can be read, {type(error).__name__}")
    values = [(number, json_value(line)) for number, line in raw_lines(path)]
    if len(values) < 2 or not isinstance(values[0][1], dict):
        return whole
    bad = next(((number, value) for number, value in values if isinstance(value, BadLine)), None)
    return BadLine(f"line {bad[0]}: {bad[1]}") if bad else [value for _, value in values]


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise BadLine(f"{name!r:.60} occurs twice")
    return found


def _refuse_foreign(path: Path, start: bytes) -> None:
    for magic, what, step in _FOREIGN:
        if start.startswith(magic):
            raise DataError(f"{path}, line 1: the file {what}.", hint=step)
    # In UTF-16 without a mark, every other byte of Latin letters is 0.
    if b"\0" in start[:2] and start[:4].count(0) == 2:
        raise DataError(f"{path}, line 1: the file is in UTF-16.", hint="Save it as UTF-8.")


def _damaged(path: Path, error: BaseException) -> DataError:
    if isinstance(error, FileNotFoundError):
        return DataError(f"There is no file {path}.", hint="Check its name.")
    if isinstance(error, OSError) and error.strerror:
        return DataError(f"{path} cannot be read: {reason(error)}.", hint="Give a file that can be read.")
    return DataError(f"{path} cannot be read to its end ({error}).", hint="Fetch or copy it again.")


def _not_utf8(path: Path, number: int, error: UnicodeDecodeError) -> DataError:
    return DataError(f"{path}, line {number}: not UTF-8 ({error.reason}).", hint="Save the file as UTF-8.")
