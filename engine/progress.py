"""Progress events of long work, at most a few a second, so that showing them costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

# Called with the progress of work in stages: the stage, how much is done, and the total.
OnStage = Callable[[str, int, int], None]
_SECONDS = 0.25


@dataclass(frozen=True)
class IndexProgress:
    """How far a stage is: `done` of `total` files, passages or vectors; `total` is 0 while it is not known."""

    stage: str
    done: int
    total: int
    path: str = ""


class Teller:
    """Passes progress on at most four times a second, and the beginning and the end of each stage always.

    Args:
        progress: gets the events; None for nobody.
        cancelled: whether the work should stop; asked between pieces of it.
    """

    def __init__(
        self, progress: Callable[[IndexProgress], None] | None, cancelled: Callable[[], bool] | None = None
    ) -> None:
        self._progress = progress
        self._cancelled = cancelled
        self._last: tuple[str, float] = ("", 0.0)

    def tell(self, stage: str, done: int, total: int, path: str = "") -> None:
        """Pass an event on, if it is time."""
        if self._progress is None:
            return
        now = time.monotonic()
        if stage == self._last[0] and now - self._last[1] < _SECONDS and not (total and done >= total):
            return
        self._last = stage, now
        self._progress(IndexProgress(stage, done, total, path))

    def cancelled(self) -> bool:
        """Whether to stop."""
        return self._cancelled is not None and self._cancelled()
