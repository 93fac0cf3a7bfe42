"""The remedy of an encoder's prompts: finds out whether they are missing, and measures what they would change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ....engine.encoders import Encoder, Prompted, Reworded, family_of_encoder, lacking
from ....engine.errors import HybridSearchError
from ..targets import ByEncoder, InLibrary, InStore, RunFile, Target, unit
from .audited import Audited
from .remedy import Remedy, tried

# Records that are encoded again to find out which prompt they were made with.
_LOOKED_AT = 16
# The least cosine of a vector made again with the stored one; cuts and precision change it a little.
_SAME = 0.9
# The least difference in cosine between two prompts that counts.
_APART = 0.002
_STAGE = "with prompts"


def prompted(audited: Audited) -> Iterator[Remedy]:
    """Try the encoder's prompts if they are missing or may be; yields nothing if they are used."""
    remedy = Remedy(
        "prompts",
        "the encoder's own prompts",
        "Encode questions and passages with the prompts that the encoder was trained with (E5, BGE, nomic, Qwen and "
        "EmbeddingGemma have some).",
    )
    target = audited.target
    seen = isinstance(target, ByEncoder | InLibrary | InStore)
    try:
        encoder = audited.encoder()
    except HybridSearchError as error:
        yield replace(remedy, why_not=error.message)
        return
    if encoder is None:
        if not seen:
            yield replace(remedy, why_not=_unknown(target))
        return
    if not isinstance(encoder, Prompted):
        return
    if isinstance(target, InStore):
        yield from _in_store(remedy, audited, target, encoder)
        return
    needed = lacking(encoder)
    if needed is not None:
        better = Reworded(encoder, needed.query, needed.document)
        remedy = _worded(remedy, encoder, better)
        if isinstance(target, ByEncoder):
            yield tried(remedy, audited.alone(better, _STAGE), audited.before)
        else:
            yield from _alone(remedy, audited, encoder, better)
        return
    if not seen and any(encoder.prompts.values()):
        bare = Reworded(encoder, "", "")
        remedy = replace(
            remedy, words=f"Whether they are used cannot be seen from outside. {_words(encoder.name, encoder.prompts)}"
        )
        yield from _alone(remedy, audited, bare, encoder)


def _in_store(remedy: Remedy, audited: Audited, target: InStore, encoder: Prompted) -> Iterator[Remedy]:
    """Try the prompts that a store's vectors were made without; encoding stored texts again shows which."""
    family = family_of_encoder(encoder)
    own = encoder.prompts["document"]
    wanted_query = encoder.prompts["query"] or (family.query if family is not None else "")
    wanted = own or (family.document if family is not None else "")
    better = Reworded(encoder, wanted_query, wanted)
    stored = own
    if wanted:
        found = _made_with(target, encoder, tuple(dict.fromkeys((own, "", wanted))))
        if found is None:
            yield replace(
                remedy,
                why_not=f"{encoder.name} does not give the stored vectors for their texts, with or without prompts.",
            )
            return
        stored = found
    if stored != wanted:
        as_stored = Reworded(encoder, encoder.prompts["query"], stored)
        remedy = _worded(remedy, as_stored, better)
        remedy = replace(remedy, words=f"The stored vectors were made without {wanted!r}. {remedy.words}")
        yield from _alone(remedy, audited, as_stored, better)
    elif encoder.prompts["query"] != wanted_query:
        remedy = _worded(remedy, encoder, better)
        try:
            # Only the questions change, so the store itself can be asked.
            target.encoder = better
            yield tried(remedy, audited.again(target, _STAGE), audited.before)
        finally:
            target.encoder = encoder


def _made_with(target: InStore, encoder: Prompted, prompts: tuple[str, ...]) -> str | None:
    """The prompt with which some stored vectors were made; None if none fits.

    The first of equally good prompts is returned.
    """
    block = next(iter(target.collection.blocks()), None)
    rows = [row for row, text in enumerate(block.texts) if text][:_LOOKED_AT] if block is not None else []
    if block is None or not rows:
        return None
    texts, vectors = [block.texts[row] for row in rows], unit(block.vectors[rows])
    near = [
        float(np.median((encoder.encode_after(prompt, texts, "document") * vectors).sum(axis=1))) for prompt in prompts
    ]
    best = next(place for place, value in enumerate(near) if value >= max(near) - _APART)
    return prompts[best] if near[best] >= _SAME else None


def _alone(remedy: Remedy, audited: Audited, without: Encoder, better: Encoder) -> Iterator[Remedy]:
    """Try an encoder alone on the kit's own passages, without and with the prompts."""
    if not audited.asked.own:
        yield replace(remedy, why_not="None of the kit's passages came back, so the encoder has nothing to rank.")
        return
    remedy = replace(
        remedy,
        title="the encoder alone, with its own prompts",
        words=f"{remedy.words} Tried with the encoder alone on the kit's own passages.",
        compared="the encoder alone, without its prompts",
    )
    plain = audited.alone(without, "without prompts")
    yield tried(remedy, audited.alone(better, _STAGE), None, plain)


def _worded(remedy: Remedy, now: Encoder, better: Reworded) -> Remedy:
    """The remedy with the prompts that are missing."""
    return replace(remedy, words=_words(now.name, better.prompts))


def _words(name: str, prompts: object) -> str:
    assert isinstance(prompts, dict)
    parts = [
        f"{prompts[kind]!r} before every {what}"
        for kind, what in (("query", "question"), ("document", "passage"))
        if prompts[kind]
    ]
    return f"{name} was trained with {' and '.join(parts)}: save them in its folder, or add them to your texts."


def _unknown(target: Target) -> str:
    what = "Which encoder gave a run's answers" if isinstance(target, RunFile) else "Which encoder answers"
    return f"{what} cannot be seen from outside; --encoder NAME tries it with and without prompts."
