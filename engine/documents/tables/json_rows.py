"""Parses JSON lines, arrays and consecutive objects into rows, each with the line it starts on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from .columns import prose_of

# What may separate two values: white space, commas of an array, the record separator of RFC 7464.
_BETWEEN = re.compile(r"[\s,\x1e]*")
_END = re.compile(r"\]\s*\Z")
# The rough cost of a value that is nested too deeply, in characters.
_NESTED = 100_000
_ROW_LISTS = ("rows", "data", "items", "records", "documents", "docs", "results", "entries", "passages", "examples")
# Such a list may also be within an object of the object, as answers of services have it.
_DEEPER_LISTS = (*_ROW_LISTS, "hits", "list")

Row = dict[str, Any]


def rows(text: str) -> Iterator[tuple[int, Row | None]]:
    """(line, row) of each value; the row is None if the value cannot be read or is not a row.

    Values may be one per line, span lines, or be in one array around them all; a single object with a list of rows is
    the table in that list. A row may be an object, a text, or a list of values whose names come from the first such
    list or the object. Memory is that of one value, time linear in the text.
    """
    values = _values(text)
    first = next(values, None)
    if first is None:
        return
    second = next(values, None)
    line, value = first
    names: tuple[str, ...] = ()
    if second is None and isinstance(value, dict):
        names = _names(value.get("columns"))
        inner = list_within(value, lists_too=bool(names))
        if inner is not None:
            values = iter([(line, each) for each in inner])
            first = None
    elif second is not None and isinstance(second[1], list) and (names := _names(value)):
        first = None
    for line, value in chain(filter(None, (first, second)), values):
        yield line, _row(value, names)


def is_one_object(text: str, found: list[Row | None]) -> bool:
    """Whether the text is one object and that is its only row, not a row of a list inside it."""
    return len(found) == 1 and json.JSONDecoder().raw_decode(text.lstrip())[0] == found[0]


def _names(value: Any) -> tuple[str, ...]:
    """The column names in a list, if it consists of different texts only; else none."""
    good = isinstance(value, list) and all(isinstance(each, str) and 0 < len(each) < 60 for each in value)
    return tuple(value) if good and len(set(value)) == len(value) else ()


def list_within(value: Any, *, lists_too: bool = False) -> list[Any] | None:
    """The rows in a list of a single object: the list under a usual name, else that of objects with the most prose."""
    if not isinstance(value, dict):
        return None
    kinds = (dict, list) if lists_too else (dict,)
    lists = {
        str(name).lower(): each
        for name, each in value.items()
        if isinstance(each, list) and each and all(isinstance(item, kinds) for item in each)
    }
    # A conversation is a text, not a table.
    lists = {name: each for name, each in lists.items() if not any("role" in item or "from" in item for item in each)}
    deeper = (inner.get(name) for inner in value.values() if isinstance(inner, dict) for name in _DEEPER_LISTS)
    inside = [each for each in deeper if isinstance(each, list) and each and all(isinstance(row, dict) for row in each)]
    found = next((lists[name] for name in _ROW_LISTS if name in lists), None)
    if found is None and not any(isinstance(each, str) and len(each) > 200 for each in value.values()):
        found = max(list(lists.values()) or inside, key=prose_of, default=None)
    # A few labels beside a text are no table.
    own = [each for each in value.values() if isinstance(each, str)]
    return found if found is not None and (lists_too or prose_of(found) >= prose_of(own)) else None


def _row(value: Any, names: tuple[str, ...]) -> Row | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value:
        if names:
            return dict(zip(names, value, strict=False)) if len(value) <= len(names) else None
        return {f"column {place}": each for place, each in enumerate(value, 1)}
    return {"text": value} if isinstance(value, str) else None


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """(line, value) of the values in a text; None for one that cannot be read, whose line is skipped to its end."""
    decoder = json.JSONDecoder()
    place = _start(text)
    line, counted = 1, 0
    # Characters that may be read in vain; after that each value has to end on its line.
    patience = 4 * len(text) + 100_000
    while True:
        between = _BETWEEN.match(text, place)
        place = between.end() if between else place
        if place >= len(text) or _END.match(text, place):
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
            # Creating the error counts the lines before it, which takes a fraction of the time of reading them.
            patience -= max(0, error.pos - place) + error.pos // 16 if patience >= 0 else 0
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
    """Where the first value starts: inside the array if the whole text is one."""
    place = len(text) - len(text.lstrip())
    if not text.startswith("[", place):
        return place
    after = text[place + 1 : place + 200].lstrip()
    # Lines that are each a list of values are not one array of rows.
    return place + 1 if after[:1] in ("{", "[", "") else place
