"""What helps batches along: mined negatives, a teacher that reads translations, words put into early layers.

Each is loaded where a run asks for it: `negatives.py`, `teaching.py` (and `lesson.py`, what it gives of a batch),
`injecting.py`.
"""

from typing import TYPE_CHECKING

from ....engine.late import late

if TYPE_CHECKING:
    from .injecting import inject
    from .lesson import Taught
    from .negatives import mine
    from .teaching import Teacher

__all__ = ["Taught", "Teacher", "inject", "mine"]

__getattr__ = late(
    __name__, {"Taught": ".lesson", "Teacher": ".teaching", "inject": ".injecting", "mine": ".negatives"}
)
