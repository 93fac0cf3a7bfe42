"""Columns that rank without vectors of their own: fusion of others, and what another encoder finds, ranked again.

Open `column.py` first. `scorers.py` has the models that rank again, `opening.py` reads names.
"""

from .column import Column, Fused, Reranked, Scorer, before_and_after
from .opening import load

__all__ = ["Column", "Fused", "Reranked", "Scorer", "before_and_after", "load"]
