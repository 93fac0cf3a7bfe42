"""Finds hubs (passages that answer many questions), passages never found, and answers to nonsense questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..measure import Values
from ..measure.runs import Rankings, occurrences
from .asking import Asked
from .shares import mean_of, top_of

# First answers of a question that count for hubs.
HUB_TOP = 10
SHOWN = 8
# A passage that is not among this many first answers counts as not found.
DEPTH = 100


@dataclass(frozen=True)
class Hub:
    """A passage among the first answers to many different questions.

    Attributes:
        id: the passage's id.
        language: its code.
        text: its text, or a document's title.
        questions: how many questions have it among their first answers, translations counted once.
    """

    id: str
    language: str
    text: str
    questions: int


@dataclass(frozen=True)
class Nonsense:
    """Answers to nonsense questions.

    Attributes:
        questions: how many were asked.
        answered: how many got answers.
        shares: shares by language of the question and of the answers, shape (asked, answered).
        own: share of the question's language among the answers.
        told_apart: the chance that a real question's best score is above a nonsense one's (AUC); NaN without scores.
    """

    questions: int
    answered: int
    shares: Values
    own: float
    told_apart: float


def _found_by(asked: Asked) -> dict[int, set[str]]:
    """The groups of the questions that have a row of the pool among their first answers, by row."""
    found: dict[int, set[str]] = {}
    for question, rows in zip(asked.kit.questions, asked.rankings, strict=True):
        for row in rows[:HUB_TOP].tolist():
            found.setdefault(row, set()).add(question.group)
    return found


def hubs_of(asked: Asked) -> tuple[Hub, ...]:
    """The passages that are among the first answers to the most questions."""
    counts = _found_by(asked)
    most = sorted(counts, key=lambda row: (-len(counts[row]), row))[:SHOWN]
    pieces = [(asked.pool[row], len(counts[row])) for row in most]
    return tuple(Hub(piece.id, piece.language, piece.text, number) for piece, number in pieces if number > 1)


def hub_shares_of(asked: Asked, rankings: Rankings) -> dict[str, float]:
    """Each language's share of the places taken by the most frequent 1 % of all passages."""
    found = occurrences(rankings, HUB_TOP)
    few = max(1, len(asked.pool) // 100)
    places: Counter[str] = Counter()
    for name in list(found)[:few]:
        places[asked.pool[int(name)].language] += found[name]
    total = sum(places.values())
    return {code: number / total for code, number in places.most_common()}


def never_of(asked: Asked) -> dict[str, tuple[int, int]]:
    """By language, the number of the kit's passages that no question found, and of all its passages."""
    if not asked.own:
        return {}
    seen = np.unique(np.concatenate([rows[:DEPTH] for rows in asked.rankings]))
    codes = [piece.language for piece in asked.pool[: asked.own]]
    there = Counter(codes)
    came = Counter(codes[row] for row in seen.tolist() if row < asked.own)
    return {code: (there[code] - came[code], there[code]) for code in sorted(there)}


def nonsense_of(asked: Asked, answered: Sequence[str], codes: Sequence[str]) -> Nonsense | None:
    """The answers to nonsense questions; None without any."""
    top = top_of(asked)
    spoken: Any = np.array([piece.language for piece in asked.pool])
    questions = asked.kit.nonsense
    if not questions:
        return None
    languages = [question.language for question in questions]
    each = [
        [(spoken[rows[:top]] == code).mean() if len(rows) else np.nan for code in answered] for rows in asked.nonsense
    ]
    values = np.array(each)
    own = [
        (spoken[rows[:top]] == code).mean() for rows, code in zip(asked.nonsense, languages, strict=True) if len(rows)
    ]
    shares = [mean_of(values[[language == code for language in languages]]) for code in codes]
    return Nonsense(
        len(questions),
        sum(len(rows) > 0 for rows in asked.nonsense),
        np.array(shares),
        float(np.mean(own)) if own else float("nan"),
        _auc(asked.best, asked.best_nonsense),
    )


def _auc(real: Values, other: Values) -> float:
    """The chance that a value of the first is greater than one of the second; ties count half."""
    real, other = real[~np.isnan(real)], np.sort(other[~np.isnan(other)])
    if not len(real) or not len(other):
        return float("nan")
    below = np.searchsorted(other, real, side="left")
    to = np.searchsorted(other, real, side="right")
    return float(((below + to) / 2).mean() / len(other))
