"""Measures encoders on several benchmarks and ranks them by one number.

Open `reading.py` first: a suite's file to its parts; `sentences.py` makes benchmarks of rows that training keeps out;
`measuring.py` gives the figures and the number.
"""

from .measuring import SHOWN, Chosen, measure_suite
from .reading import Part, default_suite, read_suite

__all__ = ["SHOWN", "Chosen", "Part", "default_suite", "measure_suite", "read_suite"]
