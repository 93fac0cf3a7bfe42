"""Vectors in memory as a target, searched exactly; and reads those of a collection into memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ....engine.encoders import Vectors
from ....engine.languages import UNDETERMINED, code_of, detect_many
from ....engine.progress import OnStage
from ....engine.stores import Block, Collection
from .protocol import DEPTH, Answer, Question


@dataclass(frozen=True)
class Records:
    """The records of vectors: lists of equal length; texts and sources are "" where they are not stored."""

    ids: list[str]
    texts: list[str]
    sources: list[str]
    languages: list[str]


class InMemory:
    """Ranks records by the cosine of their vectors with a question's.

    Args:
        name: shown in reports.
        records: the records of the vectors.
        vectors: unit vectors, in the order of the records.
        queries: unit vectors of questions by their ids.
        depth: answers per question; None for a whole ranking.
    """

    def __init__(
        self,
        name: str,
        records: Records,
        vectors: Vectors,
        queries: Mapping[str, Vectors],
        depth: int | None = DEPTH,
    ) -> None:
        self.name = name
        self.depth = depth
        self._records = records
        self._vectors = vectors
        self._queries = queries

    def prepare(self, questions: Sequence[Question]) -> None:
        """Do nothing: the vectors of questions are given."""

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The first k by cosine; ties in the order of the records."""
        held = self._records
        scores = self._vectors @ self._queries[question.id]
        return [
            Answer(held.ids[row], held.texts[row], held.sources[row], held.languages[row], float(scores[row]))
            for row in np.argsort(-scores, kind="stable")[:k].tolist()
        ]

    def languages(self) -> Mapping[str, int]:
        """How many records each language has, most first."""
        return dict(Counter(self._records.languages).most_common())

    def close(self) -> None:
        """Do nothing."""


def everything_in(collection: Collection, progress: OnStage | None = None) -> tuple[Records, Vectors]:
    """A collection's records and unit vectors, shape (records, dimension).

    A language that is not stored is detected from the text.

    Raises:
        StoreError: the collection cannot be read.
    """
    total = collection.count()
    blocks: list[Block] = []
    done = 0
    for block in collection.blocks():
        blocks.append(block)
        done += len(block.ids)
        if progress is not None:
            progress("reading", done, total)
    texts = [text for block in blocks for text in block.texts]
    records = Records(
        [number for block in blocks for number in block.ids],
        texts,
        [source for block in blocks for source in block.sources],
        spoken([code for block in blocks for code in block.languages], texts),
    )
    if not blocks:
        return records, np.zeros((0, collection.dimension), dtype=np.float32)
    return records, unit(np.concatenate([block.vectors for block in blocks]))


def spoken(languages: Sequence[str], texts: Sequence[str]) -> list[str]:
    """The languages' codes, detected from the text where none is given; "" where the text is missing, too.

    Regions and scripts are left out, since a text's detected language has none.
    """
    codes = {said: code_of(said).partition("-")[0] for said in set(languages)}
    found = [codes[said] for said in languages]
    missing = [row for row, code in enumerate(found) if not code and texts[row]]
    for row, told in zip(missing, detect_many([texts[row] for row in missing]), strict=True):
        found[row] = told.code or UNDETERMINED
    return found


def unit(vectors: Vectors) -> Vectors:
    """The vectors at unit length; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Vectors = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return found
