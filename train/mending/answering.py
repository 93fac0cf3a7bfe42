"""A kit's questions put to vectors in memory, as they are and as they would become: an audit's figures of both."""

from __future__ import annotations

from ...engine.encoders import Vectors
from ...engine.progress import OnStage
from ..audit import Figures, ask, figures_of
from ..audit.kits import Kit
from ..audit.targets import InMemory, Records
from .held import Held


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
    records = Records(held.ids, held.texts, held.sources, held.languages)
    return figures_of(ask(InMemory(held.name, records, vectors, by_id), kit, progress=progress))
