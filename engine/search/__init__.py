"""Turns a query into one ranking for each encoder.

A text and a library's database come in, `Ranking`s go out, with comparisons of them. Open `searcher.py` first;
`exact.py` compares every vector, `approximate.py` uses the index of `index.py`, `neutralised.py` ranks by neutral
vectors, `fusion.py` joins rankings, `comparison.py` compares them, `parallels.py` finds a passage's translations,
`across.py` compares the answers to one question in many languages.
"""

from . import comparison, exact, fusion
from .across import Across, across
from .comparison import Comparing, Comparison, LanguageShares, Standing, overlap, standing
from .index import Unusable, VectorIndex, absence, path_of, refresh, sweep_files
from .neutralised import Space, Spaces
from .parallels import translations
from .question import language_of_query, wanted_languages
from .ranking import BM25, Hit, Passage, Ranking
from .searcher import Searcher, query_vector

__all__ = [
    "BM25",
    "Across",
    "Comparing",
    "Comparison",
    "Hit",
    "LanguageShares",
    "Passage",
    "Ranking",
    "Searcher",
    "Space",
    "Spaces",
    "Standing",
    "Unusable",
    "VectorIndex",
    "absence",
    "across",
    "comparison",
    "exact",
    "fusion",
    "language_of_query",
    "overlap",
    "path_of",
    "query_vector",
    "refresh",
    "standing",
    "sweep_files",
    "translations",
    "wanted_languages",
]
