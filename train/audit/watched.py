"""Figures that a gate can watch, with a value for every question; imports little, since --help lists them."""

from __future__ import annotations

from collections.abc import Mapping

# By key whether more of it is better.
WATCHED: Mapping[str, bool] = {
    "multi": True,
    "mono": True,
    "cross": True,
    "rank_distance": False,
    "own_language": False,
    "lost_to_language": False,
}
# Names for people of what is not a measure of the registry.
_NAMES = {
    "own_language": "answers in the question's language",
    "lost_to_language": "answers lost to language",
}
# Those that can be told without judgements.
UNJUDGED = ("own_language",)
JUDGED = tuple(key for key in WATCHED if key not in UNJUDGED)


def label(key: str) -> str:
    """The name for people of what is watched."""
    from ..measure import registry

    return _NAMES.get(key) or registry.named(key).label
