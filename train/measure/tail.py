"""Finds where a mean rank distance comes from, since it has a long tail, which may be due to faults in the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .registry import rank_distances

if TYPE_CHECKING:
    from ..benchmarks import Benchmark
    from .result import Result

SHOWN = 8


@dataclass(frozen=True)
class Hard:
    """A question with a large share in the mean.

    Attributes:
        id: the question's id.
        share: the share of its queries in the sum of all rank distances.
        query: its text in the language with the largest distance.
        best, worst: ranks of the first and the last of its answers for that query.
        language: the language of the last answer.
        text: the text of the last answer.
    """

    id: str
    share: float
    query: str
    best: int
    worst: int
    language: str
    text: str


@dataclass(frozen=True)
class Tail:
    """The composition of a mean rank distance.

    Attributes:
        worst_tenth: the share in the sum of the tenth of the questions with the largest distances.
        last: by language, the share in the sum of the queries whose last answer is in it.
        without: by language, the mean over queries without the answers in it (with ranks in the whole pool).
        hardest: the questions with the largest shares in the sum.
    """

    worst_tenth: float
    last: Mapping[str, float]
    without: Mapping[str, float]
    hardest: tuple[Hard, ...]

    def words(self) -> str:
        """The composition in a sentence."""
        most = sorted(self.last.items(), key=lambda item: -item[1])[:3]
        listed = ", ".join(f"{code} ({share:.0%})" for code, share in most)
        return (
            f"A tenth of the questions accounts for {self.worst_tenth:.0%} of the rank distance; the answer found "
            f"last is "
            f"mostly in {listed}."
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "worst_tenth": round(self.worst_tenth, 6),
            "last": {code: round(share, 6) for code, share in self.last.items()},
            "without": {code: round(mean, 6) for code, mean in self.without.items()},
            "hardest": [vars(each) | {"share": round(each.share, 6)} for each in self.hardest],
        }


def tail_of(result: Result, benchmark: Benchmark) -> Tail | None:
    """The composition of a result's mean rank distance; None if no query has two answers or all distances are 0.

    Args:
        result: with ranks in the pool of all languages.
        benchmark: the benchmark of the result, for texts.
    """
    distances = result.rank_distances()
    known = np.flatnonzero(~np.isnan(distances))
    total = float(distances[known].sum())
    if total <= 0:
        return None
    ranks, languages = result.ranks.in_pool, result.ranks.language
    last = ranks.argmax(axis=1)
    last_language = languages[np.arange(len(ranks)), last]
    present = [code for code in range(len(result.languages)) if (languages == code).any()]
    shares = {
        result.languages[code]: float(distances[known][last_language[known] == code].sum()) / total for code in present
    }
    questions = [benchmark.queries[row].id for row in known]
    names, place = np.unique(np.array(questions), return_inverse=True)
    sums = np.bincount(place, weights=distances[known])
    order = np.argsort(-sums, kind="stable")
    tenth = max(1, len(names) // 10)
    hardest = []
    for question in order[:SHOWN]:
        own = known[place == question]
        row = int(own[distances[own].argmax()])
        worst = int(ranks[row, last[row]])
        candidate = benchmark.pool[benchmark.relevant[row][int(last[row])]]
        hardest.append(
            Hard(
                str(names[question]),
                float(sums[question]) / total,
                benchmark.queries[row].text,
                worst - int(distances[row]),
                worst,
                candidate.language,
                candidate.text,
            )
        )
    without = {}
    for code in present:
        rest = rank_distances(np.where(languages == code, -1, ranks))
        if not np.isnan(rest).all():
            without[result.languages[code]] = float(np.nanmean(rest))
    return Tail(
        float(sums[order[:tenth]].sum()) / total,
        shares,
        without,
        tuple(hardest),
    )
