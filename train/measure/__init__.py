"""Measures: vectors or rankings come in, figures of quality and of language bias go out.

Open `protocol.py` first: one encoder on one benchmark by the paper's protocol; `evaluation.py` compares several;
`ranks.py` gives exact ranks, `standard.py` and `bias.py` hold the measures, `significance.py` the tests.
"""

from .embeddings import encode
from .evaluation import Comparison, Evaluation, run
from .protocol import Result, evaluate_vectors
from .questions import QueryStudy, read_queries, study
from .tail import Tail

__all__ = [
    "Comparison",
    "Evaluation",
    "QueryStudy",
    "Result",
    "Tail",
    "encode",
    "evaluate_vectors",
    "read_queries",
    "run",
    "study",
]
