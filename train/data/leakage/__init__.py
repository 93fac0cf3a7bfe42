"""Finds what training data share with benchmarks.

Benchmarks come in, a `Guard` goes out, which marks the overlapping rows of a corpus or of any data set. Open `guard.py`
first; `shingles.py` makes comparable digests of texts, `overlaps.py` searches any data set and lists the overlaps.
"""

from .guard import Guard
from .overlaps import Overlap, Overlaps
from .shingles import normalised, shingles

__all__ = ["Guard", "Overlap", "Overlaps", "normalised", "shingles"]
