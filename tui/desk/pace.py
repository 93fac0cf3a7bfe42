"""Tells how far long work is: counts, speed and the time left, in words."""

from __future__ import annotations

import time

from ...engine.progress import OnStage
from .requests import Request


class Pace:
    """Turns counts into words: progress, speed, and time left."""

    def __init__(self) -> None:
        self._stage = ""
        self._began = time.monotonic()
        self._first = 0

    def words(self, stage: str, done: int, total: int, unit: str) -> str:
        """The state as "encoding · 1,204 of 3,020 passages · 31/s · 1 min left"; each stage has its own clock."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._first = stage, now, done
        parts = [stage, f"{done:,} of {total:,} {unit}" if total else f"{done:,} {unit}"]
        seconds = now - self._began
        if seconds > 1 and done > self._first:
            rate = (done - self._first) / seconds
            parts.append(f"{rate:,.0f}/s" if rate >= 1 else f"{rate * 60:,.0f}/min")
            if total > done:
                parts.append(f"{left((total - done) / rate)} left")
        return " · ".join(parts)


def left(seconds: float) -> str:
    """The time left, rounded: "40 s", "3 min", "2.0 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def stages(request: Request, lead: str = "") -> OnStage:
    """A function that tells a request the stage of its work, after `lead`, and ends the work once it is cancelled."""
    pace = Pace()

    def told(stage: str, done: int, total: int) -> None:
        request.check()
        request.count(words=lead + pace.words(stage, done, total, ""), done=done, total=total)

    return told
