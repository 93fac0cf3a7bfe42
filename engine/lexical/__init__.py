"""Turns texts and questions into words for the full-text index.

Texts come in, terms go out; questions come in, `Wanted` goes out. Open `terms.py` first; `folding.py` unifies
spellings, `expressions.py` builds the index's queries.
"""

from .expressions import Wanted, parse
from .terms import VERSION, terms_of, tokens

__all__ = ["VERSION", "Wanted", "parse", "terms_of", "tokens"]
