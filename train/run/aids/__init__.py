"""Optional additions to training: mined negatives, a teacher that reads translations, words injected into early layers.

Each is loaded where a run asks for it: `negatives.py`, `teaching.py` (and `lesson.py`, what it gives of a batch),
`injecting.py`, and `joining.py`, all texts of a batch in one pass.
"""

from typing import TYPE_CHECKING

from ....engine.late import late

if TYPE_CHECKING:
    from .injecting import inject
    from .joining import WIDTH, vectors_of
    from .lesson import Taught
    from .negatives import mine
    from .teaching import Teacher

__all__ = ["WIDTH", "Taught", "Teacher", "inject", "mine", "vectors_of"]

__getattr__ = late(
    __name__,
    {
        "WIDTH": ".joining",
        "vectors_of": ".joining",
        "Taught": ".lesson",
        "Teacher": ".teaching",
        "inject": ".injecting",
        "mine": ".negatives",
    },
)
