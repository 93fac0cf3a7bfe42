"""Operations on answers: ask, ask in every language, explain a rank, judge what is right, look behind a figure.

Open `asking.py` first: what a question gives.
"""

from .asking import Asking
from .drilling import Drilling
from .explaining import Explaining
from .judging import Judging

__all__ = ["Asking", "Drilling", "Explaining", "Judging"]
