"""Divides long texts into stretches: only one is in memory, and each is cut on its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..documents import Heading
from .sentence_ends import joined

# A text and the headings that start in it; their offsets count from the document's start.
Piece = tuple[str, Sequence[Heading]]

# The most characters of a stretch.
LENGTH = 1 << 18
_UNDERLINE = re.compile(r"[!-/:-@\[-`{-~]{2,}[ \t]*$")


@dataclass(frozen=True)
class Stretch:
    """A part of a document whose ends no passage crosses.

    `start` is its offset in the document; offsets of `headings` count from there; it is under the headings `above`.
    """

    start: int
    text: str
    headings: tuple[Heading, ...]
    above: tuple[Heading, ...]


def stretches(pieces: Iterable[Piece]) -> Iterator[Stretch]:
    """A document's stretches, independent of the pieces it comes in.

    They end at a paragraph's end, else a line's, else a word's, and never between a heading and its text.
    """
    start, text = 0, ""
    above: tuple[Heading, ...] = ()
    headings: list[Heading] = []
    for piece, found in pieces:
        headings += found
        headings.sort(key=lambda heading: heading.start)
        for first in range(0, len(piece), LENGTH):
            text += piece[first : first + LENGTH]
            while len(text) > LENGTH:
                stretch = _first(start, text, headings, above)
                yield stretch
                for heading in stretch.headings:
                    above = under(above, heading)
                del headings[: len(stretch.headings)]
                start, text = start + len(stretch.text), text[len(stretch.text) :]
    yield Stretch(start, text, _within(start, len(text) + 1, headings), above)


def _first(start: int, text: str, headings: list[Heading], above: tuple[Heading, ...]) -> Stretch:
    end = _end(text)
    within = _within(start, end, headings)
    if within and within[-1].start and not text[min(after_heading(text, within[-1]), end) : end].strip():
        end = within[-1].start
        within = within[:-1]
    return Stretch(start, text[:end], within, above)


def _within(start: int, length: int, headings: list[Heading]) -> tuple[Heading, ...]:
    found: list[Heading] = []
    for heading in headings:
        if heading.start >= start + length:
            break
        found.append(replace(heading, start=heading.start - start))
    return tuple(found)


def _end(text: str) -> int:
    for mark in ("\n\n", "\f", "\n", " ", "\u3000"):
        place = text.rfind(mark, LENGTH // 2, LENGTH)
        if place >= 0:
            return place + len(mark)
    for place in range(LENGTH, LENGTH - 16, -1):
        if not joined(text, place):
            return place
    return LENGTH


def under(above: tuple[Heading, ...], heading: Heading) -> tuple[Heading, ...]:
    """The headings above a heading, outermost first, followed by itself."""
    return (*(each for each in above if each.level < heading.level), heading)


def after_heading(text: str, heading: Heading) -> int:
    """Where the text after a heading begins: after its line and its underline."""
    position, seen = heading.start, False
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end]
        rule = bool(_UNDERLINE.match(line)) and any(c in "=-~^\"'`#*+.:_" for c in line[:1])
        if seen and not rule:
            return position
        if seen and rule:
            return min(end + 1, len(text))
        seen = not rule or line.strip() == heading.title
        position = end + 1
    return len(text)
