"""Turns a PDF's drawn text into running text: hyphens at line ends, ligatures, dotted leaders."""

from __future__ import annotations

import re
import unicodedata

from ..decoding import clean

_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010]\n(?=([^\W\d_]))")
_LEADERS = re.compile(r"(?:[ \t]{0,3}\.){5,}[ \t]*")
# Arabic presentation forms and Latin ligatures: shapes of letters, not the letters themselves.
_SHAPES = re.compile("[\ufb00-\ufb06\ufb1d-\ufdff\ufe70-\ufefc]+")
# Radicals, which some Chinese and Japanese fonts give instead of the characters that look the same.
_RADICALS = re.compile("[\u2e80-\u2fd5]+")
# PDFium's sign for a hyphen that ends a line; it drops the line end.
_PDFIUM_HYPHEN = re.compile("[\x02\ufffe](?:\r?\n)?")
# Accents that a font draws as separate characters before their letters.
_ACCENTS = {"¨": "\u0308", "´": "\u0301", "¯": "\u0304", "ˇ": "\u030c", "˘": "\u0306", "˙": "\u0307", "˚": "\u030a"}
_ACCENTED = re.compile(f"([{''.join(_ACCENTS)}])([A-Za-zı])")
# Latin letters that look like Cyrillic ones, and replace them in words that are otherwise Cyrillic.
_LOOKALIKES = str.maketrans("aceiopxyjsABCEHIJKMOPSTX", "асеіорхујѕАВСЕНІЈКМОРЅТХ")
_HALF_CYRILLIC = re.compile(
    "(?<![A-Za-z])[aceiopxyjsABCEHIJKMOPSTX\u0400-\u04ff]*[\u0400-\u04ff][aceiopxyjsABCEHIJKMOPSTX\u0400-\u04ff]*(?![A-Za-z])"
)
_LONE_PRIVATE = re.compile(r"(?<!\S)[\ue000-\uf8ff](?!\S)")


def tidy(text: str) -> str:
    """The text of a page as a person would type it."""
    # A hyphen that is drawn is one, whatever its font calls it.
    text = clean(_PDFIUM_HYPHEN.sub("-\n", text).replace("\u00ad", "-")).replace("\xa0", " ")
    text = _SHAPES.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _RADICALS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _HYPHEN.sub(lambda match: "" if match[1].islower() else "-", text)
    text = _ACCENTED.sub(_composed, text)
    text = _HALF_CYRILLIC.sub(lambda match: match[0].translate(_LOOKALIKES), text)
    # A single private-use character is a bullet of a symbol font.
    text = _LONE_PRIVATE.sub("•", text)
    return _LEADERS.sub(" … ", text)


def _composed(match: re.Match[str]) -> str:
    letter = "i" if match[2] == "ı" else match[2]
    composed = unicodedata.normalize("NFC", letter + _ACCENTS[match[1]])
    return composed if len(composed) == 1 else match[0]
