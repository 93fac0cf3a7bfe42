"""What a benchmark is: queries, a pool of candidates, and which answer which."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import DataError


@dataclass(frozen=True)
class Query:
    """A question: `id` links the parallel questions of all languages."""

    id: str
    language: str
    text: str


@dataclass(frozen=True)
class Candidate:
    """A sentence or passage of the pool; `title` is put before the text where the layout has one."""

    id: str
    language: str
    text: str
    title: str = ""


@dataclass(frozen=True)
class Benchmark:
    """Queries, the pool they search, and for each query the pool rows that answer it.

    Args:
        name: as shown in tables.
        queries: in any order; parallel ones share an id.
        pool: candidates of all languages.
        relevant: for each query the rows of the pool that answer it; empty where none does.
        grades: for each query the gain of each of these rows; empty when every gain is 1.
        notes: what was left out while reading, in sentences.
    """

    name: str
    queries: tuple[Query, ...]
    pool: tuple[Candidate, ...]
    relevant: tuple[tuple[int, ...], ...]
    grades: tuple[tuple[float, ...], ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be measured.

        Raises:
            DataError: no query, an empty pool, or no query with an answer.
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
        """Languages of queries and pool, sorted."""
        return tuple(sorted({query.language for query in self.queries} | {item.language for item in self.pool}))

    @cached_property
    def query_languages(self) -> NDArray[np.int64]:
        """For each query the index of its language in `languages`, shape (queries,)."""
        index = {code: position for position, code in enumerate(self.languages)}
        return np.array([index[query.language] for query in self.queries], dtype=np.int64)

    @cached_property
    def pool_languages(self) -> NDArray[np.int64]:
        """For each candidate the index of its language in `languages`, shape (pool,)."""
        index = {code: position for position, code in enumerate(self.languages)}
        return np.array([index[item.language] for item in self.pool], dtype=np.int64)

    @cached_property
    def digest(self) -> str:
        """A digest of texts and judgements: two benchmarks of one digest give the same figures."""
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
        """Texts of the candidates, in order, each after its title where it has one."""
        return [f"{item.title}\n{item.text}" if item.title else item.text for item in self.pool]
