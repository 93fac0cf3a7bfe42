"""Measures for any rankings: score matrices or runs with judgements come in, values of queries go out.

Open `rankings.py` first: it is the input of every measure. `forms.py` reads runs and judgements; `quality.py`,
`preference.py`, `fairness.py`, `consistency.py` and `space.py` have a function for each measure, `summary.py` computes
all, `comparing.py` tests differences, `provider.py` registers them with ir_measures. The formulas are the registry's.
"""

from .comparing import compare_runs
from .consistency import QuestionOf, hubness, mean_rank_correlation, occurrences
from .fairness import peer_of_queries, peer_of_tens, rank_explained_by_language
from .forms import read_qrels, read_run
from .preference import (
    complete,
    language_ndcg,
    language_preference,
    max_at_r,
    own_language_pool_share,
    own_language_share,
    rank_distance,
    target_language_recall,
)
from .quality import average_precision, ndcg, recall, success
from .rankings import Rankings
from .space import alignment
from .summary import summary, values

__all__ = [
    "QuestionOf",
    "Rankings",
    "alignment",
    "average_precision",
    "compare_runs",
    "complete",
    "hubness",
    "language_ndcg",
    "language_preference",
    "max_at_r",
    "mean_rank_correlation",
    "ndcg",
    "occurrences",
    "own_language_pool_share",
    "own_language_share",
    "peer_of_queries",
    "peer_of_tens",
    "rank_distance",
    "rank_explained_by_language",
    "read_qrels",
    "read_run",
    "recall",
    "success",
    "summary",
    "target_language_recall",
    "values",
]
