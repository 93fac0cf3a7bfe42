"""Turns bookmarks into headings: looks up each among the lines of the page it points to."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

from ..building import one_line
from ..decoding import clean
from ..model import Document, Heading
from .opened import Bookmark

MOST_BOOKMARKS = 50_000
_LONGEST_TITLE = 400
_NUMBER = re.compile(r"[\dA-Za-z.]+[ \t]+")
_BEFORE_WORDS = re.compile(r"[^\w\n]*")


def headings(bookmarks: Iterable[Bookmark], document: Document, end: float) -> tuple[Heading, ...]:
    """The bookmarks whose words are a line of the page they point to; the offset of any other is unknown.

    After `end`, a moment of `time.monotonic`, no further bookmark is looked up. Every page's lines are put into a table
    once, so that the time grows with the text plus the number of bookmarks, not with their product.
    """
    found: dict[int, Heading] = {}
    lines: dict[int, dict[str, int]] = {}
    try:
        for seen, bookmark in enumerate(bookmarks):
            if seen >= MOST_BOOKMARKS or time.monotonic() > end:
                break
            title = one_line(clean(bookmark.title))
            if not title or len(title) > _LONGEST_TITLE or not 0 <= bookmark.page < len(document.pages):
                continue
            if bookmark.page not in lines:
                lines[bookmark.page] = _lines(document, bookmark.page)
            start = lines[bookmark.page].get(_key(title))
            if start is not None:
                found.setdefault(start, Heading(start, min(bookmark.level, 9), title))
    except Exception:  # a damaged outline costs headings, not the text
        return ()
    return tuple(found[start] for start in sorted(found))


def _lines(document: Document, page: int) -> dict[str, int]:
    """Each line of the page, in the form used to compare titles, with the offset of its first word."""
    end = document.pages[page + 1] if page + 1 < len(document.pages) else len(document.text)
    table: dict[str, int] = {}
    start = document.pages[page]
    for line in document.text[start:end].split("\n"):
        if line.strip() and len(line) <= 2 * _LONGEST_TITLE:
            table.setdefault(_key(line), start + len(line) - len(line.lstrip()))
            skipped = _BEFORE_WORDS.match(line)
            words = line[skipped.end() :] if skipped else line
            table.setdefault(_key(words), start + len(line) - len(line.lstrip()))
            if number := _NUMBER.match(words):
                table.setdefault(_key(words[number.end() :]), start + len(line) - len(line.lstrip()))
        start += len(line) + 1
    return table


def _key(title: str) -> str:
    return " ".join(title.casefold().split())
