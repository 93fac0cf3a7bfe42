"""An encoder, lexical search, a fusion or a reranker as a target: ranks the kit's passages exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ....engine.encoders import BM25, Column, Encoder
from .protocol import Answer, Options, Question, TargetError

# First answers that carry a score: new objects for thousands of answers would cost more than ranking them.
_SCORED = 200


def open_target(scheme: str, place: str, options: Options) -> ByEncoder:
    """The target of an encoder's name.

    Raises:
        TargetError: the kit has no passages to rank.
        UnknownEncoder: there is no such encoder.
    """
    if not options.texts:
        raise TargetError(
            f"{scheme}:{place} has nothing to rank: the questions have no passages.",
            hint="Use a kit that has them.",
        )
    if place != BM25 and options.load is None:
        raise TargetError(f"{scheme}:{place} cannot be loaded here.")
    encoder = None if place == BM25 or options.load is None else options.load(place)
    return ByEncoder(place, encoder, options)


class ByEncoder:
    """Ranks passages by the cosine of their vectors with the question's.

    Args:
        name: shown in reports.
        encoder: None for lexical search; a `Column` ranks by asking other encoders.
        options: the texts of the passages by id.
    """

    depth: int | None = None

    def __init__(self, name: str, encoder: Encoder | None, options: Options) -> None:
        self.name = name
        self.encoder = encoder
        self._options = options
        self._plain = [Answer(id=name) for name in options.texts]
        self._rows: dict[str, int] = {}
        self._scores: Callable[[int], NDArray[np.float32]]

    def prepare(self, questions: Sequence[Question]) -> None:
        """Encode passages and questions; cached vectors are reused."""
        texts = list(self._options.texts.values())
        self._rows = {question.id: row for row, question in enumerate(questions)}
        asked = [question.text for question in questions]
        if self.encoder is None or isinstance(self.encoder, Column):
            from ...benchmarks import Benchmark, Candidate, Query
            from ...measure.scorers import by_column, by_words

            pool = tuple(Candidate(name, "", text) for name, text in self._options.texts.items())
            queries = tuple(Query(question.id, "", question.text) for question in questions)
            benchmark = Benchmark(self.name, queries, pool, ((0,),) * len(queries))
            if self.encoder is None:
                scorer = by_words(benchmark)
            else:
                scorer = by_column(benchmark, self.encoder, self._options.progress)
            found = scorer(np.arange(len(pool)))
            self._scores = lambda row: found(slice(row, row + 1))[0]
            return
        from ...measure import encode

        passages = encode(self.encoder, "pool", texts, self._options.progress)
        vectors = encode(self.encoder, "queries", asked, self._options.progress)
        self._scores = lambda row: passages @ vectors[row]

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The first k passages; ties in the order of the kit."""
        scores = self._scores(self._rows[question.id])
        order = np.argsort(-scores, kind="stable")[: min(k, int((scores > -np.inf).sum()))].tolist()
        first = [Answer(id=self._plain[row].id, score=float(scores[row])) for row in order[:_SCORED]]
        return first + [self._plain[row] for row in order[_SCORED:]]

    def languages(self) -> Mapping[str, int]:
        """Empty: the kit's languages are used."""
        return {}

    def close(self) -> None:
        """Do nothing."""
