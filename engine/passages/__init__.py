"""Documents to passages: whole sentences, bounded in tokens.

A text comes in, spans with offsets into it go out. Open `splitting.py` first; `sentence_ends.py` knows where a
sentence ends in every script, `stretches.py` parts long texts first, so that only a part of one is ever held.
"""

from .splitting import LIMIT, Span, paragraphs, sentences, split, split_pieces

__all__ = ["LIMIT", "Span", "paragraphs", "sentences", "split", "split_pieces"]
