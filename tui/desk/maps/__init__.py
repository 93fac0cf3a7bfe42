"""The map of a library: the passages that it shows, and their places in the plane.

Open `map.py` first; `projection.py` has the mathematics.
"""

from .map import Maps

__all__ = ["Maps"]
