"""Measures the effect of alpha and the pairing: repeats one run with every setting and every seed.

Open `studying.py` first; `report.py` writes tables and the chart.
"""

from .studying import study

__all__ = ["study"]
