"""Turns text into terms for the full-text index, so that words are found in every script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from .folding import folded, normalised, spellings

# Raise it whenever the terms of any text change: a library stores it, and enters its words again.
VERSION = 2

_PREFIX = 5
# Replaces the second character of a pair after the last character of a run.
_END = "\u00b7"
# A longer chain of joined words is not a word.
_LONGEST_JOINED = 64
# Scripts without spaces, or (Korean) with endings attached: pairs of characters work better than words.
PAIRED = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff"  # Hangul
)
# Vowel signs and accents that belong to words but are not in Python's \w.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0711\u0730-\u074a\u07a6-\u07b0\u0900-\u0963\u0970-\u0df3\u0f35-\u0f39\u0f71-\u0f84"
    "\u0f90-\u0fbc\u1dc0-\u1dff"
)
_WORD = f"[^\\W_{PAIRED}](?:[^\\W_{PAIRED}]|[{_MARKS}])*+"
# A word with those joined to it by an apostrophe, a hyphen or a ZWNJ; apostrophes and hyphens next to digits split.
_RUN = re.compile(f"([{PAIRED}]+)|({_WORD}(?:(?:\u200c|(?<=[^\\W\\d_{PAIRED}])['-](?=[^\\W\\d_{PAIRED}])){_WORD})*+)")
_CONNECTION = re.compile("[\u200c'-]")
_APOSTROPHE_OR_HYPHEN = re.compile("['-]")
_UNPARTED = re.compile(f"(?<=[{PAIRED}])\u200c+|\u200c+(?=[{PAIRED}])")
_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)(?=...)")


def tokens(text: str) -> list[str]:
    """The terms of a passage, in order, with repetitions, for an FTS5 table with the "ascii" tokenizer.

    Runs of Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese give overlapping pairs of characters; a character
    that occurs only at the end of runs gives one more term, so that each is the beginning of some term. A word of
    another script gives itself, its form without accents, and the first five characters of each longer form. Words
    joined by apostrophes, hyphens or ZWNJ give their parts and the whole. No term contains white space or ASCII
    punctuation.
    """
    found: list[str] = []
    last: dict[str, None] = {}
    for paired, word in _runs(text):
        if word:
            found += _terms_of_word(word)
        else:
            found += _pairs(paired) or [paired]
            last[paired[-1]] = None
    if not last:
        return found
    begun = {term[0] for term in found}
    return found + [character + _END for character in last if character not in begun]


def terms_of(heading: str, text: str) -> str:
    """The full-text index's entry for a passage."""
    return " ".join([*tokens(heading), *tokens(text)])


@dataclass(frozen=True)
class Asked:
    """The terms of a question, each once, in order.

    `words` are its words and pairs as written, `beginnings` the first five characters of longer words, and `others` the
    other spellings of its words. "x*" means every term that begins with x.
    """

    words: tuple[str, ...]
    beginnings: tuple[str, ...]
    others: tuple[str, ...]


def asked(query: str) -> Asked:
    """The terms of a question."""
    words: dict[str, None] = {}
    begun: dict[str, None] = {}
    others: dict[str, None] = {}
    for paired, word in runs(query):
        if paired:
            words.update(dict.fromkeys(_pairs(paired) or [paired]))
            others.update(dict.fromkeys(finding(paired) if len(paired) == 1 else ()))
            continue
        pieces = pieces_of(word)
        # Apostrophes and hyphens usually split words; invisible signs do in about half of the cases.
        whole = _whole(pieces)
        for part in pieces if _APOSTROPHE_OR_HYPHEN.search(word) else (*pieces, *whole):
            for form in _written(part):
                words[form] = None
                if len(form) > _PREFIX:
                    begun[form[:_PREFIX]] = None
        for part in (*pieces, *whole):
            others.update(dict.fromkeys(_with_beginnings(part, folded(part), *spellings(part))))
    begun = {term: None for term in begun if term not in words}
    return Asked(tuple(words), tuple(begun), tuple(term for term in others if term not in words and term not in begun))


def finding(paired: str) -> list[str]:
    """The terms that find a run of characters that are indexed in pairs."""
    return _pairs(paired) or [f"{paired}*"]


def _pairs(paired: str) -> list[str]:
    return [first + second for first, second in pairwise(paired)]


def runs(text: str) -> Iterator[tuple[str, str]]:
    """The normalised text as (run to be indexed in pairs, "") and ("", word with words joined to it), in order."""
    yield from _runs(text)


def _runs(text: str) -> list[tuple[str, str]]:
    plain = normalised(text)
    found: list[tuple[str, str]] = _RUN.findall(_UNPARTED.sub("", plain) if "\u200c" in plain else plain)
    return found


def pieces_of(word: str) -> list[str]:
    """The words that a word from `runs` is joined of."""
    return _CONNECTION.split(word)


def _whole(pieces: list[str]) -> list[str]:
    joined = "".join(pieces)
    return [joined] if len(pieces) > 1 and len(joined) <= _LONGEST_JOINED else []


def _written(word: str) -> list[str]:
    if "\u0620" <= word[0] <= "\u06ff":
        word = folded(word)
        return [word, _ARTICLE.sub("", word)]
    return [word]


@lru_cache(maxsize=65536)
def _terms_of_word(word: str) -> tuple[str, ...]:
    """The terms of a word from `runs`."""
    pieces = pieces_of(word)
    if len(pieces) == 1:
        return _forms(word)
    return tuple(dict.fromkeys(form for part in (*pieces, *_whole(pieces)) for form in _forms(part)))


@lru_cache(maxsize=65536)
def _forms(word: str) -> tuple[str, ...]:
    return tuple(_with_beginnings(*_written(word), *(() if word.isascii() else (folded(word),))))


def _with_beginnings(*words: str) -> list[str]:
    return list(dict.fromkeys(form for word in words for form in (word, word[:_PREFIX]) if form))
