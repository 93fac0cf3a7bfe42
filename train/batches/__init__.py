"""Draws mono, cross and hybrid batches over integers: which pairs, in which languages.

A `Pool` of rows as integers comes in, batches of picks go out; each batch is a function of (seed, number). Open
`samplings.py` first; `cross.py` draws cross batches, `drawing.py` is the samplings' common base, `choice.py` makes the
sampling that a run asks for.
"""

from .choice import refuse_without_cross, sampling
from .pools import Batch, Batches, Pick, Pool, Side, sample_languages
from .samplings import CrossLingualBatches, HybridBatches, MonolingualBatches, Negatives, toss

__all__ = [
    "Batch",
    "Batches",
    "CrossLingualBatches",
    "HybridBatches",
    "MonolingualBatches",
    "Negatives",
    "Pick",
    "Pool",
    "Side",
    "refuse_without_cross",
    "sample_languages",
    "sampling",
    "toss",
]
