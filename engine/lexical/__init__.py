"""Words for the full-text index.

Texts come in, terms go out; questions come in, `Wanted` goes out. Open `terms.py` first; `folding.py` has what counts
as one spelling, `expressions.py` what the index is asked.
"""

from .expressions import OTHERS_WEIGHT, Wanted, parse
from .terms import VERSION, tokens

__all__ = ["OTHERS_WEIGHT", "VERSION", "Wanted", "parse", "tokens"]
