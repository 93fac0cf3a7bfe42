"""Cuts documents into passages of whole sentences with a limited number of tokens.

A text comes in, spans with offsets into it go out. Open `splitting.py` first; `sentence_ends.py` finds the ends of
sentences in every script, `stretches.py` first divides long texts, so that only a part is in memory. `repeating.py`
finds paragraphs that many documents share and no passage needs, `parting.py` lets the process that reads a document
find its sentences and cut it.
"""

from .parting import Parting
from .repeating import FEWEST, SAMPLE, Repeating, repeating
from .splitting import LIMIT, Parted, Sentence, Span, packed, paragraphs, parted, sentences, split, split_pieces

__all__ = [
    "FEWEST",
    "LIMIT",
    "SAMPLE",
    "Parted",
    "Parting",
    "Repeating",
    "Sentence",
    "Span",
    "packed",
    "paragraphs",
    "parted",
    "repeating",
    "sentences",
    "split",
    "split_pieces",
]
