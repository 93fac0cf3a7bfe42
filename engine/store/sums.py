"""Computes checksums of stored passages, vectors and encoders, to detect flipped bits and swapped rows."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

Value = str | bytes | int | float | None

_BETWEEN = b"\x1f"


class Text(bytes):
    """The bytes of a text in the database, whether UTF-8 or not."""


def sum_of(values: Iterable[Value], begun: int = 0) -> int:
    """CRC-32 over values and their types, as a signed 32-bit number: four bytes in the database.

    `begun` is the result of `sum_begun` for the values before these.
    """
    return _signed(zlib.crc32(_joined(values), begun))


def sum_begun(values: Iterable[Value]) -> int:
    """The checksum of first values, from which `sum_of` continues for each row that begins with them."""
    return zlib.crc32(_joined(values) + _BETWEEN)


def passage_sum(
    path: Value,
    part: Value,
    title: Value,
    ordinal: Value,
    start: Value,
    end: Value,
    heading: Value,
    language: Value,
    confidence: Value,
    text: Value,
) -> int:
    """The checksum of everything that is shown of a passage."""
    return sum_of((path, part, title, ordinal, start, end, heading, language, confidence, text))


def sum_of_new(
    begun: int, ordinal: int, start: int, end: int, heading: str, language: str, confidence: float, text: str
) -> int:
    """`sum_of` of the facts of a passage after those of its document, for values that certainly have these types."""
    joined = f"i{ordinal}\x1fi{start}\x1fi{end}\x1ft{heading}\x1ft{language}\x1ff{confidence!r}\x1ft{text}"
    return _signed(zlib.crc32(joined.encode("utf-8", "surrogatepass"), begun))


def vector_sum(number: int, vector: bytes) -> int:
    """The checksum of a vector with its row id, which contains its encoder and text."""
    return _signed(zlib.crc32(vector, zlib.crc32(struct.pack("<q", number))))


def _joined(values: Iterable[Value]) -> bytes:
    return _BETWEEN.join(map(_bytes, values))


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number


def _bytes(value: Value) -> bytes:
    # The most frequent types first.
    if isinstance(value, str):
        return b"t" + value.encode("utf-8", "surrogatepass")
    if type(value) is int:
        return b"i%d" % value
    if isinstance(value, Text):
        return b"t" + value
    if isinstance(value, bytes):
        return b"b" + value
    if value is None:
        return b"n"
    return (b"f" if isinstance(value, float) else b"i") + repr(value).encode("ascii")
