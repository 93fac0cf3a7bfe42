"""Finds, in a sample, paragraphs that most documents of a folder share, such as a site's menu or a copyright notice.

They say nothing about their document, and would make passages of different documents alike.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# The number of documents in a sample, and the fewest that are enough.
SAMPLE = 60
FEWEST = 20
# A paragraph of at most so many characters that occurs in more than this share of the documents is left out.
_LONGEST = 600
_SHORTEST = 3
_MOST = 0.5
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Repeating:
    """The digests of paragraphs that are left out; `in` tells whether a paragraph is among them."""

    digests: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.digests)

    def __contains__(self, paragraph: object) -> bool:
        short = isinstance(paragraph, str) and len(paragraph) <= _LONGEST
        return short and _digest(_key(str(paragraph))) in self.digests

    def stored(self) -> str:
        """The digests as text, to be stored in a library."""
        return json.dumps(sorted(self.digests))

    @classmethod
    def read(cls, stored: str) -> Repeating:
        """The digests in a text from `stored`; empty if it is not valid."""
        try:
            found = json.loads(stored or "[]")
            return cls(frozenset(each for each in found if isinstance(each, str)))
        except (ValueError, TypeError, RecursionError):
            return cls()


def repeating(documents: Iterable[Sequence[str]]) -> dict[str, str]:
    """The words of the paragraphs that most documents share, by digest.

    Args:
        documents: the paragraphs of each document of a sample.

    A document of which more than half would be left out is a copy of others and does not count.
    """
    samples = [{key: len(key) for key in map(_key, paragraphs)} for paragraphs in documents]
    common = _common(samples)
    kept = [each for each in samples if 2 * sum(each[key] for key in each if key in common) <= sum(each.values())]
    return {_digest(key): key for key in _common(kept)}


def _common(samples: Sequence[dict[str, int]]) -> set[str]:
    if len(samples) < FEWEST:
        return set()
    counts = Counter(key for each in samples for key in each if _SHORTEST <= len(key) <= _LONGEST)
    return {key for key, count in counts.items() if count > _MOST * len(samples)}


def _key(paragraph: str) -> str:
    """A paragraph for comparison: numbers are replaced, since page numbers differ."""
    return _DIGITS.sub("0", " ".join(paragraph.split()))


def _digest(key: str) -> str:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
