"""Exports a library's judgements as files for evaluation and training.

A library's judgements come in, files go out. Open `writing.py`. It is imported on first use: the app reads `FORMS`
before its first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late
from .forms import EVALUATION, FORMS, PAIRS, QRELS

if TYPE_CHECKING:
    from .writing import Written, by_question, judging_progress, write_judgements

__all__ = [
    "EVALUATION",
    "FORMS",
    "PAIRS",
    "QRELS",
    "Written",
    "by_question",
    "judging_progress",
    "write_judgements",
]

__getattr__ = late(
    __name__, dict.fromkeys(("Written", "by_question", "judging_progress", "write_judgements"), ".writing")
)
