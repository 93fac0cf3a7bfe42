"""One colour for each language, everywhere in the app; it is always shown with the language's code."""

from __future__ import annotations

import zlib
from functools import lru_cache

from rich.color import Color
from rich.style import Style

from ...engine.languages import UNDETERMINED

# Any two differ by 16 or more (CIE76), also under simulated protanopia, deuteranopia and tritanopia.
PALETTE: dict[str, str] = {
    "ar": "#2fbc52", "de": "#eddfb6", "el": "#6ef7e6", "en": "#0d9cf2", "es": "#df2020", "fr": "#815af6",
    "hi": "#f56a00", "ja": "#be5597", "ko": "#b6b6ed", "ru": "#cd1db7", "th": "#9cf20d", "tr": "#e4959f",
    "vi": "#358d56", "zh": "#c9ee8b",
}  # fmt: skip
_UNKNOWN = "#8a93a3"
_INK = "#10141b"
_PAPER = "#ffffff"


def colour(code: str) -> str:
    """The colour of a language as #rrggbb; a language outside the palette always gets the same of its colours."""
    known = PALETTE.get(code.split("-")[0])
    if known:
        return known
    if code in ("", UNDETERMINED):
        return _UNKNOWN
    colours = list(PALETTE.values())
    return colours[zlib.crc32(code.encode()) % len(colours)]


@lru_cache(maxsize=512)
def ink(background: str) -> str:
    """Black or white, whichever has more contrast on `background` (WCAG relative luminance)."""
    light = _luminance(background) + 0.05
    return _INK if light / (_luminance(_INK) + 0.05) >= 1.05 / light else _PAPER


@lru_cache(maxsize=512)
def block(code: str) -> Style:
    """The style of text on a language's colour: tags and bars."""
    background = colour(code)
    return Style(color=ink(background), bgcolor=background, bold=True)


@lru_cache(maxsize=512)
def stroke(code: str, *, dark: bool) -> Style:
    """The style of marks in a language's colour, darkened for a light background."""
    return Style(color=colour(code) if dark else _deepened(colour(code)))


def tag_style(code: str, *, dark: bool) -> Style:
    """The style of a code on the screen's own background."""
    return stroke(code, dark=dark) + Style(bold=True)


def _luminance(value: str) -> float:
    parts = [part / 255 for part in Color.parse(value).get_truecolor()]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _deepened(value: str) -> str:
    """The colour, darkened until it contrasts 3:1 with white."""
    parts: tuple[int, ...] = tuple(Color.parse(value).get_truecolor())
    while _luminance(text := "#" + "".join(f"{part:02x}" for part in parts)) > 0.3:
        parts = tuple(int(part * 0.92) for part in parts)
    return text
