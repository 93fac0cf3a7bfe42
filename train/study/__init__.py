"""Measures the effect of alpha and the pairing: the same run with every setting and every seed.

Open `studying.py` first; `report.py` writes tables and the picture.
"""

from .studying import study

__all__ = ["study"]
