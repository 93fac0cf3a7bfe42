"""The registry of measures: ranks of relevant candidates come in, values of queries and figures go out.

Open `entries.py` first: it lists every measure with its name, unit, digits, direction, source and function.
`measure.py` defines a measure, `ranked.py` its input; `standard.py`, `bias.py` and `peer.py` have the formulas. To add
a measure, add it to `entries.py` and its formula to one of these.
"""

from . import bias, peer, standard
from .bias import rank_distances
from .entries import COMPLETE_AT, complete_at
from .lookups import compared, followed, headlines, in_words, named, of, shown_in
from .measure import UNKNOWN, Measure, Setting, Values, known
from .ranked import UNRETRIEVED, Counts, Ranked
from .standard import quotient

__all__ = [
    "COMPLETE_AT",
    "UNKNOWN",
    "UNRETRIEVED",
    "Counts",
    "Measure",
    "Ranked",
    "Setting",
    "Values",
    "bias",
    "compared",
    "complete_at",
    "followed",
    "headlines",
    "in_words",
    "known",
    "named",
    "of",
    "peer",
    "quotient",
    "rank_distances",
    "shown_in",
    "standard",
]
