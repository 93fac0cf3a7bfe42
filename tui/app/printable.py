"""Keeps control characters of user text out of every line that is drawn, wherever the text came from."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from ...engine.shown import printable


class Printable(LineFilter):
    """Removes what a terminal would obey instead of show: file names, titles and messages may hold escape sequences.

    Widths stay right, since these characters are counted as no cells.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without control characters; the very same list where there are none."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            segment if segment.control else Segment(text, segment.style)
            for segment in segments
            if (text := printable(segment.text))
        ]
