"""Progress of long work: a bar for each stage on stderr, or events if a program asked for them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...display import cut, flat
from .events import tell, tells_events
from .terminal import TabProgress

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ....engine.library import IndexProgress

WIDTH = 100
_SECONDS = 0.25


class ProgressBars:
    """Bars on stderr, one for each stage, with rate and time left; none if stderr is not a terminal.

    With `--jsonl`, events on stdout replace the bars.
    """

    def __init__(self) -> None:
        from . import consoles

        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._console = consoles.err()
        self._tab = TabProgress(self._console.file)
        self._events = tells_events()
        self._told: tuple[str, float] = ("", 0.0)

    def __enter__(self) -> ProgressBars:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()
        self._tab.clear()

    def _start(self) -> Progress:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}", markup=False),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[path]}", markup=False),
            console=self._console,
            transient=True,
        )
        bars.start()
        return bars

    def follow(self, progress: IndexProgress) -> None:
        """Show an event of the engine."""
        self.show(progress.stage, progress.done, progress.total, progress.path)

    def show(self, stage: str, done: int, total: int, path: str = "") -> None:
        """Show the progress of a stage; a new stage gets a bar."""
        if self._events:
            self._tell(stage, done, total, path)
            return
        if not self._console.is_terminal:
            return
        self._bars = self._bars or self._start()
        if stage not in self._tasks:
            for known in self._bars.tasks:  # a stage of unknown length ends when the next one begins
                self._bars.update(known.id, visible=known.total is not None)
            self._tasks[stage] = self._bars.add_task(cut(flat(stage), 28), total=total or None, rate="", path="")
        task = self._tasks[stage]
        speed = self._bars.tasks[self._bars.task_ids.index(task)].speed
        rate = f"{speed:,.1f}/s" if speed else ""
        room = max(0, min(self._console.width, WIDTH) - 78)
        self._bars.update(task, completed=done, total=total or None, rate=rate, path=cut(flat(path), room))
        self._tab.show(done, total)

    def _tell(self, stage: str, done: int, total: int, path: str) -> None:
        """Write an event, unless this stage had one less than `_SECONDS` ago."""
        now = time.monotonic()
        if stage == self._told[0] and now - self._told[1] < _SECONDS and not (total and done >= total):
            return
        self._told = stage, now
        tell("progress", stage=stage, done=done, total=total, path=path)
