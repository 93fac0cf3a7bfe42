"""Names the figures that a gate can watch, one value per question; imports little, since --help lists them."""

from __future__ import annotations

from collections.abc import Mapping

# By key, whether higher is better.
WATCHED: Mapping[str, bool] = {
    "multi": True,
    "mono": True,
    "cross": True,
    "rank_distance": False,
    "own_language": False,
    "lost_to_language": False,
}
# Labels of figures that are not measures of the registry.
_NAMES = {
    "own_language": "answers in the question's language",
    "lost_to_language": "answers lost to language",
}
# Figures that need no judgements.
UNJUDGED = ("own_language",)
JUDGED = tuple(key for key in WATCHED if key not in UNJUDGED)


def label(key: str) -> str:
    """The label of a watched figure."""
    from ..measure import registry

    return _NAMES.get(key) or registry.named(key).label
