"""Where sentences end, in every script, with offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .languages import UNDETERMINED, detect

# Stops that sentencex leaves standing in some languages, with the closing marks after them.
_STOPS = re.compile("[。！？｡．؟۔।॥။៕។።፧᠃᠉꓿](?:[。！？｡؟۔।॥!?]*)[\"'”’»」』）】〉》)\\]]*\\s*")
_CLOSERS = frozenset("」』）】〉》")
_THAI = re.compile("[\u0e00-\u0eff]")
_THAI_SENTENCE = 120
_SPACES = re.compile(r"\s+")
_SURROGATES = re.compile("[\ud800-\udfff]")


def sentences(text: str, language: str = "") -> list[tuple[int, int]]:
    """(start, end) of the sentences of a text, without the white space around them.

    `language` (a code) tells which abbreviations end no sentence; it is detected where it is not given. Thai and Lao
    have no stops: long stretches are parted at spaces.
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
    import sentencex

    found = sentencex.get_sentence_boundaries(language.split("-")[0], _SURROGATES.sub("\ufffd", text))
    spans = [(int(each["start_index"]), int(each["end_index"])) for each in found]
    # Whatever a splitter leaves out or doubles, the spans handed on cover the text exactly once.
    covered: list[tuple[int, int]] = []
    position = 0
    for start, end in spans:
        start, end = max(position, min(start, len(text))), min(end, len(text))
        if end > start:
            covered.append((position, end))
            position = end
    if position < len(text):
        covered.append((position, len(text)))
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
