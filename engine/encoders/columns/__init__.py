"""Columns rank without vectors of their own: fusion, reranking, and models that compare every passage.

Open `column.py` first. `scorers.py` has the models, `forms.py` caches their encodings of texts, `opening.py` parses
names.
"""

from .column import Column, Fused, Reranked, Scorer, Whole, before_and_after
from .opening import load

__all__ = ["Column", "Fused", "Reranked", "Scorer", "Whole", "before_and_after", "load"]
