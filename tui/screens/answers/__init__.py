"""What can be done with answers: read one, say which is right, ask why it ranks there, see translations and figures.

Open `judging.py` first: the part of Compare that marks right answers.
"""

from .cell import CellScreen
from .judging import Judges
from .parallel import Parallel
from .reader import Reader
from .why import Why

__all__ = ["CellScreen", "Judges", "Parallel", "Reader", "Why"]
