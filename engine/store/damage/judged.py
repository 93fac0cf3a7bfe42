"""Compares judgements with their checksums: finds damaged ones, and corrects a single flipped bit."""

from __future__ import annotations

from ..connection import Connection
from ..judgements import KINDS, has_judgements
from ..sums import Text, Value, sum_of
from .flipped import unflipped

_COLUMNS = ("key", "query", "language", "path", "part", "start", '"end"', "text", "grade", "made")
_PYTHON = {"t": Text, "i": int}


def damaged_judgements(connection: Connection) -> dict[int, tuple[str, Value] | None]:
    """The ids of damaged judgements: (column, right value) if it is one flipped bit, else None."""
    found: dict[int, tuple[str, Value] | None] = {}
    if not has_judgements(connection):
        return found
    for block in connection.raw_blocks(f"SELECT id, sum, {', '.join(_COLUMNS)} FROM judgements"):
        for number, stored, *values in block:
            kinds = "t" + KINDS[1:]
            right = all(type(value) is _PYTHON[kind] for value, kind in zip(values, kinds, strict=True))
            if right and stored == sum_of(values):
                continue
            mended = unflipped(values, stored) if isinstance(stored, int) else None
            found[number] = (_COLUMNS[mended[0]], mended[1]) if mended is not None else None
    return found
