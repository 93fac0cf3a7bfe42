"""JSON lines, arrays and objects one after the other to rows, each with the line it starts on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

# What may stand between two values: white space, commas of an array, the record separator of RFC 7464.
_BETWEEN = re.compile(r"[\s,\x1e]*")
# What a value that is nested too deeply has cost, about, in characters.
_NESTED = 100_000
_ROW_LISTS = ("rows", "data", "items", "records", "documents", "docs", "results", "entries", "passages", "examples")

Row = dict[str, Any]


def rows(text: str) -> Iterator[tuple[int, Row | None]]:
    """(line, row) of each value; None where a value cannot be read or is no row.

    Values may stand one a line, over several lines, or in one array around all of them; a single object that holds a
    list of objects is the table in that list. Memory is that of one value, time linear in the text.
    """
    values = _values(text)
    first = next(values, None)
    if first is None:
        return
    second = next(values, None)
    if second is None and first[1] is not None:
        inner = list_within(first[1])
        if inner is not None:
            for each in inner:
                yield first[0], _row(each)
            return
    for line, value in filter(None, (first, second)):
        yield line, _row(value)
    for line, value in values:
        yield line, _row(value)


def list_within(value: Any) -> list[Any] | None:
    """The rows that a single object holds in a list: of the names used for that, else the longest of objects."""
    if not isinstance(value, dict):
        return None
    lists = {
        str(name).lower(): each
        for name, each in value.items()
        if isinstance(each, list) and each and all(isinstance(item, dict) for item in each)
    }
    # A conversation is a text, not a table.
    lists = {name: each for name, each in lists.items() if not any("role" in item or "from" in item for item in each)}
    named = next((lists[name] for name in _ROW_LISTS if name in lists), None)
    strings = any(isinstance(each, str) and len(each) > 200 for each in value.values())
    return named if named is not None else None if strings else max(lists.values(), key=len, default=None)


def _row(value: Any) -> Row | None:
    if isinstance(value, dict):
        return value
    return {"text": value} if isinstance(value, str) else None


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """(line, value) of the values in a text; None for what is none, of which the rest of its line is passed over."""
    decoder = json.JSONDecoder()
    place = _start(text)
    line, counted = 1, 0
    # Characters that may be read in vain: beyond that a value may not go past its line.
    patience = 4 * len(text) + 100_000
    while True:
        between = _BETWEEN.match(text, place)
        place = between.end() if between else place
        if place >= len(text) or (text[place] == "]" and not text[place + 1 :].strip()):
            return
        line += text.count("\n", counted, place)
        counted = place
        try:
            if patience < 0:
                end = text.find("\n", place)
                end = len(text) if end < 0 else end
                value = json.loads(text[place:end].rstrip(","))
            else:
                value, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError as error:
            patience -= max(0, error.pos - place) if patience >= 0 else 0
        except (ValueError, RecursionError):  # a number of thousands of digits, or nested too deeply
            patience -= _NESTED
        else:
            yield line, value
            place = end
            continue
        yield line, None
        place = text.find("\n", place)
        if place < 0:
            return


def _start(text: str) -> int:
    """Where the first value starts: within the array where the whole text is one."""
    place = len(text) - len(text.lstrip())
    if not text.startswith("[", place):
        return place
    after = text[place + 1 : place + 200].lstrip()
    # Lines that are arrays of values each are no array of rows.
    return place + 1 if after[:1] in ("{", "") else place
