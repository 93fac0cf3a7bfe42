"""The remedy of asking in several languages: joins the rankings of a question's translations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ....engine.languages import name as name_of
from ....engine.search import fusion
from ...measure import Values
from ..asking import Asked, Rows
from .remedy import Remedy, tried

# The kit's translations are made by people: machine translation would do no better.
_BY_PEOPLE = "tried with the kit's translations, made by people"


def fanned_out(asked: Asked, before: Values | None) -> Iterator[Remedy]:
    """Try joining the rankings of translations by reciprocal rank fusion."""
    groups: dict[str, dict[str, int]] = {}
    for row, question in enumerate(asked.kit.questions):
        groups.setdefault(question.group, {})[question.language] = row
    if max(map(len, groups.values())) < 2:
        yield Remedy(
            "fan_out",
            "asking in several languages",
            "Ask every question in several languages and join the rankings by reciprocal rank fusion.",
            why_not="No question is asked in two languages here.",
        )
        return
    fused = {name: _fuse(asked, list(own.values())) for name, own in groups.items()}
    yield tried(
        Remedy(
            "fan_out",
            f"asking in all {len(asked.kit.languages)} languages",
            f"Ask every question in all languages and join the rankings by reciprocal rank fusion ({_BY_PEOPLE}).",
        ),
        replace(asked, rankings=tuple(fused[question.group] for question in asked.kit.questions)),
        before,
    )
    bridge = max(asked.kit.languages, key=lambda code: (code == "en", asked.collection.get(code, 0), code))
    if len(asked.kit.languages) > 2:
        pairs = []
        for row, question in enumerate(asked.kit.questions):
            other = groups[question.group].get(bridge, row)
            pairs.append(_fuse(asked, [row, other]) if other != row else asked.rankings[row])
        yield tried(
            Remedy(
                "fan_out_bridge",
                f"asking in {name_of(bridge)} as well",
                f"Ask every question in {name_of(bridge)}, too, and join the two rankings ({_BY_PEOPLE}).",
            ),
            replace(asked, rankings=tuple(pairs)),
            before,
        )


def _fuse(asked: Asked, rows: Sequence[int]) -> Rows:
    """The rankings of some questions joined; ties in the order of the pool."""
    scores = np.zeros(len(asked.pool))
    for row in rows:
        ranking = asked.rankings[row]
        scores[ranking] += 1 / (fusion.CONSTANT + 1 + np.arange(len(ranking)))
    held = np.flatnonzero(scores)
    return held[np.argsort(-scores[held], kind="stable")]
