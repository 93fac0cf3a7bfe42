"""What a measure is: its name, unit, digits and direction, where its formula comes from, and the function itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Setting = Literal["mono", "cross", "multi", "bias", "alignment", "judged", "answers"]
Table = Literal["quality", "bias", "alignment", "questions", "none"]
Better = Literal["higher", "lower", "neither"]
UNKNOWN = "–"


@dataclass(frozen=True)
class Measure:
    """One measure; every table, report, card, screen and JSON object takes what it says of it from here.

    Args:
        key: its name in JSON.
        label: its name in tables and sentences.
        function: what computes it. By setting it reads
            mono, cross, multi, bias: a `Ranked`; gives a value for each query, shape (queries,), NaN where it says
            nothing of a query, or one figure of all queries together;
            alignment: an `Alignment`; gives one figure;
            judged: a `Ranked` of documents; gives a value for each question;
            answers: a comparison of rankings and an encoder's name; gives that encoder's figure for that question.
        setting: mono: applied to the pool of the query's language; cross: to that of every other language; multi: to
            the pool of all languages; bias: to that pool too, reported apart; alignment: of an encoder's space;
            judged and answers: of a person's own questions in a library.
        meaning: what it measures, in words that follow "label: ".
        source: where its formula stands.
        unit: of its values.
        digits: decimals shown.
        better: which direction is better.
        short: its name where columns are narrow; `label` by default.
        table: which table shows it.
        average: how values of queries become one figure: `macro` is the mean over languages (for cross: pairs of
            languages) of means over queries, `median` the median over queries.
        headline: shown wherever an encoder is summed up: card, study, the app's screens, and in validation.
        followed: kept in validation though no headline.
        compared: encoders are tested against each other on it.
        by_language: results hold it also for each query language (for cross: pair of languages).
        collections: says something only where languages have several answers to find: the terminal shows it of
            collections without parallel answers alone.
        more: for one that is neither better high nor low, what an encoder does that has more of it.
    """

    key: str
    label: str
    function: Callable[..., Any]
    setting: Setting
    meaning: str
    source: str
    unit: str = "share"
    digits: int = 4
    better: Better = "higher"
    short: str = ""
    table: Table = "quality"
    average: Literal["macro", "median"] = "macro"
    headline: bool = False
    followed: bool = False
    compared: bool = False
    by_language: bool = False
    collections: bool = False
    more: str = ""

    @property
    def heading(self) -> str:
        """Its name where columns are narrow."""
        return self.short or self.label

    def text(self, value: float | None, *, signed: bool = False, brief: bool = False) -> str:
        """A figure as people read it, with the measure's digits (`brief`: one fewer); a dash where there is none."""
        if not known(value):
            return UNKNOWN
        digits = max(0, self.digits - brief)
        return f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"

    def best(self, values: Iterable[float | None]) -> float | None:
        """The best of several figures; None where neither direction is better, or fewer than two are known."""
        there = [value for value in values if value is not None and known(value)]
        if self.better == "neither" or len(there) < 2:
            return None
        return max(there) if self.better == "higher" else min(there)

    def improved(self, change: float) -> bool | None:
        """Whether a change is for the better; None where it shows in no digit, or where neither direction is."""
        if self.better == "neither" or abs(change) < 0.5 * 10**-self.digits:
            return None
        return (change > 0) == (self.better == "higher")


def known(value: float | None) -> bool:
    """Whether there is a figure."""
    return value is not None and not math.isnan(value)
