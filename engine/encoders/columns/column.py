"""Columns: used like encoders, but they rank what other encoders find, or all passages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn, Protocol

import numpy as np

from ...errors import EncoderError
from ..names import TRIO
from ..protocol import Encoder, TextsDone, Vectors

Part = Encoder | str
# How far down the rankings of others are read: as `search --fuse` does.
DEPTH = 100


class Scorer(Protocol):
    """A model that says how well texts answer a query."""

    @property
    def fingerprint(self) -> str:
        """A digest of what it is."""

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        """A score for each text, shape (len(texts),); a higher one is better."""


class WholeScorer(Scorer, Protocol):
    """A model that can score a whole collection."""

    def pool(self, texts: Sequence[str]) -> Callable[[str], Vectors]:
        """What gives a query's score for each text, shape (len(texts),)."""


class Column:
    """A ranking that has no vectors; it is an `Encoder` by form, so that it can be named wherever one can.

    Args:
        name: the name by which it was loaded.
        parts: what it asks, "bm25" among them.
        depth: how many passages of each it looks at.
        about: what else tells it from others, for the fingerprint.
    """

    dimension = 0
    max_tokens = 1_000_000

    def __init__(self, name: str, parts: Sequence[Part], depth: int, about: str) -> None:
        self.name = name
        self.parts = tuple(parts)
        self.depth = depth
        told = [part if isinstance(part, str) else part.fingerprint for part in parts]
        self.fingerprint = f"{hashlib.sha256(repr([told, depth, about]).encode()).hexdigest()[:16]}-column"

    def ranking(self, library: Any, query: str, k: int, **settings: Any) -> Any:
        """The `Ranking` of a library (a `Searchable`) for a query; settings are those of its `search`."""
        raise NotImplementedError

    def ranks(self, library: Any, query: str, wanted: Sequence[int], **settings: Any) -> dict[int, int]:
        """The rank of each wanted passage, from 1; those that are not among the first `depth` are missing."""
        found = self.ranking(library, query, self.depth, **settings)
        places = {hit.passage.id: hit.rank for hit in found.hits}
        return {number: places[number] for number in wanted if number in places}

    def pending(self, library: Any) -> int:
        """How many passages of a library one of its parts has no vector of yet."""
        return max((library.pending(part) for part in self.parts if not isinstance(part, str)), default=0)

    @property
    def notices(self) -> tuple[str, ...]:
        """Notices for the user about its parts."""
        return tuple(notice for part in self.parts for notice in getattr(part, "notices", ()))

    def told(self) -> str:
        """What endpoints among its parts were asked for."""
        return " ".join(filter(None, (part.told() for part in self.parts if hasattr(part, "told"))))

    # -- the form of an encoder

    def no_vectors(self) -> NoReturn:
        """Say that it makes no vectors.

        Raises:
            EncoderError: always.
        """
        raise EncoderError(
            f"{self.name} ranks what other encoders find and makes no vectors.",
            hint="Use it with search, compare and evaluate; index with the encoders that it uses.",
        )

    def encode_query(self, texts: Sequence[str]) -> Vectors:
        """It cannot; raises EncoderError."""
        self.no_vectors()

    def encode_document(self, texts: Sequence[str], progress: TextsDone | None = None) -> Vectors:
        """It cannot; raises EncoderError."""
        self.no_vectors()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """It cannot; raises EncoderError."""
        self.no_vectors()


class Fused(Column):
    """Others joined by reciprocal rank fusion."""

    def __init__(self, name: str, parts: Sequence[Part], depth: int = DEPTH) -> None:
        super().__init__(name, parts, depth, "fuse")

    def ranking(self, library: Any, query: str, k: int, **settings: Any) -> Any:
        """The joined ranking, with a trace of what each part adds."""
        depth = max(k, self.depth)
        found = [library.search(query, encoder=part, k=depth, **settings) for part in self.parts]
        return replace(library.fuse(found, k), encoder=self.name)


