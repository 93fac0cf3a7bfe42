"""Widgets that explain a rank: bars of its parts, a passage with each sentence's share, the slider to neutral.

Open `part_bars.py` first.
"""

from .part_bars import PartBars
from .sentence_shares import SentenceShares
from .slider import Slider

__all__ = ["PartBars", "SentenceShares", "Slider"]
