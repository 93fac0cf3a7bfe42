"""Makes comparable digests of texts: of normalised whole texts, or of every long run of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ..pairs import Digests, digest

SHINGLE_WORDS = 8
SHINGLE_IDEOGRAMS = 16
SHINGLE_LETTERS = 40
# Words are split at spaces and punctuation: `\w` would split them at the vowel signs of Indic scripts.
_BETWEEN = r"\s!-/:-@\[-`{-~\u00a1-\u00bf\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u206f\u3000-\u303f\uff00-\uff20"
_DENSE = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_DENSE}]|[^{_BETWEEN}{_DENSE}]+")
_IDEOGRAM = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
WIDTHS = (SHINGLE_WORDS, SHINGLE_IDEOGRAMS, SHINGLE_LETTERS)


def normalised(text: str) -> str:
    """A text without case, punctuation and spacing, for comparison."""
    return " ".join(_TOKEN.findall(text.casefold()))


@lru_cache(maxsize=1 << 18)
def _word(token: str) -> int:
    return digest(token)


def shingles(texts: Sequence[str]) -> tuple[Digests, np.ndarray]:
    """Digests of all runs of eight words; in scripts without spaces, of sixteen ideograms or forty letters.

    Args:
        texts: any number of texts.

    Returns:
        The digests, and for each the index of its text, both of shape (runs,).
    """
    words: list[int] = []
    owners: list[int] = []
    kinds: list[int] = []
    for index, text in enumerate(texts):
        tokens = _TOKEN.findall(text.casefold())
        words += map(_word, tokens)
        owners += [index] * len(tokens)
        kinds += map(_kind, tokens)
    values, owner, kind = np.asarray(words, np.uint64), np.asarray(owners, np.int64), np.asarray(kinds, np.int8)
    found = [_runs(values, owner, kind == number, width) for number, width in enumerate(WIDTHS)]
    return np.concatenate([runs for runs, _ in found]), np.concatenate([owner[at] for _, at in found])


def shared_run(text: str, known: Digests) -> str:
    """The first run of words of a text whose digest is among `known`, which is sorted; "" if there is none."""
    tokens = _TOKEN.findall(text.casefold())
    values = np.array([_word(token) for token in tokens], np.uint64)
    kinds = np.array([_kind(token) for token in tokens], np.int8)
    for number, width in enumerate(WIDTHS):
        runs, places = _runs(values, np.zeros(len(tokens), np.int64), kinds == number, width)
        hits = places[within(runs, known)]
        if len(hits):
            return ("" if number else " ").join(tokens[hits[0] : hits[0] + width])
    return ""


@lru_cache(maxsize=1 << 18)
def _kind(token: str) -> int:
    """0 for a word, 1 for an ideogram or kana, 2 for a letter of a script without spaces."""
    return 1 if _IDEOGRAM.match(token) else 2 if _LETTER.match(token) else 0


def _runs(values: Digests, owner: np.ndarray, of_kind: np.ndarray, width: int) -> tuple[Digests, np.ndarray]:
    """Polynomial digests of each window of `width` tokens within one text whose ends are tokens of one kind.

    Returns:
        The digests, and where each window begins, both of shape (runs,).
    """
    count = len(values) - width + 1
    if count < 1:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    combined = np.zeros(count, np.uint64)
    for place in range(width):
        combined = combined * np.uint64(0x9E3779B97F4A7C15) + values[place : place + count]
    within = owner[:count] == owner[width - 1 :]
    # A window that begins and ends with a kind of token may contain others, such as numbers and foreign words.
    mine = within & of_kind[:count] & of_kind[width - 1 :]
    return combined[mine] ^ np.uint64(width), np.flatnonzero(mine)


def within(values: Digests, known: Digests) -> np.ndarray:
    """Whether each value is among `known`, which is sorted."""
    if not len(known) or not len(values):
        return np.zeros(len(values), np.bool_)
    place = np.searchsorted(known, values).clip(max=len(known) - 1)
    hit: np.ndarray = known[place] == values
    return hit
