"""Reads subtitles (SubRip, WebVTT): the spoken text in paragraphs, without numbers, times, positions and markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from ..building import Builder, one_line
from ..decoding import decode
from ..model import Document, Source
from .plain import read_text

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[,.:](\d{1,3}))?"
_TIMES = re.compile(rf"^\s{{0,20}}{_CLOCK}\s{{0,5}}-{{1,2}}>\s{{0,5}}{_CLOCK}(?=\s|$)")
# Readings of Chinese characters are left out with their marks.
_MARKS = re.compile(r"<rt>[^<>\n]{0,200}(?:</rt>|$)|<[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}")
_NUMBERED = re.compile(r"&#([0-9]+);?")
_SENTENCE_END = (".", "!", "?", "…", "。", "！", "？", "؟", "।", "♪")
_SILENCE_SECONDS = 4.0
_LONG_ENOUGH = 400


def read_subtitles(source: Source) -> Iterator[Document]:
    """A subtitle file as running text; one without times is read as plain text.

    A paragraph ends at a pause, or at the end of a sentence once it is long enough.
    """
    builder = Builder()
    said: list[str] = []
    length, last_end = 0, 0.0
    found = False
    for start, end, lines in _cues(decode(source.data)):
        found = True
        if said and (
            start - last_end > _SILENCE_SECONDS
            or (length > _LONG_ENOUGH and said[-1].rstrip("\"'»”’)").endswith(_SENTENCE_END))
        ):
            builder.paragraph(one_line("\n".join(said)))
            said, length = [], 0
        for line in lines:
            # Roll-up captions show each line twice.
            if not said or line != said[-1]:
                said.append(line)
                length += len(line)
        last_end = end
    if not found:
        yield from read_text(source)
        return
    builder.paragraph(one_line("\n".join(said)))
    yield builder.document(source.path)


def _cues(text: str) -> Iterator[tuple[float, float, list[str]]]:
    """(start, end, lines) of each cue, times in seconds."""
    web = text.startswith("WEBVTT")
    numbered = not web and text.lstrip().split("\n", 1)[0].strip().isdigit()
    times: tuple[float, float] | None = None
    lines: list[str] = []
    after_blank = False
    for line in text.split("\n"):
        if match := _TIMES.match(line):
            # The line above a cue's times is its number; in WebVTT, that follows an empty line and is left out already.
            if numbered and lines and lines[-1].isdigit():
                lines.pop()
            if times:
                yield *times, [each for raw in lines if (each := _spoken(raw))]
            times, lines, after_blank = (_seconds(match.groups()[:4]), _seconds(match.groups()[4:])), [], False
        elif not line.strip():
            # A cue of roll-up captions in WebVTT has lines of a single space.
            after_blank = after_blank or not (web and line)
        elif times and not (web and after_blank):
            # In WebVTT, notes and names follow an empty line; SubRip files have empty lines inside cues.
            lines.append(line.strip())
    if times:
        yield *times, [each for raw in lines if (each := _spoken(raw))]


def _spoken(line: str) -> str:
    return " ".join(unescape(_NUMBERED.sub(_letter, _MARKS.sub("", line.replace("\\N", " ")))).split())


def _letter(found: re.Match[str]) -> str:
    """A numeric character reference without leading zeros: `unescape` fails on thousands of digits."""
    digits = found[1].lstrip("0") or "0"
    return f"&#{digits};" if len(digits) < 8 else "\ufffd"


def _seconds(clock: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, rest = (each or "0" for each in clock)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{rest}")
