"""The remedy of another encoder: the bundled one trained on hybrid batches, over the kit's own passages."""

from __future__ import annotations

from dataclasses import replace

from ....engine.encoders import TRIO
from ....engine.errors import HybridSearchError
from .audited import Audited
from .remedy import Remedy, tried

HYBRID = TRIO[0]


def hybrid(audited: Audited) -> Remedy:
    """Try the bundled encoder in place of the target."""
    remedy = Remedy(
        "hybrid",
        "an encoder trained on hybrid batches",
        f"Search with the bundled encoder {HYBRID}, or train your own with `hybrid-search train --batches hybrid`.",
    )
    asked, options = audited.asked, audited.options
    used = getattr(audited.target, "encoder", None)
    if used is not None and getattr(used, "name", used) == HYBRID:
        return replace(remedy, why_not="It is the audited encoder.")
    if not asked.own or options.load is None:
        return replace(remedy, why_not="There are no passages for it to rank.")
    try:
        found = audited.alone(options.load(HYBRID), HYBRID)
    except HybridSearchError as error:
        return replace(remedy, why_not=error.message)
    if len(asked.pool) > asked.own:
        remedy = replace(remedy, words=f"{remedy.words} Tried on the kit's own passages alone.")
    return tried(remedy, found, audited.before)
