"""Finds translations of a passage by file names: the same path with another language, aligned by position."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Protocol

from ..languages import CANDIDATES
from ..store import Passage

# Forms of regions and scripts of web sites, gettext and Debian, besides plain codes.
_VARIANTS = {
    "zh-cn": "zh", "zh-tw": "zh", "zh-hk": "zh", "zh-hans": "zh", "zh-hant": "zh", "pt-br": "pt", "pt-pt": "pt",
    "en-us": "en", "en-gb": "en", "es-es": "es", "es-mx": "es", "fr-fr": "fr", "fr-ca": "fr", "de-de": "de",
    "nb": "no", "nn": "no", "sr-latn": "sr", "sr-cyrl": "sr", "ja-jp": "ja", "ko-kr": "ko",
}  # fmt: skip
_CODES = {**{code: code for code in CANDIDATES}, **_VARIANTS, "eo": "eo", "kk": "kk", "uz": "uz", "az": "az"}
_WORD = re.compile(r"(?<![^\W_])([a-zA-Z]{2}(?:[-_][a-zA-Z]{2,4})?)(?![^\W_])")


def language_places(path: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each place in a path that may be a language: a folder, or a part of the file's name.

    "docs/pt_BR/intro.md" has one, "faq.en.html" one, and "a/de.txt" one, its whole stem. The suffix never counts.
    """
    folders, _, filename = path.rpartition("/")
    offset = 0
    for segment in folders.split("/"):
        if _code(segment):
            yield offset, offset + len(segment)
        offset += len(segment) + 1
    start = len(path) - len(filename)
    stem = filename.rsplit(".", 1)[0] if "." in filename else filename
    for match in _WORD.finditer(stem):
        for end in _ends(match):
            if _code(stem[match.start() : end]):
                yield start + match.start(), start + end
                break


def _ends(match: re.Match[str]) -> tuple[int, ...]:
    """Where a code in a word like "zh_CN" may end: the second part may be another word ("en-faq")."""
    return match.end(), match.start() + 2


def _code(text: str) -> str:
    return _CODES.get(text.lower().replace("_", "-"), "")


def sibling_paths(path: str) -> dict[str, str]:
    """Every path that a translation of a file might have, with its language, except the file's own."""
    found: dict[str, str] = {}
    for start, end in language_places(path):
        own = _code(path[start:end])
        for written, code in _CODES.items():
            if code == own:
                continue
            for spelling in _spellings(written):
                found[path[:start] + spelling + path[end:]] = code
    return found


def _spellings(written: str) -> set[str]:
    first, _, second = written.partition("-")
    if not second:
        return {first}
    region = second.upper() if len(second) == 2 else second.capitalize()
    return {f"{first}{mark}{part}" for mark in "-_" for part in (second, region)}


class Documents(Protocol):
    """The source of translations: a library's database, or its copy on an engine."""

    def documents_at(self, paths: Collection[str], part: str) -> dict[str, tuple[int, int, int]]:
        """For each existing path: document id, number of passages and length covered."""

    def passages_of_document(self, document: int, first: int, last: int) -> list[Passage]:
        """The passages of a document with ordinals from `first` to `last`, in order."""


def translations(store: Documents, passage: Passage) -> dict[str, Passage]:
    """The passage at the same place in each parallel file, by language.

    Files with equally many passages are aligned by ordinal, others by the relative position in the text.
    """
    candidates = sibling_paths(passage.path)
    if not candidates:
        return {}
    documents = store.documents_at([passage.path, *candidates], passage.part)
    if passage.path not in documents:
        return {}
    _, count, length = documents.pop(passage.path)
    middle = (passage.start + passage.end) / 2 / max(1, length)
    found: dict[str, Passage] = {}
    for path in sorted(documents, key=lambda path: (candidates[path], path)):
        code = candidates[path]
        document, number, its_length = documents[path]
        if not number or code in found:
            continue
        if number == count:
            there = store.passages_of_document(document, passage.ordinal, passage.ordinal)
        else:
            there = store.passages_of_document(document, 0, number)
            there.sort(key=lambda each: abs((each.start + each.end) / 2 / max(1, its_length) - middle))
        if there:
            found[code] = there[0]
    return found
