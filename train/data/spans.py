"""Cuts parts of sentences: spans of varying length as queries for bitext, and fragments of a few words."""

from __future__ import annotations

import random
import unicodedata

# Languages without spaces between words: their units are characters.
_UNSPACED = frozenset({"zh", "zh-tw", "ja", "th", "lo", "my", "km"})

# Start and end of a part, as fractions of its sentence.
Span = tuple[float, float]
SHARES = (0.3, 0.7)
# Shorter parts do not identify their sentence.
_LEAST_WORDS = 3
_LEAST_CHARACTERS = 6
# Sizes of fragments that sentence splitters leave at an abbreviation or an initial.
_FRAGMENT_WORDS = (1, 2, 3, 4)
_FRAGMENT_CHARACTERS = (2, 3, 4, 5, 6, 8)
_AT_THE_BEGINNING = 0.7


def drawn(generator: random.Random) -> Span:
    """Draw the start and end of a span, as fractions of the sentence."""
    width = generator.uniform(*SHARES)
    start = generator.uniform(0, 1 - width)
    return start, start + width


def cut(text: str, span: Span, language: str) -> str:
    """The words of a text from one fraction of it to another; characters in languages without spaces.

    Args:
        text: a sentence.
        span: fractions from `drawn`; the same fractions of a translation have about the same meaning.
        language: code of the text.

    Returns:
        The part, or the whole text if the part would have too few units. Combining marks stay with their character.
    """
    units, space = _units(text, language)
    first, last = int(span[0] * len(units)), round(span[1] * len(units))
    if last - first < (_LEAST_WORDS if space else _LEAST_CHARACTERS):
        return text
    return space.join(units[first:last]).strip()


def fragment(text: str, language: str, generator: random.Random) -> str:
    """The first words of a text, or sometimes its last, like a sentence split at a wrong place.

    Args:
        text: a sentence or more.
        language: code of the text.
        generator: draws how much and from which end.

    Returns:
        One to four words, or a few characters in languages without spaces; a shorter text is returned whole.
    """
    units, space = _units(text, language)
    size = generator.choice(_FRAGMENT_WORDS if space else _FRAGMENT_CHARACTERS)
    part = units[:size] if generator.random() < _AT_THE_BEGINNING else units[-size:]
    return space.join(part).strip() or text


def _units(text: str, language: str) -> tuple[list[str], str]:
    """A text's words, or its characters in languages without spaces, and the separator."""
    return (_characters(text), "") if language in _UNSPACED else (text.split(), " ")


def _characters(text: str) -> list[str]:
    units: list[str] = []
    for character in text:
        if units and unicodedata.category(character).startswith("M"):
            units[-1] += character
        else:
            units.append(character)
    return units
