"""Turns a question into a full-text query: any of its words, and every phrase in quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .folding import folded
from .terms import PAIRED, asked, finding, pieces_of, runs

# Weights of terms relative to words as typed. Beginnings match inflections; of .5 to 1.6 this weight is best on the
# questions of the demo and of SQuAD's dev set in seven languages. Other spellings only have to find what would be
# missed: with more weight, they match other words in languages such as Vietnamese.
_BEGINNINGS_WEIGHT = 1.25
_OTHERS_WEIGHT = 0.05
_MOST_TERMS = 256
_MOST_PHRASES = 16
_LETTER = f"[^\\W_{PAIRED}]"
# Pairs of quotation marks. Straight marks, and those that close in one language and open in another, count only at the
# edges of words: 5" and d"Hondt are not quotations. A quotation stays within one line and contains no mark of its kind.
_QUOTED = re.compile(
    f'(?<!{_LETTER})(?:"([^"\n]+)"|[„‟“”]([^„‟“”\n]+)[“”‟]|«([^«»\n]+)»|»([^«»\n]+)«|＂([^＂\n]+)＂)(?!{_LETTER})'
    "|「([^「」\n]+)」|『([^『』\n]+)』|《([^《》\n]+)》|｢([^｢｣\n]+)｣"
)


@dataclass(frozen=True)
class Phrase:
    """Words that have to be adjacent, in two spellings: split at hyphens and similar signs, and joined there.

    `spellings` are the folded units with spaces around them, `terms` the index terms of every text that contains them.
    """

    spellings: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]

    def held_by(self, text: str) -> bool:
        """Whether a text contains the phrase."""
        return any(spelling in own for own in _spelled(text).spellings for spelling in self.spellings)

    @property
    def expression(self) -> str:
        """The FTS5 expression that every text with the phrase matches."""
        return " OR ".join(f"({' AND '.join(map(_quoted, terms))})" for terms in self.terms)


@dataclass(frozen=True)
class Wanted:
    """A query to the full-text index: any of some terms, and every phrase.

    `terms` have weights; "x*" is any term that begins with x.
    """

    terms: tuple[tuple[tuple[str, ...], float], ...]
    phrases: tuple[Phrase, ...] = ()

    @property
    def expressions(self) -> tuple[tuple[str, float], ...]:
        """FTS5 expressions with the weights of their scores; empty for an empty query.

        A match need not contain the phrases.
        """
        return tuple((self._expression(terms), weight) for terms, weight in self.terms)

    def _expression(self, terms: tuple[str, ...]) -> str:
        words = " OR ".join(map(_quoted, terms))
        if not self.phrases:
            return words
        return " AND ".join(f"({each})" for each in (*(phrase.expression for phrase in self.phrases), words))

    def held_by(self, *texts: str) -> bool:
        """Whether each phrase is in one of the texts."""
        return all(any(phrase.held_by(text) for text in texts) for phrase in self.phrases)


def parse(query: str, *, quotes: bool = True) -> Wanted:
    """Parse a question.

    Terms are joined by OR, never AND: one absent word must not empty the result. The text in a pair of quotation marks
    ("…", „…“, “…”, «…», 「…」) is a phrase, and every phrase has to occur. Everything else is text, also a single
    quotation mark: queries have no operators. Without `quotes`, quotation marks are text, too.
    """
    quoted = ("".join(filter(None, match.groups())) for match in _QUOTED.finditer(query)) if quotes else ()
    phrases = dict.fromkeys(phrase for text in quoted if (phrase := _spelled(text)).spellings)
    found = asked(query)
    weighed = ((found.words, 1.0), (found.beginnings, _BEGINNINGS_WEIGHT), (found.others, _OTHERS_WEIGHT))
    terms = tuple((terms[:_MOST_TERMS], weight) for terms, weight in weighed if terms)
    return Wanted(terms, tuple(phrases)[:_MOST_PHRASES])


def _spelled(text: str) -> Phrase:
    parted: list[str] = []
    joined: list[str] = []
    pairs: list[str] = []
    for paired, word in runs(text):
        if paired:
            parted += paired
            joined += paired
            pairs += finding(paired)
        else:
            pieces = pieces_of(word)
            parted += map(folded, pieces)
            joined.append(folded("".join(pieces)))
    both = dict.fromkeys((tuple(parted), tuple(joined)) if parted else ())
    words = [[unit for unit in units if not re.fullmatch(f"[{PAIRED}]", unit)] for units in both]
    return Phrase(
        tuple(f" {' '.join(units)} " for units in both), tuple(tuple(dict.fromkeys([*own, *pairs])) for own in words)
    )


def _quoted(term: str) -> str:
    return f'"{term[:-1]}"*' if term.endswith("*") else f'"{term}"'
