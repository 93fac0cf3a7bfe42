"""Defines a benchmark: queries, a pool of candidates, and which candidates answer which query."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import DataError
from ...engine.languages import matching


@dataclass(frozen=True)
class Query:
    """A question: `id` links the parallel questions of all languages."""

    id: str
    language: str
    text: str


@dataclass(frozen=True)
class Candidate:
    """A sentence or passage of the pool; `title`, if the layout has one, is put before the text."""

    id: str
    language: str
    text: str
    title: str = ""


@dataclass(frozen=True)
class Benchmark:
    """Queries, the pool that they search, and the pool rows that answer each query.

    Args:
        name: shown in tables.
        queries: in any order; parallel ones share an id.
        pool: candidates of all languages.
        relevant: rows of the pool that answer each query; empty if none does.
        grades: the gain of each of these rows, by query; empty when every gain is 1.
        notes: what was left out while reading, in sentences.
    """

    name: str
    queries: tuple[Query, ...]
    pool: tuple[Candidate, ...]
    relevant: tuple[tuple[int, ...], ...]
    grades: tuple[tuple[float, ...], ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a benchmark that cannot be measured.

        Raises:
            DataError: there is no query, the pool is empty, or no query has an answer.
        """
        if not self.queries:
            raise DataError(f"{self.name} has no queries.", hint="Is this the right file or folder?")
        if not self.pool:
            raise DataError(f"{self.name} has an empty pool: nothing could be retrieved.", hint="Is its corpus empty?")
        if not any(self.relevant):
            raise DataError(
                f"{self.name} names no relevant candidate for any query.",
                hint=" ".join(self.notes) or "Do its judgements use the ids of its passages?",
            )

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages of queries and of the pool, sorted."""
        return tuple(sorted({query.language for query in self.queries} | {item.language for item in self.pool}))

    @cached_property
    def query_languages(self) -> NDArray[np.int64]:
        """The index of each query's language in `languages`, shape (queries,)."""
        index = {code: position for position, code in enumerate(self.languages)}
        return np.array([index[query.language] for query in self.queries], dtype=np.int64)

    @cached_property
    def pool_languages(self) -> NDArray[np.int64]:
        """The index of each candidate's language in `languages`, shape (pool,)."""
        index = {code: position for position, code in enumerate(self.languages)}
        return np.array([index[item.language] for item in self.pool], dtype=np.int64)

    @cached_property
    def digest(self) -> str:
        """A hash of texts and judgements: benchmarks with the same digest give the same figures."""
        running = hashlib.blake2b(digest_size=12)
        for query, rows in zip(self.queries, self.relevant, strict=True):
            running.update(f"{query.id}\0{query.language}\0{query.text}\0{rows}\n".encode("utf-8", "surrogatepass"))
        if any(grade != 1 for grades in self.grades for grade in grades):
            running.update(repr(self.grades).encode())
        for item in self.pool:
            running.update(f"{item.language}\0{item.title}\0{item.text}\n".encode("utf-8", "surrogatepass"))
        return running.hexdigest()

    def query_texts(self) -> list[str]:
        """Texts of the queries, in order."""
        return [query.text for query in self.queries]

    def pool_texts(self) -> list[str]:
        """Texts of the candidates, in order, each after its title if it has one."""
        return [f"{item.title}\n{item.text}" if item.title else item.text for item in self.pool]


def wanted(languages: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Languages that are asked for, each by the code that a benchmark has it under (`zh-CN` is zh, `iw` is he)."""
    asked = (each if each in known else next(iter(matching(each, known)), each) for each in languages)
    return tuple(dict.fromkeys(asked))
