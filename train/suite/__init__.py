"""Measures encoders on several benchmarks and ranks them by one number.

Open `reading.py` first: it reads a suite's file into parts. `sentences.py` makes benchmarks of rows that are held out
of training; `measuring.py` computes the figures and the number.
"""

from .measuring import SHOWN, Chosen, measure_suite, suite_number
from .reading import SCORES, Part, default_suite, read_suite

__all__ = ["SCORES", "SHOWN", "Chosen", "Part", "default_suite", "measure_suite", "read_suite", "suite_number"]
