"""Finds what training data share with benchmarks.

Benchmarks come in, a `Guard` goes out, which marks the rows of a corpus or says of anybody's data what overlaps. Open
`guard.py` first; `shingles.py` makes digests of texts that can be compared, `overlaps.py` goes through other people's
data and says what was found.
"""

from .guard import Guard
from .overlaps import Overlap, Overlaps
from .shingles import normalised, shingles

__all__ = ["Guard", "Overlap", "Overlaps", "normalised", "shingles"]
