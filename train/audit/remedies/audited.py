"""What remedies are tried on: the audited target asked again, or its encoder alone over the kit's passages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ....engine.encoders import Column, Encoder
from ....engine.progress import OnStage
from ...measure import Values
from ..asking import Asked, ask
from ..targets import ByEncoder, InLibrary, InStore, Options, Target


@dataclass(frozen=True)
class Audited:
    """A target and what it answered.

    Attributes:
        asked: what the target answered.
        target: still open.
        options: loads encoders, and has the kit's texts.
        before: multi AP by question of those answers; None without judgements.
        k: how many answers each, as they were asked for.
        progress: called with a stage, what is done and what there is in all.
    """

    asked: Asked
    target: Target
    options: Options
    before: Values | None = None
    k: int | None = None
    progress: OnStage | None = None

    def encoder(self) -> Encoder | None:
        """The encoder that answers, or the one named as standing behind the target; None where none makes vectors.

        Raises:
            HybridSearchError: it is named and cannot be loaded.
        """
        found: Encoder | str | None = None
        if isinstance(self.target, ByEncoder | InLibrary | InStore):
            found = self.target.encoder
        elif self.options.encoder and self.options.load is not None:
            found = self.options.load(self.options.encoder)
        return None if found is None or isinstance(found, str | Column) else found

    def texts(self) -> Mapping[str, str]:
        """What an encoder can rank of the pool, by id: the kit's passages, or its whole documents where chunks come."""
        if self.asked.unit == "passages":
            return self.options.texts
        whole = dict(self.asked.kit.texts)
        return {piece.id: whole.get(piece.id, piece.text) for piece in self.asked.pool[: self.asked.own]}

    def again(self, target: Target, what: str) -> Asked:
        """What a target answers to the same questions; `what` begins the stages of its progress."""
        return ask(target, self.asked.kit, k=self.k, progress=self.told(what))

    def alone(self, encoder: Encoder, what: str) -> Asked:
        """What an encoder answers to the same questions, alone over the kit's passages.

        Raises:
            HybridSearchError: the encoder fails.
        """
        told = self.told(what)
        settings = replace(self.options, texts=self.texts(), progress=told)
        return ask(ByEncoder(encoder.name, encoder, settings), self.asked.kit, progress=told)

    def told(self, what: str) -> OnStage | None:
        """`progress`, with `what` before the name of every stage."""
        progress = self.progress
        return None if progress is None else lambda stage, done, total: progress(f"{what}: {stage}", done, total)
