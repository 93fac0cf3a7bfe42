"""What can be done with answers: say which is right, ask why it ranks there, read its translations, open a figure.

Open `judging.py` first: the part of Compare that marks right answers.
"""

from .cell import CellScreen
from .judging import Judges
from .parallel import Parallel
from .why import Why

__all__ = ["CellScreen", "Judges", "Parallel", "Why"]
