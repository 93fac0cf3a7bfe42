"""Audits vectors in memory with a kit's questions, so that figures before and after a correction can be compared."""

from __future__ import annotations

from ...engine.encoders import Vectors
from ...engine.progress import OnStage
from ..audit import Figures, ask, figures_of
from ..audit.kits import Kit
from ..audit.targets import InMemory, Records
from .held import Held


def figures(held: Held, kit: Kit, vectors: Vectors, queries: Vectors, progress: OnStage | None = None) -> Figures:
    """Figures of an audit of vectors.

    Args:
        held: the records that the vectors belong to.
        kit: the questions.
        vectors: unit vectors of the records.
        queries: unit vectors of the kit's questions, followed by those of its nonsense queries.
        progress: called with a stage, questions done and their total.

    Raises:
        TargetError: no returned record could be identified.
    """
    everything = (*kit.questions, *kit.nonsense)
    by_id = {question.id: vector for question, vector in zip(everything, queries, strict=True)}
    records = Records(held.ids, held.texts, held.sources, held.languages)
    return figures_of(ask(InMemory(held.name, records, vectors, by_id), kit, progress=progress))
