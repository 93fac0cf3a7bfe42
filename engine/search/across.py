"""Compares the answers to one question asked in many languages: their languages, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .comparison import languages_of, overlap
from .fusion import fuse
from .ranking import Ranking


@dataclass(frozen=True)
class Across:
    """The answers of an encoder to one question in several languages.

    Attributes:
        counts: for each language of the question, how many answers there are in each language, most first.
        agreement: for each language of the question, the mean rank-biased overlap (p = .9) of its answers with those of
            every other, 0 to 1.
        consistency: the mean of the agreements: 1 if the language of the question does not matter; 0 for a single one.
        own: the mean share of answers in the question's own language, 0 to 1.
        fused: all rankings joined by reciprocal rank fusion; its trace names languages.
    """

    counts: Mapping[str, Mapping[str, int]]
    agreement: Mapping[str, float]
    consistency: float
    own: float
    fused: Ranking


def across(rankings: Mapping[str, Ranking], k: int, query: str) -> Across:
    """Compare the rankings of one question by the language in which it was asked.

    Args:
        rankings: by the language of the question; if they are deeper than k, the fused one is better.
        k: how many answers of each count.
        query: the original question, for the fused ranking.

    Raises:
        HybridSearchError: there is no ranking.
    """
    firsts = {code: ranking.first(k) for code, ranking in rankings.items()}
    counts = {code: languages_of(ranking) for code, ranking in firsts.items()}
    agreement = {
        code: sum(overlap(ranking, other).rbo for also, other in firsts.items() if also != code) / (len(firsts) - 1)
        for code, ranking in firsts.items()
        if len(firsts) > 1
    }
    # Fusion requires rankings of one query by different encoders, so each gets that query and its language's name.
    told = [replace(ranking, query=query, encoder=code) for code, ranking in rankings.items()]
    shares = [counts[code].get(code, 0) / len(ranking.hits) for code, ranking in firsts.items() if ranking.hits]
    return Across(
        counts=counts,
        agreement=agreement,
        consistency=_mean(list(agreement.values())),
        own=_mean(shares),
        fused=fuse(told, k),
    )


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
