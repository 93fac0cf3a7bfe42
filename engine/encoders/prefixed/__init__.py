"""Loads encoders whose names have a prefix; `names.py` declares the kinds.

Open `opening.py` first. `static.py` and `precomputed.py` hold two kinds of encoder; endpoints, columns and corrected
encoders have their own sub-packages.
"""

from .opening import load

__all__ = ["load"]
