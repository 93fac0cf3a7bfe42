"""The result of a remedy: figures with it and the difference that it makes, or why it was not tried."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ....engine.errors import DataError
from ...measure import Difference, Values, significance
from ..asking import Asked
from ..estimates import Estimate, estimate
from ..judged import lost_values, multi, result_of
from ..shares import own_shares, pull_of


@dataclass(frozen=True)
class Figures:
    """The figures by which a remedy is judged.

    Attributes:
        pull: how much asking in a language raises its share among the answers.
        own: share of the question's language among the answers.
        multi: multi mAP over questions; unknown without judgements.
        mono: mono mAP likewise.
        lost: the share of answers lost to language, likewise.
    """

    pull: Estimate
    own: Estimate
    multi: Estimate
    mono: Estimate
    lost: Estimate

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {name: each.as_dict() for name, each in vars(self).items() if each.known}


@dataclass(frozen=True)
class Remedy:
    """A way to reduce a bias.

    Attributes:
        key: its name in JSON.
        title: its name for display.
        words: what to do, in a sentence.
        figures: figures with the remedy; None if it was not tried.
        difference: multi AP with the remedy minus without, over questions; None without judgements.
        without: figures that it is compared with if these are an encoder's alone, not the target's.
        compared: a table's name for `without`; "" if that is None.
        why_not: why it was not tried, in a sentence.
    """

    key: str
    title: str
    words: str
    figures: Figures | None = None
    difference: Difference | None = None
    why_not: str = ""
    without: Figures | None = None
    compared: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "key": self.key,
            "title": self.title,
            "words": self.words,
            "figures": None if self.figures is None else self.figures.as_dict(),
            "multi_difference": None
            if self.difference is None
            else {
                "mean": round(self.difference.mean, 6),
                "low": round(self.difference.low, 6),
                "high": round(self.difference.high, 6),
                "p": self.difference.p,
            },
            "without": None if self.without is None else self.without.as_dict(),
            "why_not": self.why_not,
        }


def figures_of(asked: Asked) -> Figures:
    """The figures of a target's answers."""
    groups = [question.group for question in asked.kit.questions]
    none = estimate(np.zeros(0))
    pull, own = pull_of(asked), estimate(own_shares(asked), groups)
    if not asked.judged:
        return Figures(pull, own, none, none, none)
    result = result_of(asked, asked.rankings)
    found = {key: estimate(values, groups) for key, values in result.compared().items()}
    lost = estimate(lost_values(asked, result), groups)
    return Figures(pull, own, found.get("multi", none), found.get("mono", none), lost)


def multi_values(asked: Asked) -> Values | None:
    """Multi AP per question; None without judgements."""
    return result_of(asked, asked.rankings).per_query(multi()) if asked.judged else None


def tried(remedy: Remedy, after: Asked, before: Values | None, without: Asked | None = None) -> Remedy:
    """A remedy with its figures.

    Args:
        remedy: the remedy without figures.
        after: the answers with it.
        before: multi AP per question of the target's own answers; None without judgements.
        without: answers to compare with instead of the target's own.
    """
    if without is not None:
        remedy = replace(remedy, without=figures_of(without))
        before = multi_values(without)
    difference = None
    if before is not None and after.judged:
        groups = [question.group for question in after.kit.questions]
        values = multi_values(after)
        assert values is not None
        try:
            difference = significance.differences({"with": values, "without": before}, groups)[0]
        except DataError:
            # Fewer than six questions cannot be tested.
            difference = None
    return replace(remedy, figures=figures_of(after), difference=difference)
