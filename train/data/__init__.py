"""Reads files into training pairs.

Paths come in, a `Corpus` of pairs and the texts of each batch go out, without rows that overlap a benchmark. Open
`prepared.py` first, then `formats/` (readers), `corpora.py` (flat files), `sources.py` (which rows take part),
`texts.py` (from picks to texts) and `leakage/` (the guard). `parallel.py` makes the pairs a data set for sentence-
transformers' trainer, `samplers.py` has its batch samplers; both are imported on first use, since they need torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.late import late
from .corpora import open_corpus
from .formats import language_in, languages_of, squad
from .leakage import Guard, Overlap, Overlaps
from .pairs import Corpus, drawn_rows, language_code
from .prepared import RunData, prepare
from .siblings import Sentences
from .spans import fragment
from .texts import Texts, Voice, Voices

if TYPE_CHECKING:
    from .parallel import BatchRows, ParallelPairs
    from .samplers import BatchFactory, PairBatchSampler, cross_batches, hybrid_batches, mono_batches

__all__ = [
    "BatchFactory",
    "BatchRows",
    "Corpus",
    "Guard",
    "Overlap",
    "Overlaps",
    "PairBatchSampler",
    "ParallelPairs",
    "RunData",
    "Sentences",
    "Texts",
    "Voice",
    "Voices",
    "cross_batches",
    "drawn_rows",
    "fragment",
    "hybrid_batches",
    "language_code",
    "language_in",
    "languages_of",
    "mono_batches",
    "open_corpus",
    "prepare",
    "squad",
]

__getattr__ = late(
    __name__,
    {
        "BatchFactory": ".samplers",
        "BatchRows": ".parallel",
        "PairBatchSampler": ".samplers",
        "ParallelPairs": ".parallel",
        "cross_batches": ".samplers",
        "hybrid_batches": ".samplers",
        "mono_batches": ".samplers",
    },
)
