"""What rankings say without judgements: languages of answers, how alike translations are answered, who crowds in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from ...engine.search.comparison import rank_biased_overlap
from ..measure import Values
from ..measure.runs import Rankings, hubness, mean_rank_correlation, occurrences
from .asking import Asked, Rows
from .estimates import Estimate, estimate, plain

# The first answers that are looked at: what a person sees, or a language model is given.
TOP = 20
# How many first answers count for a hub.
HUB_TOP = 10
SHOWN = 8
# Rankings are compared to this depth.
DEPTH = 100


@dataclass(frozen=True)
class Hub:
    """A passage that stands among the first answers to many different questions.

    Attributes:
        id: of the passage.
        language: its code.
        text: its text, or a document's title.
        questions: how many questions have it there, translations counted once.
    """

    id: str
    language: str
    text: str
    questions: int


@dataclass(frozen=True)
class Nonsense:
    """What comes back for questions that nothing answers.

    Attributes:
        questions: how many.
        answered: how many got answers at all.
        shares: by language asked in and language of answers, shape (asked, answered).
        own: the share of the question's language among the answers.
        told_apart: the chance that a real question's best score is above a nonsense one's (AUC); NaN without scores.
    """

    questions: int
    answered: int
    shares: Values
    own: float
    told_apart: float


@dataclass(frozen=True)
class Unjudged:
    """What is said without judgements.

    Attributes:
        top: how many first answers were looked at.
        asked: the languages asked in, rows of the matrices.
        answered: the languages of answers, columns of `shares`.
        shares: of each language among the first answers, shape (asked, answered).
        collection: share of each language in the collection; empty where unknown.
        pull: by how much asking in a language raises its share, mean over languages and questions.
        pulls: the same by language.
        own: share of the question's language among the first answers.
        exposure: by language its share among answers to questions in other languages, by its share in the collection.
        overlap: Jaccard of the first answers to translations.
        rbo: rank-biased overlap of these.
        mrc: mean rank correlation of whole rankings (as deep as they were kept).
        alike: RBO by pair of languages, shape (asked, asked), NaN on the diagonal.
        hubness: skewness of how many questions have each passage among the first ten.
        hubs: passages among the first answers to most questions.
        hub_shares: by language its share of the first ten places that the most frequent hundredth of passages fills.
        never: by language how many passages of the kit never came back, and how many there are.
        nonsense: what nonsense brings; None where none was asked.
        notes: what cannot be said, in sentences.
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


def table(values: Values, rows: Sequence[str], columns: Sequence[str]) -> dict[str, dict[str, float | None]]:
    """A matrix as JSON, by the names of rows and columns."""
    return {row: {column: plain(values[i, j]) for j, column in enumerate(columns)} for i, row in enumerate(rows)}


def own_shares(asked: Asked, top: int = TOP) -> Values:
    """Share of the question's language among its first answers, shape (questions,), NaN without answers."""
    spoken = np.array([piece.language for piece in asked.pool])
    return np.array(
        [
            (spoken[rows[:top]] == question.language).mean() if len(rows) else np.nan
            for question, rows in zip(asked.kit.questions, asked.rankings, strict=True)
        ]
    )


