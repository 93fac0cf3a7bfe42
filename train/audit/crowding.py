"""Passages among the answers to everything, passages never found, and answers to nonsense questions."""

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

# How many first answers count for a hub.
HUB_TOP = 10
SHOWN = 8
# A passage that is not among so many first answers was not found.
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


def _found_by(asked: Asked) -> dict[int, set[str]]:
    """By row of the pool the questions that have it among their first answers, translations counted once."""
    found: dict[int, set[str]] = {}
    for question, rows in zip(asked.kit.questions, asked.rankings, strict=True):
        for row in rows[:HUB_TOP].tolist():
            found.setdefault(row, set()).add(question.group)
    return found


def hubs_of(asked: Asked) -> tuple[Hub, ...]:
    """Passages among the first answers to most questions."""
    counts = _found_by(asked)
    most = sorted(counts, key=lambda row: (-len(counts[row]), row))[:SHOWN]
    pieces = [(asked.pool[row], len(counts[row])) for row in most]
    return tuple(Hub(piece.id, piece.language, piece.text, number) for piece, number in pieces if number > 1)


def hub_shares_of(asked: Asked, rankings: Rankings) -> dict[str, float]:
    """By language its share of the places that the most frequent hundredth of all passages fills."""
    found = occurrences(rankings, HUB_TOP)
    few = max(1, len(asked.pool) // 100)
    places: Counter[str] = Counter()
    for name in list(found)[:few]:
        places[asked.pool[int(name)].language] += found[name]
    total = sum(places.values())
    return {code: number / total for code, number in places.most_common()}


def never_of(asked: Asked) -> dict[str, tuple[int, int]]:
    """Passages of the kit that are among the first answers to no question, by language."""
    if not asked.own:
        return {}
    seen = np.unique(np.concatenate([rows[:DEPTH] for rows in asked.rankings]))
    codes = [piece.language for piece in asked.pool[: asked.own]]
    there = Counter(codes)
    came = Counter(codes[row] for row in seen.tolist() if row < asked.own)
    return {code: (there[code] - came[code], there[code]) for code in sorted(there)}


def nonsense_of(asked: Asked, answered: Sequence[str], codes: Sequence[str]) -> Nonsense | None:
    """What questions bring that nothing answers."""
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
    """The chance that one of the first is greater than one of the second, half for equal ones."""
    real, other = real[~np.isnan(real)], np.sort(other[~np.isnan(other)])
    if not len(real) or not len(other):
        return float("nan")
    below = np.searchsorted(other, real, side="left")
    to = np.searchsorted(other, real, side="right")
    return float(((below + to) / 2).mean() / len(other))
