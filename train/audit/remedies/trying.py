"""Tries every remedy in turn."""

from __future__ import annotations

from dataclasses import replace

from .audited import Audited
from .centring import centred
from .fan_out import fanned_out
from .hybrid import hybrid
from .prompts import prompted
from .remedy import Remedy, multi_values


def remedies(audited: Audited) -> tuple[Remedy, ...]:
    """Try every remedy."""
    audited = replace(audited, before=multi_values(audited.asked))
    return (*fanned_out(audited.asked, audited.before), centred(audited), hybrid(audited), *prompted(audited))
