"""Documents to passages: whole sentences, bounded in tokens.

A text comes in, spans with offsets into it go out. Open `splitting.py` first; `sentence_ends.py` knows where a
sentence ends in every script, `stretches.py` parts long texts first, so that only a part of one is ever held.
`repeating.py` finds what many documents share and no passage needs, `parting.py` has the process that reads a document
find its sentences.
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
