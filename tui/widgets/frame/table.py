"""A table of rows to choose from, which shows where its lines go on beyond the frame."""

from __future__ import annotations

from rich.segment import Segment
from rich.text import Text
from textual.geometry import Size
from textual.strip import Strip
from textual.widgets import DataTable


class Table(DataTable[Text]):
    """A table with a cursor over whole rows."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="frame", cursor_type="row", zebra_stripes=False)

    def watch_virtual_size(self, _: Size) -> None:
        """Draw all lines anew once columns have another width: lines drawn before it was known would stay."""
        self.notify_style_update()

    def render_line(self, y: int) -> Strip:
        """A line, which ends in an ellipsis where it is cut."""
        line = super().render_line(y)
        seen = line.crop(0, self.scrollable_content_region.width)
        if self.scroll_offset.x >= self.max_scroll_x or not seen.text[-2:].strip():
            return line
        *_, last = seen
        return Strip([*seen.crop(0, seen.cell_length - 1), Segment("…", last.style)], seen.cell_length)
