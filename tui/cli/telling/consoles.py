"""The consoles that commands print to, which let no control character of a text reach the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from ....engine.shown import lines


class ShownConsole(Console):
    """A console that prints text as it is: markup, emoji codes and control characters in it have no effect."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments to draw: the console's own control codes, and all text without control characters."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(lines(segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """Raise the error again: Rich would end the process here, with another exit code than ours."""
        raise


def out(width: int) -> Console:
    """The console for data: stdout, at most `width` columns."""
    console = ShownConsole()
    console.width = min(console.width, width) if sys.stdout.isatty() else width
    return console


def err() -> Console:
    """The console for narration: stderr."""
    return ShownConsole(stderr=True)
