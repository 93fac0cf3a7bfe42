"""Compares rankings of one query: their overlap, and the languages of their answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..errors import LibraryError
from ..languages import UNDETERMINED, Detected
from .question import wanted_languages
from .ranking import Passage, Ranking

PERSISTENCE = 0.9


@dataclass(frozen=True)
class Overlap:
    """The likeness of two rankings: shared passages, Jaccard of the sets, extrapolated rank-biased overlap (p = .9)."""

    shared: int
    jaccard: float
    rbo: float


@dataclass(frozen=True)
class LanguageShares:
    """The languages of one ranking, and the shares of the question's language in it and in the searched passages.

    `languages` counts passages, most first; `share` and `library_share` are 0 to 1.
    """

    languages: dict[str, int]
    share: float
    library_share: float

    @property
    def bias(self) -> float:
        """By how much the question's language is over-represented, -1 to 1.

        In a parallel library, an encoder without language bias is near 0.
        """
        return self.share - self.library_share


@dataclass(frozen=True)
class Comparison:
    """The answers of several encoders to one query.

    `languages` counts the languages of each encoder's answers, `same_language_share` is the share of the query's
    language among them, `library_share` its share in everything searched (with a language filter, in those languages).
    `only` are the languages of the filter, empty without one. Keys of `overlap` are pairs of encoders in the order of
    `rankings`.
    """

    query: str
    query_language: Detected
    only: tuple[str, ...]
    rankings: dict[str, Ranking]
    shares: dict[str, LanguageShares]
    library_share: float
    overlap: dict[tuple[str, str], Overlap]

    @property
    def languages(self) -> dict[str, dict[str, int]]:
        """The number of answers in each language, by encoder, most frequent first."""
        return {name: each.languages for name, each in self.shares.items()}

    @property
    def same_language_share(self) -> dict[str, float]:
        """The share of the query's language among each encoder's answers."""
        return {name: each.share for name, each in self.shares.items()}

    @property
    def bias(self) -> dict[str, float]:
        """By how much each encoder over-represents the query's language; see `LanguageShares.bias`."""
        return {name: each.bias for name, each in self.shares.items()}


class Comparing:
    """Compares rankings of one query as they arrive, so that early and late displays show the same numbers.

    Args:
        library: how many passages each language has in the library.
        languages: those that the rankings were restricted to; empty for all.
    """

    def __init__(self, library: Mapping[str, int], languages: Sequence[str] = ()) -> None:
        self._only = wanted_languages(languages, library)
        self._searched = {code: number for code, number in library.items() if not self._only or code in self._only}
        self._rankings: dict[str, Ranking] = {}
        self._shares: dict[str, LanguageShares] = {}

    def add(self, ranking: Ranking) -> LanguageShares:
        """Add one encoder's ranking; returns its shares of languages."""
        languages = languages_of(ranking)
        code = ranking.query_language.code
        shares = LanguageShares(languages, share_of(code, languages), share_of(code, self._searched))
        self._rankings[ranking.encoder], self._shares[ranking.encoder] = ranking, shares
        return shares

    def comparison(self) -> Comparison | None:
        """The comparison of all rankings added, or None."""
        if not self._rankings:
            return None
        first = next(iter(self._rankings.values()))
        return Comparison(
            query=first.query,
            query_language=first.query_language,
            only=self._only,
            rankings=dict(self._rankings),
            shares=dict(self._shares),
            library_share=share_of(first.query_language.code, self._searched),
            overlap={
                (one, other): overlap(self._rankings[one], self._rankings[other])
                for one, other in combinations(self._rankings, 2)
            },
        )


def compare(rankings: Mapping[str, Ranking], library: Mapping[str, int], languages: Sequence[str] = ()) -> Comparison:
    """Compare rankings of one query, by the names of their encoders; see `Comparing`.

    Raises:
        LibraryError: there is no ranking.

    """
    comparing = Comparing(library, languages)
    for ranking in rankings.values():
        comparing.add(ranking)
    found = comparing.comparison()
    if found is None:
        raise LibraryError("There is nothing to compare.", hint="Name at least one encoder.")
    return found


@dataclass(frozen=True)
class Standing:
    """The ranks of a passage and its translations by one encoder, from 1, by language.

    Those that were not ranked (without a vector, or in a language that the filter excludes) are missing.
    """

    ranks: dict[str, int]

    @property
    def distance(self) -> int | None:
        """The worst rank minus the best; None if fewer than two are ranked."""
        return max(self.ranks.values()) - min(self.ranks.values()) if len(self.ranks) > 1 else None


def standing(family: Mapping[str, Passage], ranks: Mapping[int, int]) -> Standing:
    """The ranks of the passages of a family.

    Args:
        family: a passage and its translations, by language.
        ranks: by the passages' ids.
    """
    return Standing({code: ranks[passage.id] for code, passage in family.items() if passage.id in ranks})


def languages_of(ranking: Ranking) -> dict[str, int]:
    """How many hits each language has, most first."""
    counts = Counter(hit.passage.language for hit in ranking.hits)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def share_of(code: str, counts: Mapping[str, int]) -> float:
    """The share of a language among counted passages, 0 if there are none or the language is unknown."""
    total = sum(counts.values())
    return counts.get(code, 0) / total if total and code != UNDETERMINED else 0.0


def overlap(first: Ranking, second: Ranking) -> Overlap:
    """The likeness of two rankings."""
    one, other = (tuple(hit.passage.id for hit in ranking.hits) for ranking in (first, second))
    shared = len(set(one) & set(other))
    union = len(set(one) | set(other))
    return Overlap(shared, shared / union if union else 1.0, rank_biased_overlap(one, other))


def rank_biased_overlap(first: Sequence[int], second: Sequence[int], *, p: float = PERSISTENCE) -> float:
    """Extrapolated rank-biased overlap of two rankings without ties, 0 to 1; they may differ in length.

    Webber, Moffat and Zobel, "A similarity measure for indefinite rankings" (TOIS 2010), equation 32. At p = .9 the
    first ten ranks carry 86 % of the weight. Two empty rankings count as equal.
    """
    short, long = sorted((list(first), list(second)), key=len)
    if not short:
        return 1.0 if not long else 0.0
    s, length = len(short), len(long)
    seen_short: set[int] = set()
    seen_long: set[int] = set()
    agreed = 0
    agreed_at: list[int] = []
    for depth in range(length):
        if depth < s:
            seen_short.add(short[depth])
            agreed += short[depth] in seen_long
        seen_long.add(long[depth])
        agreed += long[depth] in seen_short
        agreed_at.append(agreed)
    at_s, at_end = agreed_at[s - 1], agreed_at[-1]
    total = sum(agreed_at[d - 1] / d * p**d for d in range(1, length + 1))
    total += sum(at_s * (d - s) / (s * d) * p**d for d in range(s + 1, length + 1))
    return min(1.0, (1 - p) / p * total + ((at_end - at_s) / length + at_s / s) * p**length)