def unjudged(asked: Asked) -> Unjudged:
    """Look at rankings without knowing what is right."""
    notes: list[str] = []
    codes = asked.kit.languages
    spoken = np.array([piece.language for piece in asked.pool])
    answered = tuple(sorted({*spoken[np.unique(np.concatenate(asked.rankings))].tolist(), *codes}))
    groups = [question.group for question in asked.kit.questions]
    index = np.array([codes.index(question.language) for question in asked.kit.questions])
    each = np.array([_shares(rows, spoken, answered) for rows in asked.rankings])
    shares = np.array([_mean(each[index == row]) for row in range(len(codes))])
    total = sum(asked.collection.values())
    collection = {code: count / total for code, count in asked.collection.items()} if total else {}
    if not collection:
        notes.append("How much of the collection is in which language is not known.")
    by_language = _pulls(each, index, codes, answered, groups)
    if len(set(groups)) == len(groups):
        notes.append("No question is asked in two languages: how alike translations are answered cannot be said.")
    parallel, alike = _consistency(asked, codes)
    rankings = _as_rankings(asked)
    counts = _found_by(asked)
    return Unjudged(
        top=TOP,
        asked=codes,
        answered=answered,
        shares=shares,
        collection=collection,
        pull=_together(by_language, sorted(set(groups))),
        pulls={code: estimate(np.array(list(values.values()))) for code, values in by_language.items()},
        own=estimate(own_shares(asked), groups),
        exposure=_exposure(each, index, codes, answered, groups, collection),
        overlap=parallel[0],
        rbo=parallel[1],
        mrc=estimate(mean_rank_correlation(rankings, dict(zip(rankings.queries, groups, strict=True)), DEPTH), groups),
        alike=alike,
        hubness=hubness(rankings, HUB_TOP),
        hubs=_hubs(asked, counts),
        hub_shares=_hub_shares(asked, rankings),
        never=_never(asked),
        nonsense=_nonsense(asked, spoken, answered, codes),
        notes=tuple(notes),
    )


def _shares(rows: Rows, spoken: Any, answered: Sequence[str]) -> Values:
    first = spoken[rows[:TOP]]
    return np.array([(first == code).mean() if len(first) else np.nan for code in answered])


def _mean(values: Values) -> Values:
    known = values[~np.isnan(values).any(axis=1)]
    found: Values = known.mean(axis=0) if len(known) else np.full(values.shape[1], np.nan)
    return found


def _pulls(
    each: Values, index: Rows, codes: Sequence[str], answered: Sequence[str], groups: Sequence[str]
) -> dict[str, dict[str, float]]:
    """By language and question: its share where it is asked in, less its mean share where others are asked in."""
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    found: dict[str, dict[str, float]] = {}
    for number, code in enumerate(codes):
        column = each[:, answered.index(code)]
        elsewhere = column[index != number]
        usual = float(np.nanmean(elsewhere)) if (~np.isnan(elsewhere)).any() else np.nan
        values = {}
        for group, own in rows.items():
            mine = [column[row] for row in own if index[row] == number]
            others = [column[row] for row in own if index[row] != number and not np.isnan(column[row])]
            if mine and not np.isnan(mine).all():
                values[group] = float(np.nanmean(mine) - (np.mean(others) if others else usual))
        found[code] = values
    return found


def _together(by_language: dict[str, dict[str, float]], groups: Sequence[str]) -> Estimate:
    """The mean over languages of each question, then over questions."""
    values = [[found[group] for found in by_language.values() if group in found] for group in groups]
    return estimate(np.array([np.nanmean(each) if len(each) else np.nan for each in values]))


def _exposure(
    each: Values,
    index: Rows,
    codes: Sequence[str],
    answered: Sequence[str],
    groups: Sequence[str],
    collection: dict[str, float],
) -> dict[str, Estimate]:
    """How often a language comes back where it is not asked in, by how often it would by chance; 1 is even."""
    found = {}
    for code, share in collection.items():
        if not share or code not in answered:
            continue
        foreign = index != codes.index(code) if code in codes else np.ones(len(index), dtype=bool)
        # What the question's own language takes is not the others' fault: shares are of the rest.
        own = np.array([each[row, answered.index(codes[index[row]])] for row in range(len(index))])
        rest = np.array([1 - collection.get(codes[number], 0.0) for number in index])
        with np.errstate(invalid="ignore", divide="ignore"):
            values = each[:, answered.index(code)] / (1 - own) / (share / rest)
        values = np.where(foreign & np.isfinite(values), values, np.nan)
        found[code] = estimate(values, groups)
    return found


