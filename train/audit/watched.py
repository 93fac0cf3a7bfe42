"""What a gate may watch: figures that have a value for every question."""

from __future__ import annotations

from collections.abc import Mapping

# By key of what a gate watches: its name for people, and whether more of it is better.
WATCHED: Mapping[str, tuple[str, bool]] = {
    "multi": ("multi mAP", True),
    "mono": ("mono mAP", True),
    "cross": ("cross mAP", True),
    "rank_distance": ("rank distance", False),
    "own_language": ("share of the question's language", False),
    "lost_to_language": ("answers lost to language", False),
}
JUDGED = ("multi", "mono", "cross", "rank_distance", "lost_to_language")
