"""What a gate may watch: figures that have a value for every question."""

from __future__ import annotations

from collections.abc import Mapping

from ..measure import registry

# By key of what a gate watches: its name for people, and whether more of it is better.
WATCHED: Mapping[str, tuple[str, bool]] = {
    "multi": (registry.named("multi").label, True),
    "mono": (registry.named("mono").label, True),
    "cross": (registry.named("cross").label, True),
    "rank_distance": (registry.named("rank_distance").label, False),
    "own_language": ("answers in the question's language", False),
    "lost_to_language": ("answers lost to language", False),
}
JUDGED = ("multi", "mono", "cross", "rank_distance", "lost_to_language")
