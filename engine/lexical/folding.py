"""Normalises spellings: letter case, accents, vowel points, digits, apostrophes, invisible characters.

Folding is the same for texts and questions. `normalised` is for whole texts and never makes different words equal;
`folded` and `spellings` are for single words and give forms in addition to the word itself.
"""

from __future__ import annotations

import re
import unicodedata

# The signs at which a word may be split or joined: apostrophes, hyphens, ZWNJ and ZWSP.
APOSTROPHE = "'"
HYPHEN = "-"
_NON_JOINER = "\u200c"

# Default_Ignorable_Code_Point of Unicode without ZWNJ and ZWSP: soft hyphen, joiners, marks of direction, selectors.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200d-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# Vowel points of Arabic and Hebrew, and the tatweel, which are all optional.
_POINTS = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]+"
)
_APOSTROPHES = re.compile("[\u2018\u2019\u201b\u2032\u02b9\u02bb-\u02bf\u02c8\u055a\u05f3\u05f4\ua78c`\u00b4]")
# The dot of Catalan "col·lecció", the quotation mark of Hebrew abbreviations, and variants of the hyphen.
_CATALAN = re.compile("(?<=l)[\u00b7\u2027](?=l)")
_HEBREW = re.compile('(?<=[\u05d0-\u05ea])["\u201d](?=[\u05d0-\u05ea])')
_HYPHENS = re.compile("[\u2010\u2011\u058a\u05be]")
_LINE_END = re.compile(r"(?<=\w)[-\u2010][ \t]*\r?\n[ \t]*(?=[^\W\d_])")
_DIGIT = re.compile(r"[^\D0-9]")

_SPELLINGS = {"ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ȷ": "j", "ŋ": "n", "ĸ": "k", "ə": "e", "ǝ": "e",
              "ɛ": "e", "ɔ": "o", "ʋ": "v", "ƿ": "w", "ɩ": "i", "ґ": "г", "ё": "е",
              "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ئ": "ي", "ؤ": "و",
              "ک": "ك", "ڪ": "ك", "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۀ": "ه", "ۂ": "ه", "ۃ": "ه",
              "ँ": "ं"}  # fmt: skip
# Letters that are not decomposed, although Unicode does: nobody types и for й, і for ї or у for ў.
_LETTERS = frozenset("йїўѓќ")
# The nukta of Devanagari, Gurmukhi, Gujarati and Kannada is often omitted. In Bengali and Odia it makes other letters.
_NUKTAS = frozenset("\u093c\u0a3c\u0abc\u0cbc")
_WITH = re.compile("LATIN SMALL LETTER ([A-Z]{1,2}) WITH ")
_SPELLED_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
_SPELLABLE = re.compile("[äöüåø]")
_SPELLED = re.compile("(?<![aeiouq])[aou]e|aa")


def normalised(text: str) -> str:
    """A text in lower case with one form for each letter, digit, apostrophe and hyphen, and nothing invisible in it.

    Signs that may split a word remain as an apostrophe, a hyphen or a ZWNJ, which also replaces ZWSP and hyphenation at
    the end of a line.
    """
    if text.isascii():
        return _LINE_END.sub(_NON_JOINER, text.lower())
    text = unicodedata.normalize("NFD", text).casefold()
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    # Compatibility characters can be case-folded only now, and a folded letter may compose with the next character.
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text.casefold()))
    text = _POINTS.sub("", text.replace("i\u0307", "i"))
    text = _LINE_END.sub(_NON_JOINER, text.replace("\u200b", _NON_JOINER))
    text = _APOSTROPHES.sub(APOSTROPHE, _HEBREW.sub(APOSTROPHE, _CATALAN.sub(APOSTROPHE, text)))
    text = _HYPHENS.sub(HYPHEN, text)
    return _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)


def folded(word: str) -> str:
    """A normalised word without accents, strokes and other marks that people leave out when they type."""
    return word if word.isascii() else word.translate(_FOLDS)


def spellings(word: str) -> list[str]:
    """Other ways of writing a normalised word, folded: "mueller" for "müller", and "muller" for "mueller"."""
    found = []
    if _SPELLABLE.search(word):
        found.append(folded("".join(_SPELLED_OUT.get(character, character) for character in word)))
    plain = folded(word)
    if _SPELLED.search(plain):
        found.append(_SPELLED.sub(lambda match: match[0][0], plain))
    return found


class _Folds(dict[int, str]):
    """The folded form of each character, computed when it first occurs."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _folded_letter(chr(code))
        return found


_FOLDS = _Folds()


def _folded_letter(character: str) -> str:
    if character in _LETTERS:
        return character
    if character in _SPELLINGS:
        return _SPELLINGS[character]
    if _is_accent(character):
        return ""
    parts = unicodedata.normalize("NFD", character)
    if len(parts) > 1 and any(_is_accent(part) for part in parts):
        return "".join(_folded_letter(part) for part in parts)
    with_stroke = _WITH.match(unicodedata.name(character, ""))
    return with_stroke[1].lower() if with_stroke else character


def _is_accent(character: str) -> bool:
    return "\u0300" <= character <= "\u036f" or "\u1dc0" <= character <= "\u1dff" or character in _NUKTAS
