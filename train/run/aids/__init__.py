"""Optional additions to training: mined negatives, a teacher on translations, word injection, joined passes.

Each is loaded only if a run needs it: `negatives.py`, `teaching.py` (its results are in `lesson.py`), `injecting.py`,
and `joining.py`, which embeds all texts of a batch in one pass.
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
