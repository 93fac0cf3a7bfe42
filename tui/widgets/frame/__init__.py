"""The frame of every screen: the line at the top and the line at the bottom.

Open `masthead.py` first: the modes as tabs.
"""

from .footing import Footing
from .keys import Keys
from .masthead import MODES, Masthead, State
from .theming import follow_theme

__all__ = ["MODES", "Footing", "Keys", "Masthead", "State", "follow_theme"]
