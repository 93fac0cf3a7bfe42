"""Computes findings that need no judgements: languages of answers, agreement between translations, hubs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ...engine.search.comparison import rank_biased_overlap
from ..measure import Values
from ..measure.runs import Rankings, hubness, mean_rank_correlation
from .asking import Asked
from .crowding import DEPTH, HUB_TOP, Hub, Nonsense, hub_shares_of, hubs_of, never_of, nonsense_of
from .estimates import Estimate, estimate, plain, table
from .shares import exposure_of, own_shares, pulls_of, shares_of, together, top_of

# A larger share of the kit that is never found is noted: it may not be in the index.
_MANY = 0.25


@dataclass(frozen=True)
class Unjudged:
    """Findings that need no judgements.

    Attributes:
        top: how many first answers were counted.
        asked: the languages of the questions, rows of the matrices.
        answered: the languages of the answers, columns of `shares`.
        shares: share of each language among the first answers, shape (asked, answered).
        collection: share of each language in the collection; empty if unknown.
        pull: how much asking in a language raises its share, mean over languages and questions.
        pulls: the same by language.
        own: share of the question's language among the first answers.
        exposure: each language's share among answers to questions in other languages, divided by its share by chance.
        overlap: Jaccard index of the first answers to translations.
        rbo: rank-biased overlap of these.
        mrc: mean rank correlation of the rankings, over their first 100 answers.
        alike: RBO by pair of languages, shape (asked, asked), NaN on the diagonal.
        hubness: skewness of how many questions have each passage among their first ten.
        hubs: the passages that are among the first answers to the most questions.
        hub_shares: each language's share of the first ten places taken by the most frequent 1 % of passages.
        never: by language, how many passages of the kit were never found, and how many it has.
        nonsense: answers to nonsense questions; None if none was asked.
        notes: what could not be measured, in sentences.
    """

    top: int
    asked: tuple[str, ...]
    answered: tuple[str, ...]
    shares: Values
    collection: dict[str, float]
    pull: Estimate
    pulls: dict[str, Estimate]
    own: Estimate
    exposure: dict[str, Estimate]
    overlap: Estimate
    rbo: Estimate
    mrc: Estimate
    alike: Values
    hubness: float
    hubs: tuple[Hub, ...]
    hub_shares: dict[str, float]
    never: dict[str, tuple[int, int]]
    nonsense: Nonsense | None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "top": self.top,
            "shares": table(self.shares, self.asked, self.answered),
            "collection": {code: plain(share) for code, share in self.collection.items()},
            "pull": self.pull.as_dict(),
            "pull_by_language": {code: each.as_dict() for code, each in self.pulls.items()},
            "own_language_share": self.own.as_dict(),
            "exposure": {code: each.as_dict() for code, each in self.exposure.items()},
            "consistency": {
                "overlap": self.overlap.as_dict(),
                "rbo": self.rbo.as_dict(),
                "mrc": self.mrc.as_dict(),
                "rbo_by_pair": table(self.alike, self.asked, self.asked),
            },
            "hubness": plain(self.hubness),
            "hubs": [vars(hub) for hub in self.hubs],
            "hub_shares": {code: plain(share) for code, share in self.hub_shares.items()},
            "never_found": {code: {"passages": lost, "of": of} for code, (lost, of) in self.never.items()},
            "nonsense": None
            if self.nonsense is None
            else {
                "questions": self.nonsense.questions,
                "answered": self.nonsense.answered,
                "own_language_share": plain(self.nonsense.own),
                "shares": table(self.nonsense.shares, self.asked, self.answered),
                "told_apart": plain(self.nonsense.told_apart),
            },
            "notes": list(self.notes),
        }


def unjudged(asked: Asked) -> Unjudged:
    """Analyse rankings without judgements."""
    notes: list[str] = []
    codes = asked.kit.languages
    groups = [question.group for question in asked.kit.questions]
    found = shares_of(asked)
    total = sum(asked.collection.values())
    collection = {code: count / total for code, count in asked.collection.items()} if total else {}
    if not collection:
        notes.append("The languages of the collection are not known.")
    elif sum(share > 0 for share in collection.values()) < 2:
        alone = next(code for code, share in collection.items() if share)
        notes.append(f"The collection is in {alone} alone, so no answer can be in another language.")
    elif absent := [code for code in codes if not collection.get(code)]:
        notes.append(
            f"The collection has nothing in {', '.join(absent)}, so no answer to these questions can be in their own "
            "language."
        )
    if len(set(groups)) == len(groups):
        notes.append(
            "No question is asked in two languages: the agreement of answers to translations cannot be measured."
        )
    never = never_of(asked)
    lost, there = sum(each for each, _ in never.values()), sum(of for _, of in never.values())
    if lost > _MANY * there:
        notes.append(
            f"{lost:,} of the kit's {there:,} {asked.unit} never came back: is the whole kit in the index? Questions "
            f"about missing ones count as lost."
        )
    pulls = pulls_of(found)
    (overlap, rbo), alike = _consistency(asked, codes)
    rankings = _as_rankings(asked)
    correlation = mean_rank_correlation(rankings, dict(zip(rankings.queries, groups, strict=True)), DEPTH)
    return Unjudged(
        top=top_of(asked),
        asked=codes,
        answered=found.answered,
        shares=found.by_language(),
        collection=collection,
        pull=together(pulls, groups),
        pulls={code: estimate(np.array(list(values.values()))) for code, values in pulls.items()},
        own=estimate(own_shares(asked), groups),
        exposure=exposure_of(found, collection),
        overlap=overlap,
        rbo=rbo,
        mrc=estimate(correlation, groups),
        alike=alike,
        hubness=hubness(rankings, HUB_TOP),
        hubs=hubs_of(asked),
        hub_shares=hub_shares_of(asked, rankings),
        never=never,
        nonsense=nonsense_of(asked, found.answered, codes),
        notes=tuple(notes),
    )


def _consistency(asked: Asked, codes: Sequence[str]) -> tuple[tuple[Estimate, Estimate], Values]:
    """Overlap and RBO of the first answers to translations, over questions, and RBO by pair of languages."""
    rows: dict[str, list[int]] = {}
    for row, question in enumerate(asked.kit.questions):
        rows.setdefault(question.group, []).append(row)
    sums, counts = np.zeros((len(codes),) * 2), np.zeros((len(codes),) * 2)
    overlaps, rbos = [], []
    top = top_of(asked)
    tops = [tuple(ranking[:top].tolist()) for ranking in asked.rankings]
    sets = [set(top) for top in tops]
    for own in rows.values():
        shared, close = [], []
        for one, other in combinations(own, 2):
            if not (tops[one] or tops[other]):
                continue
            shared.append(len(sets[one] & sets[other]) / len(sets[one] | sets[other]))
            close.append(rank_biased_overlap(tops[one], tops[other]))
            i, j = (codes.index(asked.kit.questions[row].language) for row in (one, other))
            for place in ((i, j), (j, i)):
                sums[place] += close[-1]
                counts[place] += 1
        overlaps.append(np.mean(shared) if shared else np.nan)
        rbos.append(np.mean(close) if close else np.nan)
    alike = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return (estimate(np.array(overlaps)), estimate(np.array(rbos))), alike


def _as_rankings(asked: Asked) -> Rankings:
    """The first answers of each ranking in the form of the public measures."""
    return Rankings.from_run(
        {
            question.id: {str(row): float(DEPTH - place) for place, row in enumerate(rows[:DEPTH].tolist())}
            for question, rows in zip(asked.kit.questions, asked.rankings, strict=True)
        },
        pool=len(asked.pool),
    )
