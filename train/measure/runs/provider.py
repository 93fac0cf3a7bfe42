"""Registers the measures of language bias with ir_measures when it is imported; needs the extra `ir`.

    from hybrid_search.measures import ir
    ir_measures.calc_aggregate([ir.RankDistance, ir.PEER(lang_mapping=languages) @ 20, ir_measures.AP], qrels, run)

Mappings are parameters: `lang_mapping` has the language of each document, `query_lang_mapping` that of each query,
`question_mapping` the question that each query is a version of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np

from ....engine.errors import HybridSearchError
from . import consistency, fairness, preference
from .rankings import Rankings

try:
    import ir_measures
    from ir_measures import providers
    from ir_measures.measures import base
except ImportError as error:
    raise HybridSearchError(
        "ir_measures is not installed.", hint="Install it: pip install 'hybrid-search[ir]'."
    ) from error

_MAPPINGS = {
    "lang_mapping": "language of each document (str-to-str)",
    "query_lang_mapping": "language of each query (str-to-str)",
    "question_mapping": "question that each query is a version of (str-to-str)",
}


class _Mean(base.Agg):  # type: ignore[misc]
    """The mean over queries for which a measure is defined."""

    def __init__(self) -> None:
        self._values: list[float] = []

    def add(self, value: float) -> None:
        if not math.isnan(value):
            self._values.append(value)

    def result(self) -> float:
        return float(np.mean(self._values)) if self._values else math.nan


class LanguageMeasure(base.Measure):  # type: ignore[misc]
    """A measure of this package for ir_measures; NaN for queries for which it is undefined."""

    DEFAULT = math.nan
    TIES: ClassVar[Any] = "descending"
    function: ClassVar[Callable[..., Any]]

    def aggregator(self) -> base.Agg:
        """The mean over queries with a value."""
        return _Mean()

    def __repr__(self) -> str:
        """Its name and parameters without the mappings, which are long."""
        plain = {key: value for key, value in self.params.items() if key not in (*_MAPPINGS, self.AT_PARAM)}
        shown = ",".join(f"{key}={self._param_repr(value)}" for key, value in plain.items())
        cut = f"@{self.params[self.AT_PARAM]}" if self.AT_PARAM in self.params else ""
        return f"{self.NAME}{f'({shown})' if shown else ''}{cut}"

    def __eq__(self, other: object) -> bool:
        """Equal if the parameters are equal and the mappings identical objects."""
        return isinstance(other, LanguageMeasure) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[Any, ...]:
        return (repr(self), *(id(self.params.get(key)) for key in _MAPPINGS))

    def values(self, rankings: Rankings) -> Any:
        """A value for each query, shape (queries,), or one for all queries."""
        chosen = {key: value for key, value in self.params.items() if key not in _MAPPINGS and key != self.AT_PARAM}
        if "cutoff" in self.SUPPORTED_PARAMS:
            chosen["k"] = self["cutoff"]
        if "question_mapping" in self.SUPPORTED_PARAMS:
            chosen["question_of"] = self["question_mapping"]
        return type(self).function(rankings, **{key: value for key, value in chosen.items() if key != "pool"})


def _measure(
    name: str, function: Callable[..., Any], cutoff: int | bool = False, *mappings: str, **parameters: Any
) -> LanguageMeasure:
    """A measure; `cutoff` is True if it is required, or its default."""
    supported = {key: base.ParamInfo(dtype=dict, required=True, desc=_MAPPINGS[key]) for key in mappings}
    if cutoff is not False:
        given = {} if cutoff is True else {"default": cutoff}
        supported["cutoff"] = base.ParamInfo(
            dtype=int, required=cutoff is True, desc="ranking cutoff threshold", **given
        )
    supported.update({key: base.ParamInfo(default=value) for key, value in parameters.items()})
    words = (function.__doc__ or "").strip().split("\n")[0]
    kind = type(
        name,
        (LanguageMeasure,),
        {
            "__doc__": words,
            "NAME": name,
            "PRETTY_NAME": name,
            "SHORT_DESC": words,
            "SUPPORTED_PARAMS": supported,
            "function": staticmethod(function),
            "TIES": "ascending" if name == "PEER" else "descending",
        },
    )
    made: LanguageMeasure = kind()
    made.__name__ = name
    return made


PEER = _measure("PEER", fairness.peer_of_queries, True, "lang_mapping", weights={1: 1.0}, as_released=False)
PEERTens = _measure("PEERTens", fairness.peer_of_tens, 100, "lang_mapping", "query_lang_mapping", together=10)
RankExplained = _measure(
    "RankExplained", fairness.rank_explained_by_language, 100, "lang_mapping", "query_lang_mapping"
)
RankDistance = _measure("RankDistance", preference.rank_distance, False, pool=0)
MaxAtR = _measure("MaxAtR", preference.max_at_r, False, pool=0)
Complete = _measure("Complete", preference.complete, True)
OwnLanguage = _measure("OwnLanguage", preference.own_language_share, 20, "lang_mapping", "query_lang_mapping")
LPR = _measure("LPR", preference.language_preference, False, "lang_mapping", "query_lang_mapping")
LangNDCG = _measure(
    "LangNDCG", preference.language_ndcg, True, "lang_mapping", "query_lang_mapping", own=2.0, other=1.0
)
TLR = _measure("TLR", preference.target_language_recall, True, "lang_mapping", "query_lang_mapping")
MRC = _measure("MRC", consistency.mean_rank_correlation, 100, "question_mapping")
Hubness = _measure("Hubness", consistency.hubness, 10, pool=0)

_ALL = (PEER, PEERTens, RankExplained, RankDistance, MaxAtR, Complete, OwnLanguage, LPR, LangNDCG, TLR, MRC, Hubness)


class _Evaluator(providers.Evaluator):  # type: ignore[misc]
    def __init__(self, measures: Iterable[LanguageMeasure], qrels: Any) -> None:
        self._qrels = ir_measures.util.QrelsConverter(qrels).as_dict_of_dict()
        super().__init__(list(measures), set(self._qrels))

    def _iter_calc(self, run: Any) -> Iterator[Any]:
        scores = ir_measures.util.RunConverter(run).as_dict_of_dict()
        for measure in self.measures:
            rankings = Rankings.from_run(
                scores,
                self._qrels,
                language_of=measure.params.get("lang_mapping"),
                query_language_of=measure.params.get("query_lang_mapping"),
                ties=measure.TIES,
                pool=measure.params.get("pool", 0),
            )
            values = np.broadcast_to(measure.values(rankings), len(rankings.queries))
            for query, value in zip(rankings.queries, values, strict=True):
                yield ir_measures.Metric(query_id=query, measure=measure, value=float(value))


class Provider(providers.Provider):  # type: ignore[misc]
    """Computes the measures of this module."""

    NAME = "hybrid_search"
    SUPPORTED_MEASURES: ClassVar[list[Any]] = list(_ALL)

    def supports(self, measure: Any) -> bool:
        """Whether it is a measure of this module; other packages may use the same names."""
        if not isinstance(measure, LanguageMeasure):
            return False
        measure.validate_params()
        return True

    def _evaluator(self, measures: Any, qrels: Any) -> _Evaluator:
        return _Evaluator(measures, qrels)


def _register() -> None:
    provider = Provider()
    providers.register(provider)
    # First, since other providers may support measures with the same names.
    ir_measures.DefaultPipeline.providers.insert(0, provider)
    for each in _ALL:
        # peer_measure, if installed, registers PEER itself.
        if each.NAME not in base.registry and not (each.NAME == "PEER" and find_spec("peer_measure")):
            base.register(each)


_register()
