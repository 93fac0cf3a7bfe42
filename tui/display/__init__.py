"""What a terminal can show: text measured in cells, one colour for each language, how long work will take.

Open `cells.py` first: text comes in, text of so many cells goes out.
"""

from .cells import around, cut, fit, flat, plain
from .colours import block, colour, ink, stroke, tag_style
from .estimate import Estimate

__all__ = [
    "Estimate",
    "around",
    "block",
    "colour",
    "cut",
    "fit",
    "flat",
    "ink",
    "plain",
    "stroke",
    "tag_style",
]
