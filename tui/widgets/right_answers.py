"""A line on the right answers: how many are among a column's results, and their ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from ..display import cut


@dataclass(frozen=True)
class Found:
    """The right answers that a column found.

    `total` is the number of all; `here` has the ranks of those among the `shown` results, `ranks` of all ranked ones.
    """

    total: int
    here: Mapping[int, int]
    ranks: Mapping[int, int]
    shown: int


def words(found: Found, width: int, *, by_none: bool = False) -> str:
    """The longest line that fits; "" if nothing is judged right.

    Args:
        found: what the column found.
        width: in cells.
        by_none: whether no column found any.
    """
    if not found.total:
        return ""
    ranks = sorted(found.ranks.values())
    if not found.here:
        lead = "★ found by none" if by_none else "★ not found"
        tails = [f" · best rank {ranks[0]:,}", f" · at {ranks[0]:,}"] if ranks else []
    else:
        lead = "★" if found.total == 1 else f"★ {len(found.here)} of {found.total} right"
        best = min(found.here.values())
        tails = [f" · best rank {best:,}", f" · at {best:,}"]
        if 1 < found.total == len(ranks):
            tails.insert(0, f" · ranks {best:,} to {ranks[-1]:,}")
    lines = [lead + tail for tail in (*tails, "")]
    return next((line for line in lines if cell_len(line) <= width), cut(lead, width))


class RightAnswers(Widget):
    """The line, hidden if no right answer is known."""

    DEFAULT_CSS = "RightAnswers { height: 1; display: none; } RightAnswers.-known { display: block; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"right--found", "right--missed"}
    found: reactive[Found | None] = reactive(None)
    by_none: reactive[bool] = reactive(False)

    def watch_found(self, found: Found | None) -> None:
        """Show the line only if there are right answers."""
        self.set_class(found is not None and found.total > 0, "-known")

    def render(self) -> Text:
        """The words."""
        if self.found is None:
            return Text("", end="")
        style = self.get_component_rich_style("right--found" if self.found.here else "right--missed")
        line = words(self.found, self.content_size.width, by_none=self.by_none)
        return Text(line, style, no_wrap=True, overflow="crop", end="")
