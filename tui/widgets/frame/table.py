"""A table of rows to choose from, which shows where its lines go on beyond the frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.text import Text
from textual.geometry import Size
from textual.strip import Strip
from textual.widgets import DataTable


class Table(DataTable[Text]):
    """A table with a cursor over whole rows."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="frame", cursor_type="row", zebra_stripes=False)

    @property
    def key(self) -> str:
        """The key of the row under the cursor; "" in an empty table."""
        return str(self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value) if self.row_count else ""

    def fill(self, rows: Iterable[tuple[str, Sequence[Text]]]) -> None:
        """Have these (key, cells); the cursor stays on its row if that is among them."""
        key = self.key
        self.clear()
        for each, cells in rows:
            self.add_row(*cells, key=each)
        if key in self.rows:
            self.move_cursor(row=self.get_row_index(key))

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
