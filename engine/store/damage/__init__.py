"""Finds damage to a library's database, and repairs it from intact data.

A database comes in; the faults in passages, vectors, words and SQLite's own tables go out. Open `verifying.py` first;
`mending.py` repairs, `flipped.py` finds a single flipped bit by its checksum, `words.py` derives the words again,
`described.py` compares the tables' definitions with those that the program creates.
"""

from .mending import Mending
from .verifying import TextsFound, Verifying

__all__ = ["Mending", "TextsFound", "Verifying"]
