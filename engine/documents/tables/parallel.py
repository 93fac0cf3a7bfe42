"""Finds the columns of a table that hold one text in several languages, by their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from ...languages import code_of, name
from .columns import Row, paths_of, plain, prose_of, value_at

# A column with this share of the prose of the one with the text is a translation.
_LEAST = 0.05
_LONGEST = 100
_PARTS = re.compile(r"([._\s:-])")
# Codes of languages that are rather columns of numbers.
_NUMBERS = frozenset(("id", "no", "nr"))


def parallel(rows: Sequence[Row], column: str) -> tuple[str, ...]:
    """The columns with the text in other languages, in order: their names differ from `column` in a language only.

    With them `column` itself; only that if there are no others. Numbers in a column called "id" are no Indonesian.
    """
    same = _without_language(column)
    paths = dict.fromkeys(path for row in rows if same for path in paths_of(row))
    prose = {
        path: sum(prose_of(value_at(row, path)) for row in rows) for path in paths if same & _without_language(path)
    }
    return tuple(path for path in prose if prose[path] > _LEAST * prose[column]) if len(prose) > 1 else (column,)


def by_language(lines: Sequence[str]) -> list[str]:
    """The paragraphs of a table in lines, cells between tabs: one, or one for each language that heads a column."""
    names = lines[0].split("\t")
    kinds = [set() if plain(each) in _NUMBERS else _without_language(each) for each in names]
    counts = Counter(kind for each in kinds for kind in each)
    kind = max(counts, key=counts.__getitem__, default=())
    # In order, and found in no time.
    places = dict.fromkeys(place for place, each in enumerate(kinds) if kind in each)
    rows = [line.split("\t") for line in lines]
    whole = [row for row in rows[1:] if len(row) == len(names)]
    words = [row[place] for row in whole for place in places if any(map(str.isalpha, row[place]))]
    if len(places) < 2 or 2 * len(words) < len(whole) * len(places) or not words:
        return ["\n".join(lines)]
    rest = ("\t".join(each for place, each in enumerate(row) if place not in places) for row in (names, *whole))
    others = ["\t".join(row) for row in rows[1:] if len(row) != len(names)]
    texts = ([row[place] for row in whole if row[place]] for place in places)
    told = ([line for line in rest if any(map(str.isalpha, line))], *texts, others)
    return ["\n".join(each) for each in told if each]


def _without_language(path: str) -> set[tuple[str, ...]]:
    """The parts of a column's name, in each way to leave out one that is a language."""
    if len(path) > _LONGEST:
        return set()
    above, _, own = path.rpartition(".")
    if _is_language(own):
        return {(above, "")}
    parts = _PARTS.split(path)
    return {(*parts[:place], "", *parts[place + 1 :]) for place, part in enumerate(parts) if _is_language(part)}


@lru_cache(maxsize=8192)
def _is_language(word: str) -> bool:
    code = code_of(word)
    return name(code) != code
