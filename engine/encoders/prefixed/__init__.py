"""Loads encoders whose names have a prefix; `names.py` declares the kinds.

Open `opening.py` first. `static.py` and `precomputed.py` are encoders of their own; endpoints, columns and corrected
encoders have sub-packages.
"""

from .opening import load

__all__ = ["load"]
