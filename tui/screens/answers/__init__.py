"""What can be done with an answer on Compare: say whether it is right, ask why it ranks there, read its translations.

Open `judging.py` first: the part of Compare that marks right answers.
"""

from .judging import Judges
from .parallel import Parallel
from .why import Why

__all__ = ["Judges", "Parallel", "Why"]
