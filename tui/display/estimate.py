"""Estimates how long encoding will take, after the first hundred passages."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .cells import flat

if TYPE_CHECKING:
    from ...engine.progress import IndexProgress

_ENOUGH = 100
_STAGE = "encoding "
# Encoding that takes fewer seconds ends before the estimate is read.
_LONG = 15.0


class Estimate:
    """Passes progress on, and says once for each encoder how long encoding will take.

    Args:
        follow: gets every event.
        encoders: the number of encoders.
        say: gets the sentence.
    """

    def __init__(self, follow: Callable[[IndexProgress], None], encoders: int, say: Callable[[str], None]) -> None:
        self._follow = follow
        self._left = encoders
        self._say = say
        self._began: dict[str, tuple[float, int]] = {}
        self._said: set[str] = set()

    def __call__(self, event: IndexProgress) -> None:
        """Take an event."""
        self._follow(event)
        if not event.stage.startswith(_STAGE) or event.stage in self._said:
            return
        began, done = self._began.setdefault(event.stage, (time.monotonic(), event.done))
        passed = time.monotonic() - began
        if event.done - done < _ENOUGH or not passed:
            return
        self._said.add(event.stage)
        rate = (event.done - done) / passed
        seconds = (event.total - event.done) / rate
        others = self._left - 1
        self._left = others
        if seconds < _LONG:
            return
        name = flat(event.stage.removeprefix(_STAGE))
        then = f", and each of the {others} others about as long" if others > 1 else ""
        then = ", and the other one about as long" if others == 1 else then
        self._say(
            f"{name} encodes {rate:,.0f} passages a second: {event.total - event.done:,} more take about "
            f"{duration(seconds)}{then}. Words find them now, with `search --encoder bm25`."
        )


def duration(seconds: float) -> str:
    """Seconds in words: 40 s, 4 min, 2 h 10 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
