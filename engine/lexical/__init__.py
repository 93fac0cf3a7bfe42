"""Words for the full-text index.

Texts come in, terms go out; questions come in, `Wanted` goes out. Open `terms.py` first; `folding.py` has what counts
as one spelling, `expressions.py` what the index is asked.
"""

from .expressions import Wanted, parse
from .terms import VERSION, terms_of, tokens

__all__ = ["VERSION", "Wanted", "parse", "terms_of", "tokens"]
