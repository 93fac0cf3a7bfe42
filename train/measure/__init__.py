"""Measures: vectors or rankings come in, figures of quality and of language bias go out.

Open `registry.py` first: every measure with its name, unit, direction, source and function, which read a `Ranked`.
`protocol.py` measures one encoder on one benchmark by the paper's protocol, `evaluation.py` compares several;
`ranks.py` gives exact ranks, `standard.py` and `bias.py` hold the formulas, `significance.py` the tests. Names are
imported when they are used: the registry alone, which screens read, needs little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from . import registry
    from .components import principal
    from .embeddings import encode
    from .evaluation import Compared, Evaluation, evaluate
    from .measure import UNKNOWN, Measure, known
    from .protocol import measure_vectors
    from .questions import QueryStudy, read_queries, study
    from .result import Result
    from .significance import Difference
    from .tail import Tail

__all__ = [
    "UNKNOWN",
    "Compared",
    "Difference",
    "Evaluation",
    "Measure",
    "QueryStudy",
    "Result",
    "Tail",
    "encode",
    "evaluate",
    "known",
    "measure_vectors",
    "principal",
    "read_queries",
    "registry",
    "study",
]

__getattr__ = late(
    __name__,
    {
        "UNKNOWN": ".measure",
        "Compared": ".evaluation",
        "Evaluation": ".evaluation",
        "Difference": ".significance",
        "Measure": ".measure",
        "QueryStudy": ".questions",
        "Result": ".result",
        "Tail": ".tail",
        "encode": ".embeddings",
        "evaluate": ".evaluation",
        "known": ".measure",
        "measure_vectors": ".protocol",
        "principal": ".components",
        "read_queries": ".questions",
        "registry": ".",
        "study": ".questions",
    },
)
