"""Display helpers: text measured in cells, one colour for each language, time estimates.

Open `cells.py` first: it makes text of a given number of cells. `terminal.py` asks the terminal how it counts cells,
and is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late
from ...engine.shown import counted
from .cells import around, cut, fit, flat, plain
from .colours import block, colour, ink, stroke, tag_style
from .estimate import Estimate

if TYPE_CHECKING:
    from .picture import in_cells
    from .terminal import learn

__all__ = [
    "Estimate",
    "around",
    "block",
    "colour",
    "counted",
    "cut",
    "fit",
    "flat",
    "in_cells",
    "ink",
    "learn",
    "plain",
    "stroke",
    "tag_style",
]

__getattr__ = late(__name__, {"in_cells": ".picture", "learn": ".terminal"})
