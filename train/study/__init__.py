"""Measures what settings and methods are worth: repeats one run with every one of them and every seed.

Open `studying.py` first, which varies alpha and the pairing; `report.py` writes its tables and the chart. `methods.py`
compares a list of methods; `methods_report.py` writes its tables. `single_runs.py` trains and
measures the runs of both, `over_seeds.py` has their statistics.
"""

from .methods import Method, compare_methods, read_methods
from .studying import study

__all__ = ["Method", "compare_methods", "read_methods", "study"]
