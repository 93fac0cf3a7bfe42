"""Text to terms for the full-text index, so that words are found in every script."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_MOST_TERMS = 256
_PREFIX = 5
# Scripts written without spaces, or (Korean) with endings glued on: pairs of characters serve better than words.
_PAIRED = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff"  # Hangul
)
# Vowel signs and accents that belong to a word although Python's \w leaves them out.
_MARKS = "\u0300-\u036f\u0483-\u0489\u0900-\u0963\u0970-\u0df3\u0f35-\u0f39\u0f71-\u0f84\u0f90-\u0fbc"
_RUN = re.compile(f"([{_PAIRED}]+)|([^\\W_{_PAIRED}](?:[^\\W_{_PAIRED}]|[{_MARKS}])*)")
# Vowel points of Arabic and Hebrew and the stretching stroke: written or not as one likes.
_POINTS = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]"
)
_ARABIC_SPELLINGS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه"})
_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)(?=...)")


def tokens(text: str, *, query: bool = False) -> list[str]:
    """The terms of a text, in order, with repetitions; meant for an FTS5 table with the "ascii" tokenizer.

    NFKC and case folding first. Runs of Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese give overlapping pairs
    of characters (one alone gives itself); a word of another script gives itself and, if it is longer, its first five
    characters. Words of a passage are entered without their accents too; those of a `query` are taken as typed, so that
    "arbol" finds "árbol" and "árbol" still prefers it. No term holds white space or ASCII punctuation.
    """
    found: list[str] = []
    text = _POINTS.sub("", unicodedata.normalize("NFKC", text).casefold().replace("i\u0307", "i"))
    for match in _RUN.finditer(text):
        paired, word = match.groups()
        if word:
            found += _forms(word, query)
        elif len(paired) == 1:
            found.append(paired)
        else:
            found += [first + second for first, second in pairwise(paired)]
    return found


def _forms(word: str, query: bool) -> list[str]:
    if word.isascii():
        return [word] if len(word) <= _PREFIX else [word, word[:_PREFIX]]
    forms = [word]
    if "\u0620" <= word[0] <= "\u06ff":
        word = word.translate(_ARABIC_SPELLINGS)
        forms = [word, _ARTICLE.sub("", word)]
    elif not query:
        forms.append(_without_accents(word))
    return list(dict.fromkeys(each for form in forms for each in (form, form[:_PREFIX])))


def _without_accents(word: str) -> str:
    if "\u0900" <= word[0] <= "\u0fff":
        return word
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(character for character in decomposed if not "\u0300" <= character <= "\u036f").replace("ı", "i")


def match_expression(query: str) -> str:
    """The FTS5 expression that finds passages with any term of the query; "" where it has none.

    Terms are joined by OR, never AND: one absent term must not empty the result. Each is quoted, so nothing in a query
    is taken for an operator.
    """
    terms = list(dict.fromkeys(tokens(query, query=True)))[:_MOST_TERMS]
    return " OR ".join(f'"{term}"' for term in terms)
