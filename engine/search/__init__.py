"""A query to one ranking for each encoder.

A text and a library's database come in, `Ranking`s go out, with comparisons of them. Open `searcher.py` first;
`exact.py` compares every vector, `index.py` asks hnswlib, `fusion.py` joins rankings, `comparison.py` says how
they differ, `parallels.py` finds a passage's translations.
"""

from . import comparison, exact, fusion
from .comparison import Comparison, overlap
from .index import Unusable, VectorIndex, refresh, sweep_files
from .parallels import translations
from .ranking import WORDS, Hit, Passage, Ranking
from .searcher import Searcher, query_vector

__all__ = [
    "WORDS",
    "Comparison",
    "Hit",
    "Passage",
    "Ranking",
    "Searcher",
    "Unusable",
    "VectorIndex",
    "comparison",
    "exact",
    "fusion",
    "overlap",
    "query_vector",
    "refresh",
    "sweep_files",
    "translations",
]
