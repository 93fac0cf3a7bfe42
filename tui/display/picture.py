"""Makes text of every script as wide in pictures of the screen as it is on the screen."""

from __future__ import annotations

import re
from html import unescape

from rich.cells import cell_len

_TEXT = re.compile(r'(<text [^>]*?textLength=")([\d.]+)("[^>]*)>([^<]*)</text>')


def in_cells(svg: str) -> str:
    """An SVG from Rich with text lengths in cells: Rich counts characters, which squeezes or stretches some scripts."""
    return _TEXT.sub(_measured, svg)


def _measured(found: re.Match[str]) -> str:
    before, length, after, content = found.groups()
    text = unescape(content)
    cells = cell_len(text)
    if cells == len(text):
        return found[0]
    wide = float(length) * cells / len(text)
    # Scales letters instead of spacing them: spacing would tear joined letters apart.
    return f'{before}{wide:g}{after} lengthAdjust="spacingAndGlyphs">{content}</text>'
