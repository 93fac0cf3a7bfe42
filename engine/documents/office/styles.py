"""Finds which paragraph styles of a Word document are headings, and their levels."""

from __future__ import annotations

import re

from .events import Events
from .names import attribute, number

TITLE_LEVEL = 1
CONTENTS = -1
_BODY_TEXT = 9
_BY_NAME = re.compile(r"(?:heading |überschrift |titre |título |titolo |заголовок |标题 |見出し )([1-9])")
_CONTENTS = re.compile(r"toc [1-9]|(?:toc|toa|index) heading|index [1-9]|table of (?:figures|authorities)")
_BY_ID = re.compile(r"heading ?([1-9])")


class Styles(Events):
    """Read from the styles part; `level` then gives the level of a style's id.

    Word translates the ids ("berschrift2"), but not the names behind them ("heading 2").
    """

    def __init__(self) -> None:
        super().__init__()
        self._own: dict[str, int] = {}
        self._based_on: dict[str, str] = {}
        self._levels: dict[str, int] = {}
        self._id = ""
        self.opening |= {
            "w:style": self._style,
            "w:name": self._name,
            "w:basedOn": self._base,
            "w:outlineLvl": self._outline,
        }
        self.ignore("w:docDefaults", "w:latentStyles")

    def level(self, style: str) -> int:
        """1 to 9 for a heading, 0 for other text, `CONTENTS` for a line of a table of contents or an index."""
        if not style:
            return 0
        if not self._own and not self._based_on:
            match = _BY_ID.fullmatch(style.lower())
            return int(match[1]) if match else TITLE_LEVEL if style.lower() == "title" else 0
        chain: list[str] = []
        seen: set[str] = set()
        while style and style not in self._levels and style not in self._own and style not in seen:
            chain.append(style)
            seen.add(style)
            style = self._based_on.get(style, "")
        level = self._levels.get(style, self._own.get(style, 0))
        for each in chain:
            self._levels[each] = level
        return level

    def _style(self, facts: dict[str, str]) -> None:
        self._id = attribute(facts, "w:styleId")
        self._based_on.setdefault(self._id, "")

    def _name(self, facts: dict[str, str]) -> None:
        if level := level_of_name(attribute(facts, "w:val")):
            self._own[self._id] = level

    def _base(self, facts: dict[str, str]) -> None:
        self._based_on[self._id] = attribute(facts, "w:val")

    def _outline(self, facts: dict[str, str]) -> None:
        level = outline_level(facts)
        if level is not None and self._own.get(self._id) != CONTENTS:
            self._own[self._id] = level


def level_of_name(style: str) -> int:
    """The level of a style by its name: 1 to 9 for a heading, `CONTENTS`, or 0."""
    name = style.lower()
    if match := _BY_NAME.fullmatch(name):
        return int(match[1])
    return TITLE_LEVEL if name == "title" else CONTENTS if _CONTENTS.fullmatch(name) else 0


def outline_level(facts: dict[str, str]) -> int | None:
    """The level in w:outlineLvl, 0 for body text, None if there is none."""
    level = number(attribute(facts, "w:val"), -1)
    if level < 0:
        return None
    return level + 1 if level < _BODY_TEXT else 0
