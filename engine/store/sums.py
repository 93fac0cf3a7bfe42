"""Checksums of stored passages, vectors and encoders, to detect flipped bits and swapped rows."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

Value = str | bytes | int | float | None

_BETWEEN = b"\x1f"


class Text(bytes):
    """A text as the database has it, whether it is UTF-8 or not."""


def sum_of(values: Iterable[Value], begun: int = 0) -> int:
    """CRC-32 over values and their kinds, as a signed number of 32 bits: four bytes in the database.

    `begun` is what `sum_begun` makes of the values before these.
    """
    return _signed(zlib.crc32(_joined(values), begun))


def sum_begun(values: Iterable[Value]) -> int:
    """What a checksum is after its first values, to go on from with `sum_of` for each of many that begin alike."""
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
    """The checksum of all that an answer shows of a passage."""
    return sum_of((path, part, title, ordinal, start, end, heading, language, confidence, text))


def vector_sum(number: int, vector: bytes) -> int:
    """The checksum of a vector under its row id, which says whose it is."""
    return _signed(zlib.crc32(vector, zlib.crc32(struct.pack("<q", number))))


def _joined(values: Iterable[Value]) -> bytes:
    return _BETWEEN.join(map(_bytes, values))


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number


def _bytes(value: Value) -> bytes:
    # The most frequent kinds first: this is called ten times a passage.
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
