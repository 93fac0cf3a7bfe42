"""Finds the sentences of a text, in every script, with offsets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ..languages import UNDETERMINED, detect

# Stops that sentencex ignores in some languages, with the closing marks after them.
_STOPS = re.compile("[。！？｡．؟۔।॥။៕។።፧᠃᠉꓿](?:[。！？｡؟۔।॥!?]*)[\"'”’»」』）】〉》)\\]]*\\s*")
_CLOSERS = frozenset("」』）】〉》")
_THAI = re.compile("[\u0e00-\u0eff]")
_THAI_SENTENCE = 120
_STRETCH = 5000
_SPACES = re.compile(r"\s+")
# A letter after such a sign is part of the one before it; after the Burmese one, a syllable has ended.
_VIRAMA, _ASAT = 9, "\u103a"
# A Burmese consonant that is not spoken with a vowel, or is stacked on the next; a Khmer one that ends its syllable.
_END_OF_SYLLABLE = re.compile("[\u1000-\u1021](?:\u1037?\u103a|\u1039)|[\u1780-\u17a2][\u17cb\u17cd]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def sentences(text: str, language: str = "") -> list[tuple[int, int]]:
    """(start, end) of the sentences of a text, without the white space around them.

    `language` (a code) determines which abbreviations do not end a sentence; without it, it is detected. Thai and Lao
    have no stops: long stretches are split at spaces.
    """
    if not text.strip():
        return []
    code = language or detect(text).code
    spans: list[tuple[int, int]] = []
    for start, end in _parted_at_stops(text, _boundaries(text, "en" if code == UNDETERMINED else code)):
        spans += (
            _thai(text, start, end)
            if end - start > _THAI_SENTENCE and _THAI.search(text, start, end)
            else [(start, end)]
        )
    return [span for span in (trimmed(text, *span) for span in spans) if span[0] < span[1]]


def _boundaries(text: str, language: str) -> list[tuple[int, int]]:
    """Spans that cover the text exactly once, even if the splitter skips or repeats text.

    The splitter's time is quadratic in the number of sentences, so it gets the text in stretches; the last sentence of
    a stretch, which may be cut off, starts the next one.
    """
    import sentencex

    code = language.split("-")[0]
    text = _SURROGATES.sub("\ufffd", text)
    covered: list[tuple[int, int]] = []
    position = 0
    while position < len(text):
        stretch = text[position : position + _STRETCH]
        ends = sorted({int(each["end_index"]) for each in sentencex.get_sentence_boundaries(code, stretch)})
        ends = [end for end in ends if 0 < end < len(stretch)]
        if position + len(stretch) == len(text) or not ends:
            ends.append(len(stretch))
        start = 0
        for end in ends:
            covered.append((position + start, position + end))
            start = end
        position += start
    return covered


def _parted_at_stops(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in spans:
        position = start
        for match in _STOPS.finditer(text, start, end):
            if match.end() < end and text[match.end()] not in _CLOSERS:
                yield position, match.end()
                position = match.end()
        if position < end:
            yield position, end


def _thai(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Stretches of Thai or Lao of about a sentence's length, ending at spaces."""
    spans: list[tuple[int, int]] = []
    position = start
    for match in _SPACES.finditer(text, start, end):
        if match.end() - position >= _THAI_SENTENCE // 2 and end - match.end() >= _THAI_SENTENCE // 4:
            spans.append((position, match.end()))
            position = match.end()
    spans.append((position, end))
    return spans


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def joined(text: str, place: int) -> bool:
    """Whether the characters before and at `place` form one sign, or a syllable of a script without spaces."""
    character, before = text[place], text[place - 1]
    if unicodedata.combining(before) == _VIRAMA and before != _ASAT:
        return True
    return (
        bool(_END_OF_SYLLABLE.match(text, place))
        or unicodedata.category(character)[0] == "M"
        or character in "\u200d\u200c\ufe0e\ufe0f\u0e33\u0eb3"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or before in "\u200d\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4"
    )
