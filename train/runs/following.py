"""The events of a run taken together: how far it is, its curve, its scores; from its journal or as they happen."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...engine.files import read_regular
from ..run import checkpoints

# A journal is a line of some 150 bytes a step; one that is larger is none of ours.
_MOST_BYTES = 256 * 1024 * 1024
# A process number may be given away again; one that has not written for so long is not at work on the run.
_SILENT_SECONDS = 6 * 3600.0


class Followed:
    """A run as its events tell it. A step that comes again, after a resume, replaces those from there on."""

    def __init__(self) -> None:
        self.curve: dict[str, list[tuple[int, float]]] = {}
        self.validations: dict[int, Mapping[str, float]] = {}
        self.step = 0
        self.steps = 0
        self.checkpoint = 0
        self._process = 0

    def take(self, event: Mapping[str, Any]) -> None:
        """One event of a run; what is not an event of ours, or misses what it should hold, changes nothing."""
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
        """Whether a process still works on the run; `written` is when the journal was written last."""
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
    """What the journal of a run's folder tells, and when it was written last; nothing, and 0, where there is none."""
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
            # The line that a kill cut short.
            continue
        if isinstance(event, dict):
            found.take(event)
    return found, written
