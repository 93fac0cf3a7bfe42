"""Stored vectors without the bias of their languages: fitted, measured before it is kept, and written beside the old.

Open `neutralising.py` first. `held.py` reads what a collection or a library holds, `neighbours.py` says how its vectors
lie, `answering.py` asks a kit's questions before and after.
"""

from .held import Held, in_collection, in_library
from .neutralising import METHODS, Plan, plan

__all__ = ["METHODS", "Held", "Plan", "in_collection", "in_library", "plan"]
