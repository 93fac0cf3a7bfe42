"""The consoles that commands print to: whatever text comes, no control character of it reaches the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ....engine.shown import lines


class ShownConsole(Console):
    """A console whose text is text: markup, emoji codes and control characters in it do nothing."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What is drawn: the console's own colours and movements as they are, all text without control characters."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(lines(segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """Let the error out: Rich would end the process here, with an exit code that means something else."""
        raise


def out(width: int) -> Console:
    """The console for data: stdout, at most `width` columns."""
    console = ShownConsole()
    console.width = min(console.width, width) if sys.stdout.isatty() else width
    return console


def err() -> Console:
    """The console for narration: stderr."""
    return ShownConsole(stderr=True)
