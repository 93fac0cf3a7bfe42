"""Reports progress of long work at most a few times a second, so that showing it costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

# Called with the stage, how much of it is done, and the total.
OnStage = Callable[[str, int, int], None]
_SECONDS = 0.25


@dataclass(frozen=True)
class IndexProgress:
    """The progress of a stage: `done` of `total` files, passages or vectors; `total` is 0 if unknown."""

    stage: str
    done: int
    total: int
    path: str = ""


class Teller:
    """Passes on progress at most four times a second, but always the start and the end of each stage.

    Args:
        progress: receives the events, or None.
        cancelled: returns whether to stop; called between pieces of work.
    """

    def __init__(
        self, progress: Callable[[IndexProgress], None] | None, cancelled: Callable[[], bool] | None = None
    ) -> None:
        self._progress = progress
        self._cancelled = cancelled
        self._last: tuple[str, float] = ("", 0.0)

    def tell(self, stage: str, done: int, total: int, path: str = "") -> None:
        """Pass on an event, if one is due."""
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
