"""Finds running headers and footers of pages: a book's or chapter's title, a notice, the page number.

Such a line is at the same end of several nearby pages, with any numbers in it. It describes the document, not the page,
and would interrupt sentences in passages.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from .model import Document

# Start and end of a line in its document's text.
Place = tuple[int, int]

# How many lines are checked at each end of a page, and the most characters of one.
_LINES = 2
_LONGEST = 120
# A running line is on at least so many pages that are at most this far away.
_PAGES = 5
_NEAR = 8
_DIGITS = re.compile(r"\d+")


def running(document: Document) -> tuple[Place, ...]:
    """The places of running lines, in order.

    The first occurrence of each is not among them, so that no word of the document is lost.
    """
    if len(document.pages) < _PAGES:
        return ()
    at: dict[tuple[bool, str], dict[int, Place]] = defaultdict(dict)
    for page, (first, last) in enumerate(pairwise((*document.pages, len(document.text)))):
        lines = list(_lines(document.text, first, last))
        for top, own in ((True, lines[:_LINES]), (False, lines[-_LINES:])):
            # On a page of a few lines, all of them would be header or footer.
            for start, end in own if len(lines) > 2 * _LINES else ():
                if end - start <= _LONGEST:
                    at[top, _key(document.text[start:end])].setdefault(page, (start, end))
    found: set[Place] = set()
    for pages in at.values():
        close = [page for page in pages if _near(page, sorted(pages)) >= _PAGES]
        found.update(pages[page] for page in close[1:])
    return tuple(sorted(found))


def _near(page: int, pages: Sequence[int]) -> int:
    """How many of `pages` are near a page, itself included."""
    return sum(abs(other - page) <= _NEAR for other in pages)


def _lines(text: str, start: int, end: int) -> Iterator[Place]:
    """The lines of a range of text that are not blank, without white space around them."""
    for match in re.compile(r"[^\n\f]+").finditer(text, start, end):
        line = match[0]
        if line.strip():
            yield match.start() + len(line) - len(line.lstrip()), match.end() - len(line) + len(line.rstrip())


def _key(line: str) -> str:
    """A line for comparison: its numbers are replaced, since they count pages or chapters."""
    return _DIGITS.sub("0", " ".join(line.split())).casefold()
