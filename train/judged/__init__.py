"""Judgements of a library, as files that evaluation and training read.

A library's judgements come in, files go out. Open `writing.py`.
"""

from .writing import EVALUATION, FORMS, PAIRS, QRELS, Written, by_question, judging_progress, write_judgements

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
