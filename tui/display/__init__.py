"""What a terminal can show: text measured in cells, one colour for each language.

Open `cells.py` first: text comes in, text of so many cells goes out.
"""

from .cells import around, cut, fit, flat, plain
from .colours import block, colour, ink, stroke, tag_style

__all__ = [
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
