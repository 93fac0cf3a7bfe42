"""Defines columns: they are used like encoders, but rank what other encoders find, or all passages."""

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
# How many passages of other rankings are used, as in `search --fuse`.
DEPTH = 100


class Scorer(Protocol):
    """A model that scores how well texts answer a query."""

    @property
    def fingerprint(self) -> str:
        """A digest of the model."""

    def scores(self, query: str, texts: Sequence[str]) -> Vectors:
        """A score for each text, shape (len(texts),); a higher one is better."""


class WholeScorer(Scorer, Protocol):
    """A model that can score a whole collection."""

    def pool(self, texts: Sequence[str]) -> Callable[[str], Vectors]:
        """A function from a query to its score for each text, shape (len(texts),)."""


class Column:
    """A ranking without vectors; it has the interface of an `Encoder`, so that it can be named wherever one can.

    Args:
        name: the name by which it was loaded.
        parts: the encoders that it asks; "bm25" for search by words.
        depth: how many passages of each it uses.
        about: what else distinguishes it, for the fingerprint.
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
        """The rank of each wanted passage, from 1; those not among the first `depth` are missing."""
        found = self.ranking(library, query, self.depth, **settings)
        places = {hit.passage.id: hit.rank for hit in found.hits}
        return {number: places[number] for number in wanted if number in places}

    def pending(self, library: Any) -> int:
        """How many passages of a library still lack a vector from one of its parts; the most of any part."""
        return max((library.pending(part) for part in self.parts if not isinstance(part, str)), default=0)

    @property
    def notices(self) -> tuple[str, ...]:
        """Notices for the user about its parts."""
        return tuple(notice for part in self.parts for notice in getattr(part, "notices", ()))

    def told(self) -> str:
        """What endpoints among its parts were asked for, in a sentence."""
        return " ".join(filter(None, (part.told() for part in self.parts if hasattr(part, "told"))))

    # -- the interface of an encoder

    def no_vectors(self) -> NoReturn:
        """Raise the error that it makes no vectors.

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
    """Several rankings joined by reciprocal rank fusion."""

    def __init__(self, name: str, parts: Sequence[Part], depth: int = DEPTH) -> None:
        super().__init__(name, parts, depth, "fuse")

    def ranking(self, library: Any, query: str, k: int, **settings: Any) -> Any:
        """The joined ranking, with a trace of what each part adds."""
        depth = max(k, self.depth)
        found = [library.search(query, encoder=part, k=depth, **settings) for part in self.parts]
        return replace(library.fuse(found, k), encoder=self.name)


class Reranked(Column):
    """The first passages of another ranking, ranked again by a model that reads query and passage.

    Args:
        name: the name by which it was loaded.
        first: the encoder that finds the passages.
        scorer: the model that ranks them.
        depth: how many are ranked again.
    """

    def __init__(self, name: str, first: Part, scorer: Scorer, depth: int = DEPTH) -> None:
        super().__init__(name, [first], depth, f"rerank {scorer.fingerprint}")
        self.first = first
        self.scorer = scorer

    @property
    def first_name(self) -> str:
        """The name of the encoder that finds the passages."""
        return self.first if isinstance(self.first, str) else self.first.name

    @property
    def notices(self) -> tuple[str, ...]:
        """Notices for the user about its parts and its model."""
        return (*super().notices, *getattr(self.scorer, "notices", ()))

    def told(self) -> str:
        """What endpoints were asked for, in a sentence."""
        own = self.scorer.told() if hasattr(self.scorer, "told") else ""
        return " ".join(filter(None, (super().told(), own)))

    def ranking(self, library: Any, query: str, k: int, **settings: Any) -> Any:
        """The new ranking; passages with equal scores stay in order.

        Passages beyond `depth` follow in their order, with the lowest of the scores.
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
            EncoderError: there is not one score per text, or one is not a finite number.
        """
        if not texts:
            return np.zeros(0, dtype=np.float32)
        scores = np.asarray(self.scorer.scores(query, texts), dtype=np.float32)
        if scores.shape != (len(texts),) or not np.isfinite(scores).all():
            raise EncoderError(f"{self.name} did not give a score for each of {len(texts):,} passages.")
        return scores


class Whole(Column):
    """Every passage, scored by a model that has no single dense vector for it: a sparse or multi-vector encoder.

    Args:
        name: the name by which it was loaded.
        scorer: the model.
        most: the most passages that it accepts; with more it would be slow and exceed memory.
    """

    def __init__(self, name: str, scorer: WholeScorer, most: int) -> None:
        super().__init__(name, [], most, f"whole {scorer.fingerprint}")
        self.scorer = scorer
        self.most = most

    def check(self, passages: int) -> None:
        """Make sure that there are not too many passages.

        Raises:
            EncoderError: there are.
        """
        if passages > self.most:
            raise EncoderError(
                f"{self.name} compares every passage, up to {self.most:,}; there are {passages:,} here.",
                hint=f"{self.name}#of={TRIO[0]} reranks what {TRIO[0]} finds.",
            )

    def pool(self, texts: Sequence[str]) -> Callable[[str], Vectors]:
        """A function from a query to its score for each text, shape (len(texts),), by comparing every one.

        Raises:
            EncoderError: there are too many texts, or the model gives no score for one.
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
        """Raise an error: a library on disk ranks by `pool` itself, and a remote one cannot.

        Raises:
            EncoderError: always.
        """
        raise EncoderError(
            f"{self.name} compares every passage, and those of a library on an engine are not available here.",
            hint=f"{self.name}#of=NAME reranks what NAME finds there.",
        )

    def ranks(self, library: Any, query: str, wanted: Sequence[int], **settings: Any) -> dict[int, int]:
        """The rank of each wanted passage among all, from 1."""
        found = library.search(query, encoder=self, k=self.most, **settings)
        places = {hit.passage.id: hit.rank for hit in found.hits}
        return {number: places[number] for number in wanted if number in places}


def before_and_after(encoders: Sequence[Part]) -> list[Part]:
    """The encoders, with the encoder that finds the passages before each reranker, so that both are shown."""
    names = {each if isinstance(each, str) else each.name for each in encoders}
    found: list[Part] = []
    for each in encoders:
        if isinstance(each, Reranked) and each.first_name not in names:
            names.add(each.first_name)
            found.append(each.first)
        found.append(each)
    return found
