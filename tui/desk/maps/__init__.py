"""The map of a library: which passages it shows, and where each lies in the plane.

Open `map.py` first; `projection.py` has the mathematics.
"""

from .map import Maps

__all__ = ["Maps"]
