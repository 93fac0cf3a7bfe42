"""Guesses an undeclared legacy encoding: weighs the detector's candidates by how words look in them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from ...languages import script_of

# Of two encodings that fit equally well, the more common one is taken.
_WINDOWS = """
    cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 koi8-r koi8-u tis-620
    cp932 shift_jis_2004 euc_jis_2004 cp949 euc_kr johab gb18030 big5hkscs
"""
_ISO = "iso8859-1 iso8859-2 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-13 iso8859-15"
_DOS = "cp437 cp850 cp852 cp855 cp857 cp862 cp866 mac-roman"
_RARE = """
    cp720 cp737 cp775 cp860 cp861 cp863 cp865 cp869 iso8859-3 iso8859-4 iso8859-14 iso8859-16
    mac-cyrillic mac-greek mac-latin2
"""
_COMMON = {
    name: weight
    for names, weight in ((_WINDOWS, 1.0), (_ISO, 0.997), (_DOS, 0.994), (_RARE, 0.99), ("cp864", 0.7))
    for name in names.split()
}
# The detector does not know Albanian and takes its two letters beyond ASCII for Baltic ones.
_BALTIC = frozenset(("cp1257", "cp775", "iso8859-13", "iso8859-4", "cp720", "iso8859-3"))
_ALBANIAN = frozenset("ëçËÇ“”„«»’–—…")
_ASCII = dict.fromkeys(range(128))
# Most texts labelled with the smaller set are in the larger one; the newer Japanese sets turn `\\` into `¥`.
_LARGER = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "euc_kr": "cp949",
    "shift_jis_2004": "cp932",
    "euc_jis_2004": "euc_jp",
}
_SAMPLE = 32768
# Scripts that put Latin letters next to their own without a space.
_UNSPACED = frozenset(("HAN", "KANA", "HANGUL", "THAI", ""))
_INSIDE_WORDS = frozenset("’‘·\xad\u200c\u200d–—…-")
_OPENING = frozenset("„‚¿¡•†‡‰")
_NEVER_BEFORE_LETTERS = frozenset("¶¤¦¬¨´¸ƒªº")


def guess(data: bytes) -> str:
    """The Python name of a text's likeliest legacy encoding; "cp1252" if none fits."""
    from chardet import detect_all

    sample = telling_part(data)
    best, found = 0.0, "cp1252"
    for told in detect_all(sample, ignore_threshold=True, compat_names=False, include_encodings=list(_COMMON)):
        name = told["encoding"] or ""
        if told["confidence"] <= best:
            break
        try:
            text = sample.decode(name) if name in _COMMON else ""
        except UnicodeDecodeError:
            continue
        beyond = sum(character > "\x7f" for character in text)
        looks = max(0.02, 1 - oddness(text) / beyond) if beyond else 0.0
        if (score := told["confidence"] * looks * _COMMON.get(name, 0.0)) > best:
            best, found = score, name
    if found in _BALTIC and _ALBANIAN.issuperset(sample.decode("cp1252", "replace").translate(_ASCII)):
        return "cp1252"
    larger = _LARGER.get(found, found)
    return found if "\ufffd" in sample.decode(larger, "replace") else larger


def telling_part(data: bytes) -> bytes:
    """About 32 KB of lines with bytes beyond ASCII: other lines say nothing about the encoding."""
    if len(data) <= _SAMPLE:
        return data
    part = bytearray()
    for line in data[: 64 * _SAMPLE].splitlines(keepends=True):
        if not line.isascii():
            # A long line is cut at an ASCII byte, so that no multi-byte character is split.
            end = _SAMPLE // 4
            while end < len(line) and line[end - 1] > 0x7F:
                end += 1
            part += line[:end]
            if len(part) >= _SAMPLE:
                break
    return bytes(part) or data[:_SAMPLE]


def oddness(text: str) -> float:
    """How often neighbouring characters do not occur together in words: a wrong code page causes many such pairs.

    It counts letters of two scripts in a word, a capital after a small letter, a sign inside a word, an opening sign at
    its end, and code points that are not characters.
    """
    odd = 0.0
    before = " "
    for place, character in enumerate(text):
        if character > "\x7f":
            odd += _odd(before, character, text[place + 1 : place + 2])
        elif before > "\x7f" and before.islower() and character.isupper():
            odd += 0.4
        before = character
    return odd


def _odd(before: str, character: str, after: str) -> float:
    if after.isalpha() and (character in _NEVER_BEFORE_LETTERS or "\u02b0" <= character <= "\u02ff"):
        return 1.0
    if character.isalpha():
        script = script_of(character)
        if before.isalpha() and script_of(before) != script:
            return 0.0 if {script, script_of(before)} & _UNSPACED else 1.0
        if after.isalpha() and after < "\x80" and script != "LATIN":
            return 0.0 if script in _UNSPACED else 1.0
        return 0.4 if before.islower() and character.isupper() else 0.0
    if "\u2500" <= character <= "\u259f" and (before.isalpha() or after.isalpha()):
        return 1.0  # old encodings have box-drawing lines where newer ones have letters
    category = _category(character)
    if category in ("Cc", "Co", "Cn"):
        return 2.0
    if category[0] == "M":
        return 0.0
    if before.isalpha() and ((after.isalpha() and character not in _INSIDE_WORDS) or character in _OPENING):
        return 1.0
    return 0.3 if category in ("So", "Sm", "Sk", "No", "Sc") else 0.0


@lru_cache(maxsize=4096)
def _category(character: str) -> str:
    return unicodedata.category(character)
