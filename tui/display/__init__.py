"""What a terminal can show: text measured in cells, one colour for each language, the themes.

Open `cells.py` first: text comes in, text of so many cells goes out. The themes are imported when they are used: they
need Textual, which the command line does without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late
from .cells import around, cut, fit, flat, plain
from .colours import block, colour, ink, stroke, tag_style

if TYPE_CHECKING:
    from .theme import DAY, NIGHT, THEMES

__all__ = [
    "DAY",
    "NIGHT",
    "THEMES",
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

__getattr__ = late(__name__, {"DAY": ".theme", "NIGHT": ".theme", "THEMES": ".theme"})
