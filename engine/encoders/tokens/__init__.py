"""Texts to token ids as an encoder expects them, without transformers.

Open `tokenizing.py` first; `quick.py` is the same result for a few short texts, sooner.
"""

from . import tokenizing
from .estimating import estimated
from .quick import QuickTokenizer
from .tokenizing import Tokens

__all__ = ["QuickTokenizer", "Tokens", "estimated", "tokenizing"]
