"""Pictures of the screen in which text of every script takes the cells that it has on the screen."""

from __future__ import annotations

import re
from html import unescape

from rich.cells import cell_len

_TEXT = re.compile(r'(<text [^>]*?textLength=")([\d.]+)("[^>]*)>([^<]*)</text>')


def in_cells(svg: str) -> str:
    """An SVG of Rich's with lengths by cells: Rich counts characters, squeezes some scripts and stretches others."""
    return _TEXT.sub(_measured, svg)


def _measured(found: re.Match[str]) -> str:
    before, length, after, content = found.groups()
    text = unescape(content)
    cells = cell_len(text)
    if cells == len(text):
        return found[0]
    wide = float(length) * cells / len(text)
    # Letters are scaled, not spaced: spaces tear those apart that join.
    return f'{before}{wide:g}{after} lengthAdjust="spacingAndGlyphs">{content}</text>'
