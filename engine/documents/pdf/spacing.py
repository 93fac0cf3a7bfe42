"""Corrects word spacing by the gaps between letters: splits joined words, joins letterspaced ones."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# Sequences of single characters; and words so long that they may be several.
_ALONE = re.compile(r"(?<!\S)(?:\S[ \t]{1,3}){5,}\S(?!\S)")
_GLUED = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ӿ]{20,}")
_LONG_WORD = 20
_LONGEST_PIECE = 12
# In heights of the letters: by how much a gap between words exceeds the usual gap between letters, at least.
_LEAST_GAP = 0.1
# The widest usual gap between letters of letterspaced words; a table has wider gaps.
_WIDEST_SPACING = 0.6
# A line of which this share of words are single letters is set letter by letter.
_SHARE_ALONE = 0.6
_EVEN = 0.05
_LEAST_DIFFERENT = 4
_LEAST_VOWELS = 0.2


class Glyph(NamedTuple):
    """A character that the page draws or the reader inserts: its left and right edge, its height."""

    character: str
    left: float
    right: float
    height: float


def is_suspicious(text: str) -> bool:
    """Whether the words of a page may be split or joined in the wrong places."""
    return bool(_ALONE.search(text) or _GLUED.search(text))


def rebuilt(glyphs: Iterable[Glyph]) -> str:
    """The text of a page; words in its suspicious lines are separated by the gaps between letters."""
    lines: list[str] = []
    line: list[Glyph] = []
    for glyph in glyphs:
        if glyph.character == "\n":
            lines.append(_line(line))
            line = []
        elif glyph.character != "\r" and glyph.character != "\x00":
            line.append(glyph)
    lines.append(_line(line))
    return "\n".join(lines)


def _line(glyphs: list[Glyph]) -> str:
    text = "".join(glyph.character for glyph in glyphs)
    if _is_letter_by_letter(text):
        return _joined(glyphs, text)
    return _parted(glyphs) if _GLUED.search(text) else text


def _is_letter_by_letter(text: str) -> bool:
    """Whether a line is words set letter by letter, and not the alphabet of an index, a table's row or a formula.

    Lines with Korean are not: Korean has words of one character.
    """
    if not _ALONE.search(text):
        return False
    words = text.split()
    alone = [word for word in words if len(word) == 1]
    letters = [word.lower() for word in alone if word.isalpha()]
    latin = [letter for letter in letters if letter.isascii()]
    if len(letters) < _SHARE_ALONE * len(alone) or any("가" <= letter <= "힣" for letter in letters):
        return False
    if 0 < len(latin) < len(letters) * 0.7 or len(set(letters)) < _LEAST_DIFFERENT:
        return False
    if latin and sum(letter in "aeiouy" for letter in latin) < _LEAST_VOWELS * len(latin):
        return False
    ordered = sum(left < right for left, right in itertools.pairwise(letters))
    return len(alone) >= _SHARE_ALONE * len(words) and ordered < 0.9 * (len(letters) - 1)


def _joined(glyphs: Sequence[Glyph], text: str) -> str:
    """The line's letters, with a space only at gaps clearly wider than the usual one, or after a punctuation mark."""
    drawn = [glyph for glyph in glyphs if not glyph.character.isspace()]
    gaps = [_gap(left, right) for left, right in itertools.pairwise(drawn)]
    usual = statistics.median(gaps)
    if usual > _WIDEST_SPACING:
        return text
    least = usual + max(_LEAST_GAP, 0.5 * usual)
    steps = [abs(right.left - left.left) for left, right in itertools.pairwise(drawn)]
    step = statistics.median(steps)
    if step and sum(abs(each - step) < _EVEN * step for each in steps) > _SHARE_ALONE * len(steps):
        # The letters are on a grid: their widths do not matter, and a skipped step separates words.
        gaps, least = steps, 1.5 * step
    pieces = [drawn[0].character]
    for gap, glyph in zip(gaps, drawn[1:], strict=True):
        after_sign = pieces[-1] in ".,:;!?" and glyph.character.isalpha()
        pieces += [" ", glyph.character] if gap > least or after_sign else [glyph.character]
    return "".join(pieces)


def _parted(glyphs: Sequence[Glyph]) -> str:
    """The line with its very long words split where gaps are wider than usual."""
    drawn = [glyph for glyph in glyphs if not glyph.character.isspace()]
    least = statistics.median(map(_gap, drawn, drawn[1:])) + _LEAST_GAP
    pieces: list[str] = []
    word: list[Glyph] = []
    for glyph in [*glyphs, Glyph(" ", 0, 0, 0)]:
        if glyph.character.isspace():
            pieces += [_pieces(word, least), glyph.character]
            word = []
        else:
            word.append(glyph)
    return "".join(pieces[:-1])


def _pieces(word: Sequence[Glyph], least: float) -> str:
    text = "".join(glyph.character for glyph in word)
    if len(word) < _LONG_WORD:
        return text
    places = [place for place in range(1, len(word)) if _gap(word[place - 1], word[place]) > least]
    # A gap or two in a long word is kerning.
    if (len(places) + 1) * _LONGEST_PIECE < len(word):
        return text
    return " ".join(text[start:end] for start, end in itertools.pairwise([0, *places, len(word)]))


def _gap(left: Glyph, right: Glyph) -> float:
    """The gap between two neighbours, in either direction of writing, in heights of the letters."""
    height = max(left.height, right.height) or 1.0
    return max(right.left - left.right, left.left - right.right) / height
