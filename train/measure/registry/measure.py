"""Defines a measure: its name, unit, digits, direction, the source of its formula, and its function."""

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
    """One measure, as tables, reports, cards, screens and JSON describe it.

    Args:
        key: its name in JSON.
        label: its name in tables and sentences.
        function: computes it. Input and output by setting:
            mono, cross, multi, bias: a `Ranked`; returns a value for each query, shape (queries,), NaN where it is
            undefined, or one figure over all queries;
            alignment: an `Alignment`; returns one figure;
            judged: a `Ranked` of documents; returns a value for each question;
            answers: a comparison of rankings and an encoder's name; returns the encoder's figure for the question.
        setting: mono: applied to the pool of the query's language; cross: to that of every other language; multi: to
            the pool of all languages; bias: also to that pool, but reported separately; alignment: to an encoder's
            space; judged and answers: to a user's own questions in a library.
        meaning: what it measures, in words that follow "label: ".
        source: the source of its formula.
        unit: the unit of its values.
        digits: decimals shown.
        better: which direction is better.
        short: its name for narrow columns; `label` by default.
        table: the table that shows it.
        average: how values of queries become one figure: `macro` is the mean over languages (for cross: pairs of
            languages) of means over queries, `median` the median over queries.
        headline: shown wherever an encoder is summarised: card, study, the app's screens, and validation.
        followed: recorded in validation though not a headline.
        compared: encoders are tested against each other on it.
        by_language: results also have it for each query language (for cross: pair of languages).
        collections: meaningful only if a query has several answers per language; the terminal shows it only for
            collections without parallel answers.
        more: if neither direction is better: what an encoder with a higher figure does.
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
        """Its name for narrow columns."""
        return self.short or self.label

    def text(self, value: float | None, *, signed: bool = False, brief: bool = False) -> str:
        """A figure as text with the measure's digits (`brief`: one fewer); a dash if unknown."""
        if not known(value):
            return UNKNOWN
        digits = max(0, self.digits - brief)
        return f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"

    def best(self, values: Iterable[float | None]) -> float | None:
        """The best of several figures; None if neither direction is better or fewer than two are known."""
        there = [value for value in values if value is not None and known(value)]
        if self.better == "neither" or len(there) < 2:
            return None
        return max(there) if self.better == "higher" else min(there)

    def improved(self, change: float) -> bool | None:
        """Whether a change is an improvement; None if it is below the shown digits or neither direction is better."""
        if self.better == "neither" or abs(change) < 0.5 * 10**-self.digits:
            return None
        return (change > 0) == (self.better == "higher")


def known(value: float | None) -> bool:
    """Whether a figure is neither None nor NaN."""
    return value is not None and not math.isnan(value)
