"""Explains the rank of a passage: how much of its score is language and how much is meaning, by sentence.

A library, an encoder, a question and a passage come in, an `Explanation` goes out. Open `explaining.py` first;
`parts.py` separates language from meaning, `shares.py` splits a score by sentence, `slide.py` ranks anywhere between
raw and neutral vectors, `alignment.py` pairs the sentences of a passage with those of its translation.
"""

from .alignment import Pair, align
from .explaining import Explaining, Explanation
from .parts import PARTS, LanguageSpace, Parts
from .shares import Shares, shares
from .slide import STEPS, Slide

__all__ = [
    "PARTS",
    "STEPS",
    "Explaining",
    "Explanation",
    "LanguageSpace",
    "Pair",
    "Parts",
    "Shares",
    "Slide",
    "align",
    "shares",
]
