"""The frame of every screen: the line at the top and the line at the bottom, and framed tables.

Open `masthead.py` first: the modes as tabs. Tables are imported on first use, since the first screen has none.
"""

from typing import TYPE_CHECKING

from ....engine.late import late
from .footing import Footing
from .keys import Keys
from .masthead import MODES, Masthead, State
from .theming import follow_theme

if TYPE_CHECKING:
    from .table import Table

__all__ = ["MODES", "Footing", "Keys", "Masthead", "State", "Table", "follow_theme"]

__getattr__ = late(__name__, {"Table": ".table"})
