"""The result of one encoder on one benchmark: every measure of the registry from one set of exact ranks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import registry
from .ranks import RelevantRanks
from .registry import Measure, Ranked, Setting, Values, quotient

SETTINGS: tuple[Setting, ...] = ("mono", "cross", "multi")


@dataclass(frozen=True)
class Result:
    """The result of one encoder on one benchmark.

    Args:
        encoder: its name.
        benchmark: its name.
        languages: in the order of all matrices.
        ranks: ranks of all relevant candidates.
        query_languages: index of each query's language, shape (queries,).
        pool_sizes: candidates of each language, shape (languages,).
        settings: the measured settings.
        notes: what was left out.
        gains: gains of the relevant candidates in the order of `ranks`, if they are graded.
    """

    encoder: str
    benchmark: str
    languages: tuple[str, ...]
    ranks: RelevantRanks
    query_languages: NDArray[np.int64]
    pool_sizes: NDArray[np.int64]
    settings: tuple[str, ...] = SETTINGS
    notes: tuple[str, ...] = ()
    gains: NDArray[np.float64] | None = None
    _found: dict[tuple[bool, Callable[..., Any]], Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def pool_share(self) -> Values:
        """Share of each language in the pool, shape (languages,)."""
        shares: Values = self.pool_sizes / self.pool_sizes.sum()
        return shares

    @property
    def average_precision(self) -> Values:
        """AP per query and pool language, NaN without relevant candidates there, shape (queries, languages)."""
        found: Values = self._computed(registry.named("mono"))
        return found

    def ranked(self, language: int | None = None) -> Ranked:
        """Ranks in the pool of one language, by its index, or of all languages."""
        if language is None:
            ranks, codes, top, sizes = (
                self.ranks.in_pool,
                self.ranks.language,
                self.ranks.top_languages,
                self.pool_sizes,
            )
        else:
            inside = self.ranks.language == language
            ranks, codes = np.where(inside, self.ranks.in_language, -1), np.where(inside, language, -1)
            top = np.zeros((len(ranks), 0), dtype=np.int64)
            sizes = np.where(np.arange(len(self.languages)) == language, self.pool_sizes, 0)
        return Ranked(ranks, codes, self.query_languages, sizes, top, self.gains)

    def _computed(self, measure: Measure) -> Any:
        """The function's result: in the pool of each language, shape (queries, languages), or in that of all."""
        alone = measure.setting in ("mono", "cross")
        key = alone, measure.function
        if key not in self._found:
            pools = [self.ranked(code) for code in range(len(self.languages))] if alone else [self.ranked()]
            found = [measure.function(pool) for pool in pools]
            self._found[key] = np.stack(found, axis=1) if alone else found[0]
        return self._found[key]

    def values(self, measure: Measure) -> Any:
        """The values of a measure, computed once.

        Returns:
            For mono and cross: a value for each query and pool language, NaN outside the setting and where undefined,
            shape (queries, languages). For multi and bias: a value for each query, shape (queries,), or one figure.
        """
        found = self._computed(measure)
        if measure.setting not in ("mono", "cross"):
            return found
        own = self.query_languages[:, None] == np.arange(len(self.languages))
        return np.where(own == (measure.setting == "mono"), found, np.nan)

    def figure(self, measure: Measure) -> float:
        """The figure of a measure over all queries; NaN if it is undefined for all."""
        values = self.values(measure)
        if np.ndim(values) == 0:
            return float(values)
        if measure.average == "median":
            there = values[~np.isnan(values)]
            return float(np.median(there)) if len(there) else float("nan")
        return _mean(self._by_pair(values) if values.ndim == 2 else self._by_query_language(values))

    def by_language(self, measure: Measure) -> dict[str, float | None]:
        """The figures of a measure by query language; for cross, by `query-pool` pair of languages."""
        values, names, size = self.values(measure), self.languages, range(len(self.languages))
        asked = [i for i in size if (self.query_languages == i).any()]
        if measure.setting == "cross":
            matrix = self._by_pair(values)
            pairs = [(i, j) for i in asked for j in size if i != j and self.pool_sizes[j] > 0]
            return {f"{names[i]}-{names[j]}": _plain(matrix[i, j]) for i, j in pairs}
        means = np.diagonal(self._by_pair(values)) if measure.setting == "mono" else self._by_query_language(values)
        return {names[i]: _plain(means[i]) for i in asked}

    def per_query(self, measure: Measure) -> Values:
        """The values on which encoders are compared, one per query, shape (queries,), NaN where undefined."""
        values: Values = self.values(measure)
        return _row_means(values) if values.ndim == 2 else values

    def matrix(self) -> Values:
        """Mean AP by query language (rows) and pool language (columns), NaN where no query can be scored."""
        return self._by_pair(self.average_precision)

    def _by_pair(self, values: Values) -> Values:
        matrix = np.full((len(self.languages), len(self.languages)), np.nan)
        for row in range(len(self.languages)):
            own = values[self.query_languages == row]
            known = ~np.isnan(own)
            matrix[row] = quotient(np.where(known, own, 0).sum(axis=0), known.sum(axis=0))
        return matrix

    def _by_query_language(self, values: Values) -> Values:
        means = np.full(len(self.languages), np.nan)
        for code in range(len(self.languages)):
            means[code] = _mean(values[self.query_languages == code])
        return means

    def rank_distances(self) -> Values:
        """Worst minus best rank of each query's relevant candidates in the pool of all languages, shape (queries,)."""
        return self.per_query(registry.named("rank_distance"))

    def compared(self) -> dict[str, Values]:
        """One value per query by key of each compared measure; measures without any value are absent."""
        columns = {each.key: self.per_query(each) for each in registry.compared() if self.reports(each)}
        return {key: values for key, values in columns.items() if not np.isnan(values).all()}

    def reports(self, measure: Measure) -> bool:
        """Whether a measure belongs to the measured settings."""
        return ("multi" if measure.setting == "bias" else measure.setting) in self.settings

    def summary(self) -> dict[str, float]:
        """Figures of the measured settings, by key: macro means over languages or pairs of languages."""
        return {each.key: self.figure(each) for each in registry.of(*SETTINGS) if self.reports(each)}

    def bias(self) -> dict[str, float]:
        """Figures of bias, by key; Complete@k only for values of k that all relevant candidates fit into."""
        several = int((self.ranks.in_pool > 0).sum(axis=1).max())
        measures = registry.of("bias")
        if not any(each.key == f"complete_at_{several}" for each in measures):
            measures = [registry.complete_at(several), *measures]
        left_out = {each.key for k, each in registry.COMPLETE_AT.items() if k < several}
        return {each.key: self.figure(each) for each in measures if each.key not in left_out}

    def skipped(self) -> dict[str, int]:
        """Numbers of queries without an answer in a pool language, by `query-pool` pair; figures leave them out."""
        found: dict[str, int] = {}
        for row, asked in enumerate(self.languages):
            own = np.isnan(self.average_precision[self.query_languages == row])
            for column, code in enumerate(self.languages):
                if own[:, column].any():
                    found[f"{asked}-{code}"] = int(own[:, column].sum())
        return found

    def as_dict(self) -> dict[str, Any]:
        """Everything a report needs, as plain JSON values; figures of other settings are absent."""
        names, size = self.languages, range(len(self.languages))
        asked = np.bincount(self.query_languages, minlength=len(names))
        found: dict[str, Any] = {
            "encoder": self.encoder,
            "benchmark": self.benchmark,
            "languages": list(names),
            "queries": {names[i]: int(asked[i]) for i in size},
            "pool_share": {names[i]: _plain(self.pool_share[i]) for i in size},
            "settings": list(self.settings),
            "summary": {name: _plain(value) for name, value in self.summary().items()},
            "skipped": self.skipped(),
            "notes": list(self.notes),
        }
        for setting in SETTINGS:
            if setting == "multi" and "multi" in self.settings:
                found["bias"] = {name: _plain(value) for name, value in self.bias().items()}
            for each in registry.of(setting):
                if self.reports(each) and each.by_language:
                    found[each.key] = self.by_language(each)
        return found


def _mean(values: Values) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _row_means(values: Values) -> Values:
    known = ~np.isnan(values)
    return quotient(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1))


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
