"""An encoder alone over the kit's own passages: what a target that is asked from outside is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....engine.encoders import Column, Encoder
from ....engine.progress import OnStage
from ..asking import Asked, ask
from ..targets import ByEncoder, InLibrary, InStore, Options, Target


def encoder_of(target: Target, options: Options) -> Encoder | None:
    """The encoder that answers, or stands behind a target as far as one is named; None where none makes vectors.

    Raises:
        HybridSearchError: it is named and cannot be had.
    """
    found: Encoder | str | None = None
    if isinstance(target, ByEncoder | InLibrary | InStore):
        found = target.encoder
    elif options.encoder and options.load is not None:
        found = options.load(options.encoder)
    return None if found is None or isinstance(found, str | Column) else found


def texts_of(asked: Asked, options: Options) -> Mapping[str, str]:
    """What an encoder can rank of the pool, by id: the kit's own passages, or its whole documents where chunks come."""
    if asked.unit == "passages":
        return options.texts
    whole = dict(asked.kit.texts)
    return {piece.id: whole.get(piece.id, piece.text) for piece in asked.pool[: asked.own]}


def by_itself(asked: Asked, encoder: Encoder, options: Options, progress: OnStage | None, what: str) -> Asked:
    """What an encoder answers alone to the questions that were asked.

    Args:
        asked: whose questions, and what of the kit is ranked.
        encoder: ranks it.
        options: the kit's texts.
        progress: called with a stage that begins with `what`, what is done and what there is in all.
        what: is being done.

    Raises:
        HybridSearchError: the encoder fails.
    """
    told = named(progress, what)
    settings = replace(options, texts=texts_of(asked, options), progress=told)
    return ask(ByEncoder(encoder.name, encoder, settings), asked.kit, progress=told)


def named(progress: OnStage | None, what: str) -> OnStage | None:
    """The same, told with what is being done."""
    if progress is None:
        return None
    told: OnStage = progress
    return lambda stage, done, total: told(f"{what}: {stage}", done, total)
