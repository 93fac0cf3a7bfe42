"""Finds a single flipped bit by the checksum: of all values that differ in one bit, only the right one matches."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from ..sums import Text, Value, sum_of

# The sizes in bytes in which SQLite stores integers.
_WIDTHS = (1, 2, 3, 4, 6, 8)
# More bytes than any passage has; with more, the search would take minutes.
_MOST_BYTES = 20_000


def unflipped(values: Sequence[Value], stored: int) -> tuple[int, Value] | None:
    """The place and the right value of the one among `values` with a flipped bit; None if there is no such one."""
    if sum(len(value) for value in values if isinstance(value, bytes)) > _MOST_BYTES:
        return None
    tried = list(values)
    for place, value in enumerate(values):
        for candidate in _candidates(value):
            tried[place] = candidate
            if sum_of(tried) == stored:
                return place, candidate
        tried[place] = value
    return None


def _candidates(value: Value) -> Iterator[Value]:
    if isinstance(value, Text):
        for place, byte in enumerate(value):
            for bit in range(8):
                yield Text(value[:place] + bytes((byte ^ 1 << bit,)) + value[place + 1 :])
    elif isinstance(value, float):
        (whole,) = struct.unpack("<Q", struct.pack("<d", value))
        for bit in range(64):
            yield float(struct.unpack("<d", struct.pack("<Q", whole ^ 1 << bit))[0])
    elif isinstance(value, int):
        for width in _WIDTHS:
            if -(1 << 8 * width - 1) <= value < 1 << 8 * width - 1:
                for bit in range(8 * width):
                    flipped = (value & (1 << 8 * width) - 1) ^ 1 << bit
                    yield flipped - (1 << 8 * width) if flipped >> (8 * width - 1) else flipped
