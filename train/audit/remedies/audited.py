"""Asks the audited target again, or its encoder alone over the kit's passages, to try remedies."""

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
    """A target and its answers.

    Attributes:
        asked: the target's answers.
        target: must be open.
        options: loads encoders, and has the kit's texts.
        before: multi AP per question of the answers; None without judgements.
        k: answers per question that were asked for.
        progress: called with a stage, items done and their total.
    """

    asked: Asked
    target: Target
    options: Options
    before: Values | None = None
    k: int | None = None
    progress: OnStage | None = None

    def encoder(self) -> Encoder | None:
        """The target's encoder, or the one named in the options; None if neither makes vectors.

        Raises:
            HybridSearchError: the named encoder cannot be loaded.
        """
        found: Encoder | str | None = None
        if isinstance(self.target, ByEncoder | InLibrary | InStore):
            found = self.target.encoder
        elif self.options.encoder and self.options.load is not None:
            found = self.options.load(self.options.encoder)
        return None if found is None or isinstance(found, str | Column) else found

    def texts(self) -> Mapping[str, str]:
        """The texts that an encoder can rank, by id: the kit's passages, or its documents if answers are chunks."""
        if self.asked.unit == "passages":
            return self.options.texts
        whole = dict(self.asked.kit.texts)
        return {piece.id: whole.get(piece.id, piece.text) for piece in self.asked.pool[: self.asked.own]}

    def again(self, target: Target, what: str) -> Asked:
        """A target's answers to the same questions; `what` is put before the stages of its progress."""
        return ask(target, self.asked.kit, k=self.k, progress=self.told(what))

    def alone(self, encoder: Encoder, what: str) -> Asked:
        """An encoder's answers to the same questions, from the kit's passages alone.

        Raises:
            HybridSearchError: the encoder fails.
        """
        told = self.told(what)
        settings = replace(self.options, texts=self.texts(), progress=told)
        return ask(ByEncoder(encoder.name, encoder, settings), self.asked.kit, progress=told)

    def told(self, what: str) -> OnStage | None:
        """`progress` with `what` before the name of every stage."""
        progress = self.progress
        return None if progress is None else lambda stage, done, total: progress(f"{what}: {stage}", done, total)
