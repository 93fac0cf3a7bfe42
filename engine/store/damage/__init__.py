"""Finds damage to a library's database, and repairs it from intact data.

A database comes in; what is wrong with passages, vectors, words and SQLite's own tables goes out. Open `verifying.py`
first; `mending.py` repairs, `flipped.py` finds the one bit that makes a checksum right, `words.py` derives the words
again, `described.py` holds the tables' descriptions against those that the program makes.
"""

from .mending import Mending
from .verifying import TextsFound, Verifying

__all__ = ["Mending", "TextsFound", "Verifying"]
