"""The bundled encoder that was trained on hybrid batches, on the kit's own passages."""

from __future__ import annotations

from dataclasses import replace

from ....engine.encoders import TRIO
from ....engine.errors import HybridSearchError
from ....engine.progress import OnStage
from ...measure import Values
from ..asking import Asked
from ..targets import Options, Target
from .by_itself import by_itself
from .remedy import Remedy, tried

HYBRID = TRIO[0]


def hybrid(asked: Asked, target: Target, options: Options, before: Values | None, progress: OnStage | None) -> Remedy:
    """What it reaches in place of the target."""
    remedy = Remedy(
        "hybrid",
        "an encoder trained on hybrid batches",
        f"Search by the bundled encoder {HYBRID}, or train your own with `hybrid-search train --batches hybrid`.",
    )
    used = getattr(target, "encoder", None)
    if used is not None and getattr(used, "name", used) == HYBRID:
        return replace(remedy, why_not="It is the one that is audited.")
    if not asked.own or options.load is None:
        return replace(remedy, why_not="There is nothing here that it could rank.")
    try:
        found = by_itself(asked, options.load(HYBRID), options, progress, HYBRID)
    except HybridSearchError as error:
        return replace(remedy, why_not=error.message)
    if len(asked.pool) > asked.own:
        remedy = replace(remedy, words=f"{remedy.words} Tried on the kit's own passages alone.")
    return tried(remedy, found, before)
