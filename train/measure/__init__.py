"""Computes measures: vectors or rankings come in, figures of quality and of language bias go out.

`registry/` has every measure with its name, unit, direction, source and function. `protocol.py` measures one encoder on
one benchmark by the paper's protocol and returns a `Result`, `evaluation.py` compares several, `evaluator.py` is an
evaluator for sentence-transformers' trainer; `ranks.py` computes exact ranks, `significance.py` has the tests; `runs/`
measures any rankings. Names are imported on first use, since screens need only the registry, which imports little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late

if TYPE_CHECKING:
    from . import lost, registry, runs, significance
    from .components import principal
    from .embeddings import encode, encode_benchmark
    from .evaluation import Compared, Evaluation, evaluate, neutralised
    from .evaluator import LanguageBiasEvaluator
    from .protocol import measure_scores, measure_vectors
    from .questions import QueryStudy, read_queries, study
    from .registry import UNKNOWN, Measure, Values, known
    from .result import Result
    from .significance import Difference
    from .tail import Tail, tail_of

__all__ = [
    "UNKNOWN",
    "Compared",
    "Difference",
    "Evaluation",
    "LanguageBiasEvaluator",
    "Measure",
    "QueryStudy",
    "Result",
    "Tail",
    "Values",
    "encode",
    "encode_benchmark",
    "evaluate",
    "known",
    "lost",
    "measure_scores",
    "measure_vectors",
    "neutralised",
    "principal",
    "read_queries",
    "registry",
    "runs",
    "significance",
    "study",
    "tail_of",
]

__getattr__ = late(
    __name__,
    {
        "UNKNOWN": ".registry",
        "Compared": ".evaluation",
        "Difference": ".significance",
        "Evaluation": ".evaluation",
        "LanguageBiasEvaluator": ".evaluator",
        "Measure": ".registry",
        "QueryStudy": ".questions",
        "Result": ".result",
        "Tail": ".tail",
        "Values": ".registry",
        "encode": ".embeddings",
        "encode_benchmark": ".embeddings",
        "evaluate": ".evaluation",
        "known": ".registry",
        "lost": ".",
        "measure_scores": ".protocol",
        "measure_vectors": ".protocol",
        "neutralised": ".evaluation",
        "principal": ".components",
        "read_queries": ".questions",
        "registry": ".",
        "runs": ".",
        "significance": ".",
        "study": ".questions",
        "tail_of": ".tail",
    },
)
