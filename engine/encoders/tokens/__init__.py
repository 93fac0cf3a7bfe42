"""Turns texts into the token ids that an encoder expects, without transformers.

Open `tokenizing.py` first; `quick.py` gives the same result faster for a few short texts,
`counting.py` counts in another process.
"""

from . import tokenizing
from .counting import Counter
from .estimating import estimated
from .quick import QuickTokenizer
from .tokenizing import Tokens

__all__ = ["Counter", "QuickTokenizer", "Tokens", "estimated", "tokenizing"]
