"""A kit's questions put to vectors in memory, as they are and as they would become: an audit's figures of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...engine.encoders import Vectors
from ...engine.progress import OnStage
from ..audit import Figures, ask, figures_of
from ..audit.kits import Kit
from ..audit.targets import Answer, Question
from .held import Held

# Answers that each question gets: what is below is read by nobody.
_DEPTH = 100


class InMemory:
    """Vectors in memory as a target; every one is compared.

    Args:
        held: what they are of.
        vectors: unit vectors, in the order of what is held.
        queries: unit vectors of questions by their id.
    """

    depth: int | None = _DEPTH

    def __init__(self, held: Held, vectors: Vectors, queries: Mapping[str, Vectors]) -> None:
        self.name = held.name
        self._held = held
        self._vectors = vectors
        self._queries = queries

    def prepare(self, questions: Sequence[Question]) -> None:
        """Their vectors are there."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The first k by cosine."""
        held = self._held
        scores = self._vectors @ self._queries[question.id]
        return [
            Answer(held.ids[row], held.texts[row], held.sources[row], held.languages[row], float(scores[row]))
            for row in np.argsort(-scores, kind="stable")[:k].tolist()
        ]

    def languages(self) -> Mapping[str, int]:
        """How many each language has."""
        return self._held.counts

    def close(self) -> None:
        """Nothing is held open."""


def figures(held: Held, kit: Kit, vectors: Vectors, queries: Vectors, progress: OnStage | None = None) -> Figures:
    """What an audit says of vectors.

    Args:
        held: what they are of.
        kit: the questions.
        vectors: unit vectors of what is held.
        queries: unit vectors of the kit's questions, and of its nonsense after them.
        progress: called with a stage, questions done and in all.

    Raises:
        TargetError: nothing that came back could be known.
    """
    everything = (*kit.questions, *kit.nonsense)
    by_id = {question.id: vector for question, vector in zip(everything, queries, strict=True)}
    return figures_of(ask(InMemory(held, vectors, by_id), kit, progress=progress))
