"""A line about the right answers: how many are among a column's results, and where they rank."""

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
    """What a column found of the right answers.

    `total` counts them all, `here` has the ranks of those among the `shown` results, `ranks` of all that are ranked.
    """

    total: int
    here: Mapping[int, int]
    ranks: Mapping[int, int]
    shown: int


def words(found: Found, width: int, *, by_none: bool = False) -> str:
    """The line, as long as there is room for; "" where nothing is judged right.

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
    """The line; not there where nothing is known to be right."""

    DEFAULT_CSS = "RightAnswers { height: 1; display: none; } RightAnswers.-known { display: block; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"right--found", "right--missed"}
    found: reactive[Found | None] = reactive(None)
    by_none: reactive[bool] = reactive(False)

    def watch_found(self, found: Found | None) -> None:
        """Take a line only where there is something to say."""
        self.set_class(found is not None and found.total > 0, "-known")

    def render(self) -> Text:
        """The words."""
        if self.found is None:
            return Text("", end="")
        style = self.get_component_rich_style("right--found" if self.found.here else "right--missed")
        line = words(self.found, self.content_size.width, by_none=self.by_none)
        return Text(line, style, no_wrap=True, overflow="crop", end="")