def _consistency(asked: Asked, codes: Sequence[str]) -> tuple[tuple[Estimate, Estimate], Values]:
    """Overlap and RBO of the first answers to translations, over questions, and RBO by pair of languages."""
    rows: dict[str, list[int]] = {}
    for row, question in enumerate(asked.kit.questions):
        rows.setdefault(question.group, []).append(row)
    sums, counts = np.zeros((len(codes),) * 2), np.zeros((len(codes),) * 2)
    overlaps, rbos = [], []
    tops = [tuple(ranking[:TOP].tolist()) for ranking in asked.rankings]
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
    """The first of each ranking as the public measures read them."""
    return Rankings.from_run(
        {
            question.id: {str(row): float(DEPTH - place) for place, row in enumerate(rows[:DEPTH].tolist())}
            for question, rows in zip(asked.kit.questions, asked.rankings, strict=True)
        },
        pool=len(asked.pool),
    )


def _found_by(asked: Asked) -> dict[int, set[str]]:
    """By row of the pool the questions that have it among their first answers, translations counted once."""
    found: dict[int, set[str]] = {}
    for question, rows in zip(asked.kit.questions, asked.rankings, strict=True):
        for row in rows[:HUB_TOP].tolist():
            found.setdefault(row, set()).add(question.group)
    return found


def _hubs(asked: Asked, counts: dict[int, set[str]]) -> tuple[Hub, ...]:
    most = sorted(counts, key=lambda row: (-len(counts[row]), row))[:SHOWN]
    pieces = [(asked.pool[row], len(counts[row])) for row in most]
    return tuple(Hub(piece.id, piece.language, piece.text, number) for piece, number in pieces if number > 1)


def _hub_shares(asked: Asked, rankings: Rankings) -> dict[str, float]:
    found = occurrences(rankings, HUB_TOP)
    few = max(1, len(asked.pool) // 100)
    places: Counter[str] = Counter()
    for name in list(found)[:few]:
        places[asked.pool[int(name)].language] += found[name]
    total = sum(places.values())
    return {code: number / total for code, number in places.most_common()}


def _never(asked: Asked) -> dict[str, tuple[int, int]]:
    """Passages of the kit that are among the first answers to no question, by language."""
    if not asked.own:
        return {}
    seen = np.unique(np.concatenate([rows[:DEPTH] for rows in asked.rankings]))
    codes = [piece.language for piece in asked.pool[: asked.own]]
    there = Counter(codes)
    came = Counter(codes[row] for row in seen.tolist() if row < asked.own)
    return {code: (there[code] - came[code], there[code]) for code in sorted(there)}


def _nonsense(asked: Asked, spoken: Any, answered: Sequence[str], codes: Sequence[str]) -> Nonsense | None:
    questions = asked.kit.nonsense
    if not questions:
        return None
    languages = [question.language for question in questions]
    each = [
        [(spoken[rows[:TOP]] == code).mean() if len(rows) else np.nan for code in answered] for rows in asked.nonsense
    ]
    values = np.array(each)
    own = [
        (spoken[rows[:TOP]] == code).mean() for rows, code in zip(asked.nonsense, languages, strict=True) if len(rows)
    ]
    shares = [_mean(values[[language == code for language in languages]]) for code in codes]
    return Nonsense(
        len(questions),
        sum(len(rows) > 0 for rows in asked.nonsense),
        np.array(shares),
        float(np.mean(own)) if own else float("nan"),
        _auc(asked.best, asked.best_nonsense),
    )


def _auc(real: Values, other: Values) -> float:
    """The chance that one of the first is greater than one of the second, half for equal ones."""
    real, other = real[~np.isnan(real)], np.sort(other[~np.isnan(other)])
    if not len(real) or not len(other):
        return float("nan")
    below = np.searchsorted(other, real, side="left")
    to = np.searchsorted(other, real, side="right")
    return float(((below + to) / 2).mean() / len(other))
