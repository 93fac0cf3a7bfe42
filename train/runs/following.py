"""Collects the events of a run, from its journal or as they happen: progress, loss curve and scores."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ...engine.files import read_regular
from ..run import checkpoints

# Journals have about 150 bytes per step; a larger file is not a journal.
_MOST_BYTES = 256 * 1024 * 1024
# The system reuses process ids: after this silence, the process with the id is taken for another one.
_SILENT_SECONDS = 6 * 3600.0
# A terminal is a few hundred dots wide.
_POINTS = 600

T = TypeVar("T")


class Followed:
    """The state of a run according to its events. A step that is repeated after a resume replaces the later ones."""

    def __init__(self) -> None:
        self.curve: dict[str, list[tuple[int, float]]] = {}
        self.validations: dict[int, Mapping[str, float]] = {}
        self.step = 0
        self.steps = 0
        self.checkpoint = 0
        self._process = 0

    def take(self, event: Mapping[str, Any]) -> None:
        """Apply one event of a run; ignores unknown and incomplete events."""
        take = getattr(self, f"_take_{event.get('event')}", None)
        if take is not None:
            try:
                take(event)
            except (KeyError, TypeError, ValueError, OverflowError):
                return

    def _take_at_work(self, event: Mapping[str, Any]) -> None:
        self._process = int(event["process"])

    def _take_start(self, event: Mapping[str, Any]) -> None:
        self.steps = int(event["steps"])

    def _take_step(self, event: Mapping[str, Any]) -> None:
        step, loss = int(event["step"]), float(event["loss"])
        if step <= self.step:
            for kind, points in self.curve.items():
                self.curve[kind] = [point for point in points if point[0] < step]
            self.validations = {at: scores for at, scores in self.validations.items() if at < step}
        self.step, self.steps = step, int(event["total"])
        self.curve.setdefault(str(event["kind"]), []).append((step, loss))

    def _take_validation(self, event: Mapping[str, Any]) -> None:
        self.validations[int(event["step"])] = {str(key): float(value) for key, value in event["scores"].items()}

    def _take_checkpoint(self, event: Mapping[str, Any]) -> None:
        self.checkpoint = int(event["step"])

    def at_work(self, written: float) -> bool:
        """Whether a process still works on the run; `written` is the time of the journal's last change."""
        if not self._process or time.time() - written > _SILENT_SECONDS:
            return False
        if os.name == "nt":
            return time.time() - written < 60
        try:
            os.kill(self._process, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True


def followed(folder: Path) -> tuple[Followed, float]:
    """The state according to a run's journal, and the time of its last change; empty and 0 without a journal."""
    found, journal = Followed(), folder / checkpoints.JOURNAL
    try:
        written = journal.stat().st_mtime
        lines = read_regular(journal, _MOST_BYTES).splitlines()
    except (OSError, ValueError):
        return found, 0.0
    for line in lines:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            # A line that a kill cut short.
            continue
        if isinstance(event, dict):
            found.take(event)
    return found, written


def thinned(points: Sequence[T]) -> list[T]:
    """As many points of a curve as a terminal can show, evenly spaced, the last one included."""
    if len(points) <= _POINTS:
        return list(points)
    step = (len(points) - 1) / (_POINTS - 1)
    return [points[round(number * step)] for number in range(_POINTS)]
