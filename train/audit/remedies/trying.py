"""Every way to mend a bias in turn: on the answers at hand, on the vectors, on the kit's own passages."""

from __future__ import annotations

from ....engine.progress import OnStage
from ..asking import Asked
from ..targets import Options, Target
from .centring import centred
from .fan_out import fanned_out
from .hybrid import hybrid
from .prompts import prompted
from .remedy import Remedy, multi_values


def remedies(
    asked: Asked, target: Target, options: Options, *, k: int | None = None, progress: OnStage | None = None
) -> tuple[Remedy, ...]:
    """Try what may help.

    Args:
        asked: what the target answered.
        target: still open; one with vectors is asked again without what languages add to them, and with prompts.
        options: loads encoders: the one that was trained on hybrid batches, and the one that is named for the target.
        k: how many answers each, as they were asked for.
        progress: called with a stage, what is done and what there is in all.
    """
    before = multi_values(asked)
    return (
        *fanned_out(asked, before),
        centred(asked, target, options, before, k, progress),
        hybrid(asked, target, options, before, progress),
        *prompted(asked, target, options, before, k, progress),
    )
