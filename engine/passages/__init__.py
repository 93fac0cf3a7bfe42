"""Documents to passages: whole sentences, bounded in tokens.

A text comes in, spans with offsets into it go out. Open `splitting.py` first; `sentence_ends.py` knows where a
sentence ends in every script.
"""

from .splitting import LIMIT, Span, sentences, split

__all__ = ["LIMIT", "Span", "sentences", "split"]