class Reranked(Column):
    """The first passages of another, ranked again by a model that reads query and passage.

    Args:
        name: the name by which it was loaded.
        first: what finds the passages.
        scorer: what ranks them.
        depth: how many.
    """

    def __init__(self, name: str, first: Part, scorer: Scorer, depth: int = DEPTH) -> None:
        super().__init__(name, [first], depth, f"rerank {scorer.fingerprint}")
        self.first = first
        self.scorer = scorer

    @property
    def first_name(self) -> str:
        """The name of what finds the passages: the ranking before."""
        return self.first if isinstance(self.first, str) else self.first.name

    @property
    def notices(self) -> tuple[str, ...]:
        """Notices for the user about its parts and its model."""
        return (*super().notices, *getattr(self.scorer, "notices", ()))

    def told(self) -> str:
        """What endpoints were asked for."""
        own = self.scorer.told() if hasattr(self.scorer, "told") else ""
        return " ".join(filter(None, (super().told(), own)))

    def ranking(self, library: Any, query: str, k: int, **settings: Any) -> Any:
        """The ranking after; of equal scores the one that came first stays first.

        Passages beyond `depth` stay behind in their order, with the lowest of the scores.
        """
        found = library.search(query, encoder=self.first, k=max(k, self.depth), **settings)
        scores = self.order([hit.passage.text for hit in found.hits[: self.depth]], query)
        behind = np.full(len(found.hits) - len(scores), scores.min() if len(scores) else 0.0)
        order = [*np.argsort(-scores, kind="stable").tolist(), *range(len(scores), len(found.hits))][:k]
        scores = np.concatenate([scores, behind])
        hits = tuple(
            replace(found.hits[place], rank=rank, score=float(scores[place])) for rank, place in enumerate(order, 1)
        )
        return replace(found, encoder=self.name, hits=hits, trace={})

    def order(self, texts: Sequence[str], query: str) -> Vectors:
        """The scores of texts.

        Raises:
            EncoderError: they are not one for each, or no numbers.
        """
        if not texts:
            return np.zeros(0, dtype=np.float32)
        scores = np.asarray(self.scorer.scores(query, texts), dtype=np.float32)
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise EncoderError(f"{self.name} did not give a score for each of {len(texts):,} passages.")
        return scores


class Whole(Column):
    """Every passage scored by a model that makes no single vector of it: sparse and multi-vector encoders.

    Args:
        name: the name by which it was loaded.
        scorer: the model.
        most: passages that it takes at most: beyond these it would neither be quick nor lie in memory.
    """

    def __init__(self, name: str, scorer: WholeScorer, most: int) -> None:
        super().__init__(name, [], most, f"whole {scorer.fingerprint}")
        self.scorer = scorer
        self.most = most

    def check(self, passages: int) -> None:
        """Make sure that they are not too many.

        Raises:
            EncoderError: they are.
        """
        if passages > self.most:
            raise EncoderError(
                f"{self.name} compares every passage, up to {self.most:,}; here are {passages:,}.",
                hint=f"{self.name}#of={TRIO[0]} ranks again what {TRIO[0]} finds.",
            )

    def pool(self, texts: Sequence[str]) -> Callable[[str], Vectors]:
        """What gives a query's score for each text, shape (len(texts),); each is compared.

        Raises:
            EncoderError: they are too many, or the model gives no score for one.
        """
        self.check(len(texts))
        if not texts:
            return lambda query: np.zeros(0, dtype=np.float32)
        score = self.scorer.pool(texts)

        def checked(query: str) -> Vectors:
            found = score(query)
            if found.shape != (len(texts),) or not np.isfinite(found).all():
                raise EncoderError(f"{self.name} did not give a score for each of {len(texts):,} passages.")
            return found

        return checked

    def ranking(self, library: Any, query: str, k: int, **settings: Any) -> NoReturn:
        """A library on disk ranks its passages by `pool` itself; one elsewhere cannot.

        Raises:
            EncoderError: always.
        """
        raise EncoderError(
            f"{self.name} compares every passage, and those of a library on an engine are not at hand.",
            hint=f"{self.name}#of=NAME ranks again what NAME finds there.",
        )

    def ranks(self, library: Any, query: str, wanted: Sequence[int], **settings: Any) -> dict[int, int]:
        """The rank of each wanted passage among all, from 1."""
        found = library.search(query, encoder=self, k=self.most, **settings)
        places = {hit.passage.id: hit.rank for hit in found.hits}
        return {number: places[number] for number in wanted if number in places}


def before_and_after(encoders: Sequence[Part]) -> list[Part]:
    """The same, with what finds the passages before each that ranks them again, so that one sees both."""
    names = {each if isinstance(each, str) else each.name for each in encoders}
    found: list[Part] = []
    for each in encoders:
        if isinstance(each, Reranked) and each.first_name not in names:
            names.add(each.first_name)
            found.append(each.first)
        found.append(each)
    return found
