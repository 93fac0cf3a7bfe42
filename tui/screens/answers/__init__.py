"""Screens on answers: read one, judge it, explain its rank, see its translations and the questions of a figure.

Open `judging.py` first: the part of Compare that marks right answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....engine.late import late

if TYPE_CHECKING:
    from .cell import CellScreen
    from .judging import Judges
    from .outside import open_outside
    from .parallel import Parallel
    from .reader import Reader
    from .why import Why

__all__ = ["CellScreen", "Judges", "Parallel", "Reader", "Why", "open_outside"]

__getattr__ = late(
    __name__,
    {
        "CellScreen": ".cell",
        "Judges": ".judging",
        "Parallel": ".parallel",
        "Reader": ".reader",
        "Why": ".why",
        "open_outside": ".outside",
    },
)
