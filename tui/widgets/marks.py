"""A list whose items can be marked, with boxes that can be told apart without colour: [x] and [ ]."""

from __future__ import annotations

from typing import Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widgets import SelectionList
from textual.widgets.option_list import OptionDoesNotExist

Value = TypeVar("Value")
# The segments of the box that the list draws before a line: left edge, mark, right edge.
_BOX = 3


class Marks(SelectionList[Value], Generic[Value]):
    """A selection list whose boxes are empty if an item is not marked."""

    COMPONENT_CLASSES = {"marks--box"}  # noqa: RUF012

    def render_line(self, y: int) -> Strip:
        """A line with its box."""
        line = super().render_line(y)
        try:
            option = self.get_option_at_index(self.scroll_offset.y + y)
        except OptionDoesNotExist:
            return line
        segments = list(line)
        ground = segments[_BOX].style or Style()
        style = Style(color=ground.color, bgcolor=ground.bgcolor, meta=(segments[0].style or Style()).meta)
        marked = option.value in self.selected
        box = [Segment("[", style), Segment("x" if marked else " ", style + Style(bold=True)), Segment("]", style)]
        return Strip([*box, *segments[_BOX:]])
