"""A part of a sentence as a question for its translation: bitext that cannot be told by the length or by one word."""

from __future__ import annotations

import random
import unicodedata

# Scripts that do not put spaces between words: their units are characters.
_UNSPACED = frozenset({"zh", "zh-tw", "ja", "th", "lo", "my", "km"})

# Where a part begins and ends, as fractions of its sentence.
Span = tuple[float, float]
SHARES = (0.3, 0.7)
# A shorter part says too little to find its sentence by.
_LEAST_WORDS = 3
_LEAST_CHARACTERS = 6


def drawn(generator: random.Random) -> Span:
    """Where a span begins and ends, as fractions of the sentence."""
    width = generator.uniform(*SHARES)
    start = generator.uniform(0, 1 - width)
    return start, start + width


def cut(text: str, span: Span, language: str) -> str:
    """The words of a text from one fraction of it to another; characters where words are not set apart.

    Args:
        text: a sentence.
        span: fractions, as `drawn` gives them; the same fractions of a translation say about the same.
        language: code of the text.

    Returns:
        The part, or the whole text where it would have too few units. Marks stay with the character they belong to.
    """
    dense = language in _UNSPACED
    units = _characters(text) if dense else text.split()
    first, last = int(span[0] * len(units)), round(span[1] * len(units))
    if last - first < (_LEAST_CHARACTERS if dense else _LEAST_WORDS):
        return text
    return ("" if dense else " ").join(units[first:last]).strip()


def _characters(text: str) -> list[str]:
    units: list[str] = []
    for character in text:
        if units and unicodedata.category(character).startswith("M"):
            units[-1] += character
        else:
            units.append(character)
    return units
