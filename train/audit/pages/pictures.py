"""Draws an audit's charts as SVG."""

from __future__ import annotations

import numpy as np

from ...measure import Result
from ...reports import svg
from ..unjudged import Unjudged


def shares(found: Unjudged) -> str:
    """Languages of the first answers, by language asked in."""
    return svg.heat_map(
        found.shares,
        found.asked,
        found.answered,
        f"Languages of the first {found.top} answers",
        column_title="language of the answers",
        span=(0.0, 1.0),
        caption="Without bias all rows are alike; a dark diagonal shows bias.",
    )


def alike(found: Unjudged) -> str:
    """Rank-biased overlap of answers to translations, by pair of languages."""
    return svg.heat_map(
        found.alike,
        found.asked,
        found.asked,
        "Rank-biased overlap of the answers to translations",
        row_title="one language",
        column_title="the other",
        span=(0.0, 1.0),
        caption="1: the same answers in the same order.",
    )


def precision(result: Result) -> str:
    """Mean average precision by pair of languages."""
    matrix = result.matrix()
    asked = [place for place in range(len(result.languages)) if (result.query_languages == place).any()]
    held = [place for place in range(len(result.languages)) if not np.isnan(matrix[:, place]).all()]
    return svg.heat_map(
        matrix[np.ix_(asked, held)],
        [result.languages[place] for place in asked],
        [result.languages[place] for place in held],
        "Mean average precision",
        caption="Diagonal: mono. Elsewhere: cross, in the pool of the one language.",
    )


def pulls(found: Unjudged) -> str:
    """Pull by language, with intervals."""
    known = {code: each for code, each in found.pulls.items() if each.known}
    return svg.intervals(
        {code: (each.value, each.low, each.high) for code, each in known.items()},
        "Pull of each language",
        "its share when it is asked in, minus its share when the same is asked in others",
    )
