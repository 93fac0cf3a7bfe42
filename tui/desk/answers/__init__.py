"""Operations on answers: ask, ask in every language, explain a rank, judge, list the questions behind a figure.

Open `asking.py` first: how a question is answered.
"""

from .asking import Asking
from .drilling import Drilling
from .explaining import Explaining
from .judging import Judging

__all__ = ["Asking", "Drilling", "Explaining", "Judging"]
