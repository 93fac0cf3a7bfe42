"""Removes language bias from stored vectors: fits the correction, measures it, and writes a corrected copy.

Open `neutralising.py` first. `held.py` reads a collection or a library, `neighbours.py` measures nearest neighbours,
`answering.py` audits the vectors before and after.
"""

from .held import Held, in_collection, in_library
from .neutralising import METHODS, Plan, plan

__all__ = ["METHODS", "Held", "Plan", "in_collection", "in_library", "plan"]
