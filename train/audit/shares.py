"""Computes the languages of answers: shares by language of the question, each language's pull and its exposure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..measure import Values
from .asking import Asked
from .estimates import Estimate, estimate

# The most first answers that are counted: about what a person reads or a language model is given.
TOP = 20


@dataclass(frozen=True)
class Shares:
    """Shares of languages among the first answers.

    Attributes:
        each: shares per question, shape (questions, answered); NaN without answers.
        index: position of each question's language in `asked`, shape (questions,).
        asked: the languages of the questions.
        answered: the languages of the answers.
        groups: a name for each question that its translations share.
    """

    each: Values
    index: NDArray[np.int64]
    asked: tuple[str, ...]
    answered: tuple[str, ...]
    groups: tuple[str, ...]

    def by_language(self) -> Values:
        """Means over questions, shape (asked, answered)."""
        return np.array([mean_of(self.each[self.index == row]) for row in range(len(self.asked))])


def top_of(asked: Asked) -> int:
    """How many first answers are counted: at most the mean number of items per language.

    More answers than that would have to include other languages, whatever the retriever prefers.
    """
    languages = {piece.language for piece in asked.pool[: asked.own]}
    most = TOP if asked.depth is None else min(TOP, asked.depth)
    return min(most, max(1, asked.own // len(languages))) if languages else most


def shares_of(asked: Asked) -> Shares:
    """Count the languages of the first answers."""
    codes, top = asked.kit.languages, top_of(asked)
    spoken = [piece.language for piece in asked.pool]
    seen = {spoken[row] for rows in asked.rankings for row in rows[:top].tolist()}
    answered = tuple(sorted({*seen, *codes}))
    number = {code: place for place, code in enumerate(answered)}
    numbers = np.array([number.get(code, -1) for code in spoken], dtype=np.int64)
    each = np.full((len(asked.rankings), len(answered)), np.nan)
    for line, rows in zip(each, asked.rankings, strict=True):
        if len(rows):
            first = numbers[rows[:top]]
            line[:] = np.bincount(first, minlength=len(answered)) / len(first)
    index = np.array([codes.index(question.language) for question in asked.kit.questions], dtype=np.int64)
    return Shares(each, index, codes, answered, tuple(question.group for question in asked.kit.questions))


def mean_of(values: Values) -> Values:
    """The mean over rows without NaN."""
    known = values[~np.isnan(values).any(axis=1)]
    found: Values = known.mean(axis=0) if len(known) else np.full(values.shape[1], np.nan)
    return found


def own_shares(asked: Asked) -> Values:
    """Share of the question's language among its first answers, shape (questions,); NaN without answers."""
    found = shares_of(asked)
    places = np.array([found.answered.index(code) for code in found.asked])
    own: Values = found.each[np.arange(len(found.each)), places[found.index]]
    return own


def pulls_of(found: Shares) -> dict[str, dict[str, float]]:
    """By language and question: the language's share when asked in it, minus its mean share when asked in others."""
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(found.groups):
        rows.setdefault(group, []).append(row)
    pulls: dict[str, dict[str, float]] = {}
    for number, code in enumerate(found.asked):
        column = found.each[:, found.answered.index(code)]
        elsewhere = column[(found.index != number) & ~np.isnan(column)]
        usual = float(elsewhere.mean()) if len(elsewhere) else np.nan
        values = {}
        for group, own in rows.items():
            mine = [column[row] for row in own if found.index[row] == number and not np.isnan(column[row])]
            others = [column[row] for row in own if found.index[row] != number and not np.isnan(column[row])]
            if mine:
                values[group] = float(np.mean(mine) - (np.mean(others) if others else usual))
        pulls[code] = values
    return pulls


def together(by_language: dict[str, dict[str, float]], groups: Sequence[str]) -> Estimate:
    """The mean over languages for each question, then over questions."""
    values = [[found[group] for found in by_language.values() if group in found] for group in dict.fromkeys(groups)]
    return estimate(np.array([np.mean(each) if each else np.nan for each in values]))


def pull_of(asked: Asked) -> Estimate:
    """How much asking in a language raises its share among the answers."""
    found = shares_of(asked)
    return together(pulls_of(found), found.groups)


def exposure_of(found: Shares, collection: dict[str, float]) -> dict[str, Estimate]:
    """A language's share among answers to questions in other languages, divided by its share by chance; 1 is even.

    Both shares leave out answers in the question's language.
    """
    places = np.array([found.answered.index(code) for code in found.asked])
    own = found.each[np.arange(len(found.each)), places[found.index]]
    rest = np.array([1 - collection.get(found.asked[number], 0.0) for number in found.index])
    exposures = {}
    for code, share in collection.items():
        if not share or code not in found.answered:
            continue
        foreign = np.array([found.asked[number] != code for number in found.index])
        with np.errstate(invalid="ignore", divide="ignore"):
            values = found.each[:, found.answered.index(code)] / (1 - own) / (share / rest)
        exposures[code] = estimate(np.where(foreign & np.isfinite(values), values, np.nan), found.groups)
    return exposures
