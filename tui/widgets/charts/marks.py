"""The passages on a map: their places, the order of drawing, and the steps from one map to another."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Point = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """One passage on the map, x and y from 0 to 1."""

    x: float
    y: float
    language: str
    id: int
    title: str


def marks_of(data: Mapping[str, Any]) -> list[Mark]:
    """The passages of a map in the child's form."""
    rows = zip(data["points"], data["languages"], data["ids"], data["titles"], strict=True)
    return [Mark(x, y, language, number, title) for (x, y), language, number, title in rows]


def centre(marks: Sequence[Mark], hits: Sequence[int]) -> Point | None:
    """The place of the question: the mean of its three best results on the map; None if none is on it."""
    by_id = {mark.id: mark for mark in marks}
    near = [by_id[number] for number in hits if number in by_id][:3]
    if not near:
        return None
    return sum(mark.x for mark in near) / len(near), sum(mark.y for mark in near) / len(near)


def in_turns(marks: Sequence[Mark]) -> list[Mark]:
    """The marks in the order of drawing, languages in turn, so that no language covers the others."""
    by_language: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_language[mark.language].append(mark)
    last = max(map(len, by_language.values()), default=0)
    found = []
    for turn in range(last):
        # The first language changes each turn: of marks in one cell, not always the same language is visible.
        codes = sorted(by_language)
        for code in codes[turn % len(codes) :] + codes[: turn % len(codes)]:
            if turn < len(by_language[code]):
                found.append(by_language[code][turn])
    return found


def only(marks: Sequence[Mark], ids: frozenset[int]) -> list[Mark]:
    """Some of the marks, scaled to fill the map."""
    kept = [mark for mark in marks if mark.id in ids]
    if not kept:
        return []
    left, right = min(mark.x for mark in kept), max(mark.x for mark in kept)
    low, high = min(mark.y for mark in kept), max(mark.y for mark in kept)
    wide, tall = right - left, high - low
    return [
        replace(mark, x=(mark.x - left) / wide if wide else 0.5, y=(mark.y - low) / tall if tall else 0.5)
        for mark in kept
    ]


_TURNS: tuple[Callable[[float, float], Point], ...] = (
    lambda x, y: (x, y),
    lambda x, y: (1 - x, y),
    lambda x, y: (x, 1 - y),
    lambda x, y: (1 - x, 1 - y),
    lambda x, y: (y, x),
    lambda x, y: (1 - y, x),
    lambda x, y: (y, 1 - x),
    lambda x, y: (1 - y, 1 - x),
)


def turned(marks: Sequence[Mark], towards: Sequence[Mark]) -> list[Mark]:
    """A map turned or mirrored so that its passages move least: its orientation has no meaning."""
    places = {mark.id: (mark.x, mark.y) for mark in towards}
    shared = [(mark, places[mark.id]) for mark in marks if mark.id in places]

    def away(turn: Callable[[float, float], Point]) -> float:
        return sum(math.dist(turn(mark.x, mark.y), place) ** 2 for mark, place in shared)

    best = min(_TURNS, key=away)
    moved = ((mark, best(mark.x, mark.y)) for mark in marks)
    return [replace(mark, x=x, y=y) for mark, (x, y) in moved]


def between(before: Sequence[Mark], after: Sequence[Mark], share: float) -> list[Mark]:
    """A step between two maps, `share` 0 to 1, slow at both ends; marks only in `after` have their place at once."""
    eased = share * share * (3 - 2 * share)
    places = {mark.id: (mark.x, mark.y) for mark in before}
    found = []
    for mark in after:
        x, y = places.get(mark.id, (mark.x, mark.y))
        found.append(replace(mark, x=x + (mark.x - x) * eased, y=y + (mark.y - y) * eased))
    return found
