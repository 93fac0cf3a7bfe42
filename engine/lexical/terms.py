"""Text to terms for the full-text index, so that words are found in every script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from .folding import folded, normalised, spelled_out

# To be raised whenever the terms of any text change: a library remembers it, and enters its words anew.
VERSION = 2

_PREFIX = 5
# Stands behind the last character of a run where a pair has its second one.
_END = "\u00b7"
# A chain of hyphens that is longer is no word.
_LONGEST_JOINED = 64
# Scripts written without spaces, or (Korean) with endings glued on: pairs of characters serve better than words.
PAIRED = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff"  # Hangul
)
# Vowel signs and accents that belong to a word although Python's \w leaves them out.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0711\u0730-\u074a\u07a6-\u07b0\u0900-\u0963\u0970-\u0df3\u0f35-\u0f39\u0f71-\u0f84"
    "\u0f90-\u0fbc\u1dc0-\u1dff"
)
_WORD = f"[^\\W_{PAIRED}](?:[^\\W_{PAIRED}]|[{_MARKS}])*+"
# A word with those joined to it by an apostrophe, a hyphen or a ZWNJ; digits on either side part it for good.
_RUN = re.compile(f"([{PAIRED}]+)|({_WORD}(?:(?:\u200c|(?<=[^\\W\\d_{PAIRED}])['-](?=[^\\W\\d_{PAIRED}])){_WORD})*+)")
_CONNECTION = re.compile("[\u200c'-]")
_ONLY_INVISIBLE = re.compile("[^'-]*")
_UNPARTED = re.compile(f"(?<=[{PAIRED}])\u200c+|\u200c+(?=[{PAIRED}])")
_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)(?=...)")


def tokens(text: str) -> list[str]:
    """The terms of a passage, in order, with repetitions; meant for an FTS5 table with the "ascii" tokenizer.

    Runs of Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese give overlapping pairs of characters; a
    character that only ends runs gives one term more, so that each is the beginning of some term. A word of
    another script gives itself, itself without accents, and of each form that is longer the first five characters. What
    apostrophes, hyphens and ZWNJ hold together gives its parts and the whole. No term holds white space or ASCII
    punctuation.
    """
    found: list[str] = []
    last: dict[str, None] = {}
    for paired, word in runs(text):
        if word:
            pieces = pieces_of(word)
            parts = (*pieces, *_whole(pieces))
            found += dict.fromkeys(form for part in parts for form in (*_forms(part), *_others(part)))
        else:
            found += _pairs(paired) or [paired]
            last[paired[-1]] = None
    begun = {term[0] for term in found}
    return found + [character + _END for character in last if character not in begun]


def asked(query: str) -> tuple[list[str], list[str]]:
    """The terms of a question: as it is written, and the other spellings of its words; each once, in order.

    "x*" stands for every term that begins with x: a single character of a script that gives pairs.
    """
    found: dict[str, None] = {}
    others: dict[str, None] = {}
    for paired, word in runs(query):
        pieces = pieces_of(word) if word else []
        whole = _whole(pieces)
        for part in (*pieces, *whole):
            own = others if whole and part is whole[0] and not _ONLY_INVISIBLE.fullmatch(word) else found
            own.update(dict.fromkeys(_forms(part)))
            others.update(dict.fromkeys(_others(part)))
        if len(paired) == 1:
            found[paired] = None
        others.update(dict.fromkeys(beginnings(paired) if len(paired) == 1 else ()))
        found.update(dict.fromkeys(_pairs(paired)))
    return list(found), [term for term in others if term not in found]


def beginnings(paired: str) -> list[str]:
    """The terms that find a run of a script in pairs."""
    return [f"{paired}*"] if len(paired) == 1 else _pairs(paired)


def _pairs(paired: str) -> list[str]:
    return [first + second for first, second in pairwise(paired)]


def runs(text: str) -> Iterator[tuple[str, str]]:
    """The normalised text as (run of a script in pairs, "") and ("", word with what is joined to it), in order."""
    for match in _RUN.finditer(_UNPARTED.sub("", normalised(text))):
        yield match[1] or "", match[2] or ""


def pieces_of(word: str) -> list[str]:
    """The words that one of `runs` is made of."""
    return _CONNECTION.split(word)


def _whole(pieces: list[str]) -> list[str]:
    joined = "".join(pieces)
    return [joined] if len(pieces) > 1 and len(joined) <= _LONGEST_JOINED else []


def _forms(word: str) -> list[str]:
    if "\u0620" <= word[0] <= "\u06ff":
        word = folded(word)
        return _with_beginnings(word, _ARTICLE.sub("", word))
    return _with_beginnings(word)


def _others(word: str) -> list[str]:
    return [] if word.isascii() else _with_beginnings(folded(word), spelled_out(word))


def _with_beginnings(*words: str) -> list[str]:
    return list(dict.fromkeys(form for word in words for form in (word, word[:_PREFIX]) if form))
