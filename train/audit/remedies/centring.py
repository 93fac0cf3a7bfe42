"""The remedy of subtracting each language's mean from vectors of a library, a store or an encoder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ....engine.encoders import NEUTRAL, Column, Encoder
from ....engine.encoders.neutral import fit
from ....engine.errors import HybridSearchError
from ....engine.languages import UNDETERMINED
from ...measure import encode, neutralised
from ..asking import Asked
from ..judged import benchmark_of
from ..targets import ByEncoder, InLibrary, InMemory, InStore, RunFile, Target, everything_in
from .audited import Audited
from .remedy import Remedy, tried

# The most vectors of a store that are read, to limit memory.
_MOST_RECORDS = 100_000
_STAGE = "centred"


def centred(audited: Audited) -> Remedy:
    """Try subtracting the means."""
    remedy = Remedy(
        "centring",
        "vectors without their language's mean",
        "Subtract the mean of each language's vectors before comparing them (`hybrid-search neutralise` does it for "
        "stored vectors, `--neutral` for a library).",
    )
    target = audited.target
    if isinstance(target, InLibrary) and not isinstance(target.encoder, str):
        target.neutral = True
        try:
            return tried(remedy, audited.again(target, _STAGE), audited.before)
        finally:
            target.neutral = False
    if isinstance(target, InStore):
        return _in_store(remedy, audited, target)
    if isinstance(getattr(target, "encoder", None), Column):
        return replace(remedy, why_not="It ranks what other encoders find: audit those.")
    try:
        encoder = audited.encoder()
    except HybridSearchError as error:
        return replace(remedy, why_not=error.message)
    if encoder is None:
        return replace(remedy, why_not=_from_outside(target, "vectors"))
    if encoder.name.endswith(NEUTRAL):
        return replace(remedy, why_not="Its vectors are already neutralised.")
    if isinstance(target, ByEncoder):
        return tried(remedy, _ranked(audited, encoder), audited.before)
    if not audited.asked.own:
        return replace(remedy, why_not="None of the kit's passages came back, so the encoder has nothing to rank.")
    alone = audited.alone(encoder, encoder.name)
    remedy = replace(
        remedy,
        title=f"the encoder alone, {remedy.title}",
        words=f"{remedy.words} Tried with {encoder.name} alone on the kit's own passages.",
        compared="the encoder alone",
    )
    return tried(remedy, _ranked(replace(audited, asked=alone), encoder), None, alone)


def _ranked(audited: Audited, encoder: Encoder) -> Asked:
    """An encoder's answers over the same pool with the means subtracted."""
    asked, progress = audited.asked, audited.progress
    benchmark, texts = benchmark_of(asked), audited.texts()
    queries = encode(encoder, "queries", benchmark.query_texts(), progress)
    pool = encode(encoder, "pool", [texts[piece.id] for piece in asked.pool], progress)
    queries, pool = neutralised(benchmark, queries, pool)
    rankings = tuple(np.argsort(-(pool @ vector), kind="stable") for vector in queries)
    return replace(asked, rankings=rankings)


def _in_store(remedy: Remedy, audited: Audited, target: InStore) -> Remedy:
    """The remedy tried on a store's own vectors in memory."""
    count = target.collection.count()
    if count > _MOST_RECORDS:
        told = f"It has {count:,} vectors; at most {_MOST_RECORDS:,} are read for this."
        return replace(remedy, why_not=f"{told} `hybrid-search neutralise --dry-run` measures it on all of them.")
    records, vectors = everything_in(target.collection, audited.told(_STAGE))
    if not any(records.languages):
        return replace(remedy, why_not="It stores neither texts nor languages.")
    everything = (*audited.asked.kit.questions, *audited.asked.kit.nonsense)
    queries = encode(target.encoder, "queries", [question.text for question in everything], audited.progress)
    own = [question.language for question in everything]
    # Query vectors are distributed differently from passage vectors, so they get their own means.
    queries = fit(queries, own).apply(queries, own)
    codes = [code or UNDETERMINED for code in records.languages]
    vectors = fit(vectors, codes).apply(vectors, codes)
    by_id = {question.id: vector for question, vector in zip(everything, queries, strict=True)}
    memory = InMemory(target.name, records, vectors, by_id, target.depth)
    return tried(remedy, audited.again(memory, _STAGE), audited.before)


def _from_outside(target: Target, what: str) -> str:
    """Why a target's vectors are not available, and what would help."""
    if isinstance(target, ByEncoder | InLibrary):
        return f"Search by words has no {what}."
    if isinstance(target, RunFile):
        return f"A run file contains no {what}; --encoder NAME tries the encoder behind it alone."
    return f"The {what} cannot be accessed from outside; --encoder NAME tries the encoder behind it alone."
