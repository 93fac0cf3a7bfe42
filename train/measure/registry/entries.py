"""Lists every measure; tables, reports, cards, screens, tests and JSON read it.

To add a measure, add it here and its formula to `standard.py`, `bias.py` or `peer.py`.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from . import bias, peer, standard
from .measure import Measure, Values

if TYPE_CHECKING:
    from ....engine.search import Comparison
    from .ranked import Ranked

PAPER = "arXiv 2408.10536"
LAREQA = "LAReQA, arXiv 2004.05484"
TREC = "trec_eval"
COMPLETE = "arXiv 2604.05684"
ISOTROPY = "Wang and Isola, arXiv 2005.10242"


def _precision(ranked: Ranked) -> Values:
    return standard.average_precision(ranked.ranks)


def complete_at(k: int) -> Measure:
    """Complete@k for any k; results add it for the benchmark's number of parallel answers per query."""
    return Measure(
        f"complete_at_{k}",
        f"Complete@{k}",
        lambda ranked: bias.complete_at_k(ranked.ranks, k),
        "bias",
        f"share of queries with all relevant candidates in the first {k} of the pool of all languages",
        COMPLETE,
        short=f"Complete @{k}",
        table="bias",
    )


COMPLETE_AT = {k: complete_at(k) for k in (20, 100)}


def _share_of_answers(answer: Comparison, encoder: str) -> float:
    return answer.same_language_share[encoder]


MEASURES: list[Measure] = [
    Measure(
        "mono",
        "mono mAP",
        _precision,
        "mono",
        "average precision over the whole ranking, in the pool of the query's own language",
        PAPER,
        headline=True,
        compared=True,
        by_language=True,
    ),
    Measure(
        "cross",
        "cross mAP",
        _precision,
        "cross",
        "the same in the pool of one other language",
        PAPER,
        headline=True,
        compared=True,
        by_language=True,
    ),
    Measure(
        "multi",
        "multi mAP",
        _precision,
        "multi",
        "the same in one pool of all languages, every parallel answer relevant",
        f"{PAPER}; {LAREQA}",
        headline=True,
        compared=True,
        by_language=True,
    ),
    Measure(
        "mono_recall_at_1",
        "mono R@1",
        lambda ranked: standard.success_at(ranked.ranks, 1),
        "mono",
        "share of queries whose first candidate is relevant, in the pool of their language",
        PAPER,
        by_language=True,
    ),
    Measure(
        "cross_recall_at_1",
        "cross R@1",
        lambda ranked: standard.success_at(ranked.ranks, 1),
        "cross",
        "the same in the pool of one other language",
        PAPER,
        by_language=True,
    ),
    Measure(
        "multi_recall_at_10",
        "multi R@10",
        lambda ranked: standard.recall_at(ranked.ranks, 10),
        "multi",
        "share of the relevant candidates that are in the first 10 of the pool of all languages",
        PAPER,
        by_language=True,
    ),
    Measure(
        "ndcg_at_10",
        "mono nDCG@10",
        lambda ranked: standard.ndcg_at(ranked.ranks, 10, ranked.gains),
        "mono",
        "discounted gain of the first 10 by the best possible, linear gains",
        f"Järvelin and Kekäläinen 2002, as in {TREC}",
        collections=True,
    ),
    Measure(
        "recall_at_100",
        "mono R@100",
        lambda ranked: standard.recall_at(ranked.ranks, 100),
        "mono",
        "share of the relevant candidates that are in the first 100",
        TREC,
        collections=True,
    ),
    Measure(
        "rank_distance",
        "rank distance",
        lambda ranked: bias.rank_distances(ranked.whole),
        "multi",
        "worst minus best rank of a query's relevant candidates in the pool of all languages; mixes bias with quality",
        PAPER,
        unit="ranks",
        digits=1,
        better="lower",
        short="rank dist.",
        headline=True,
        compared=True,
        by_language=True,
    ),
    Measure(
        "rank_distance_median",
        "rank distance, median",
        lambda ranked: bias.rank_distances(ranked.whole),
        "multi",
        "its median over queries: the mean has a long tail",
        PAPER,
        unit="ranks",
        digits=1,
        better="lower",
        short="rank dist. median",
        table="bias",
        average="median",
        followed=True,
    ),
    Measure(
        "same_language_share",
        "own language in top 20",
        bias.same_language_share,
        "multi",
        "share of the query's language among its first 20 candidates",
        "this project",
        digits=3,
        better="lower",
        short="own lang.",
        headline=True,
        by_language=True,
    ),
    Measure(
        "same_language_pool_share",
        "own language in the pool",
        bias.same_language_pool_share,
        "multi",
        "share of the query's language in the pool: what its share in the top 20 would be without preference",
        "this project",
        digits=3,
        better="neither",
        table="none",
    ),
    *COMPLETE_AT.values(),
    Measure(
        "max_at_r",
        "Max@R",
        lambda ranked: bias.max_at_r(ranked.whole),
        "bias",
        "rank of the last relevant candidate in the pool of all languages",
        COMPLETE,
        unit="ranks",
        digits=1,
        better="lower",
        table="bias",
    ),
    Measure(
        "language_preference",
        "own language first",
        bias.language_preference,
        "bias",
        "share of queries whose first parallel answer is the one in their language",
        "MLAIRE (LPR), arXiv 2605.07249",
        better="neither",
        short="own lang. first",
        table="bias",
    ),
    Measure(
        "language_ndcg_at_20",
        "Lang-nDCG@20",
        lambda ranked: bias.language_ndcg(ranked, 20),
        "bias",
        "nDCG of the first 20 in which an answer in the query's language is worth two in another",
        "MLAIRE, arXiv 2605.07249; the gains are this project's",
        better="neither",
        table="none",
    ),
    Measure(
        "target_language_recall_at_20",
        "TLR@20",
        lambda ranked: bias.target_language_recall(ranked, 20),
        "bias",
        "share of the relevant candidates in other languages than the query's that are in the first 20",
        "SHIFT, arXiv 2606.18801",
        table="none",
    ),
    # Only in JSON: a p-value says how certain a bias is, not how large. The effect size of the same test, below, is in
    # the tables.
    Measure(
        "peer_at_100",
        "PEER@100",
        lambda ranked: peer.tested_together(ranked, 100),
        "bias",
        "p-value of the test that a relevant candidate's language tells nothing about its rank, ten queries of a "
        "language tested together, mean over such tens; ranks beyond 100 count as one tail; .4 to .5 without bias",
        "doi 10.1145/3626772.3657943, over several queries",
        unit="p-value",
        table="none",
    ),
    Measure(
        "rank_explained_by_language",
        "rank explained by language",
        lambda ranked: peer.explained_by_language(ranked, 100),
        "bias",
        "share of the variance in ranks that a relevant candidate's language explains, 0 nothing and 1 everything; "
        "ranks beyond 100 count as one tail",
        "the effect size of PEER's test, H / (N - 1)",
        better="lower",
        short="explained by lang.",
        table="bias",
    ),
    Measure(
        "alignment",
        "alignment",
        attrgetter("alignment"),
        "alignment",
        "mean squared distance of translations, lower is closer",
        ISOTROPY,
        unit="squared distance",
        better="lower",
        table="alignment",
    ),
    Measure(
        "uniformity",
        "uniformity",
        attrgetter("uniformity"),
        "alignment",
        "lower is more evenly spread",
        ISOTROPY,
        unit="log of a kernel's mean",
        better="neither",
        table="alignment",
    ),
    Measure(
        "translation_retrieval",
        "translations found",
        attrgetter("retrieval_mean"),
        "alignment",
        "share of sentences whose nearest one of another language is their translation",
        "Tatoeba, arXiv 1812.10464",
        table="alignment",
    ),
    Measure(
        "same_language_gap",
        "language gap",
        attrgetter("same_language_gap"),
        "alignment",
        "how much closer unrelated sentences of one language lie than those of two",
        "this project",
        unit="cosine",
        better="lower",
        table="alignment",
    ),
    Measure(
        "language_probe",
        "language told",
        attrgetter("probe"),
        "alignment",
        "accuracy of a linear probe that reads the language off a vector",
        "this project",
        better="neither",
        table="alignment",
    ),
    Measure(
        "language_chance",
        "by chance",
        attrgetter("chance"),
        "alignment",
        "accuracy of always guessing the commonest language",
        "this project",
        better="neither",
        table="alignment",
    ),
    Measure(
        "ndcg_at_10",
        "nDCG@10",
        lambda ranked: standard.ndcg_at(ranked.ranks, 10, ranked.gains),
        "judged",
        "discounted gain of the first 10 documents by the best possible",
        f"Järvelin and Kekäläinen 2002, as in {TREC}",
        table="questions",
    ),
    Measure(
        "success_at_1",
        "success@1",
        lambda ranked: standard.success_at(ranked.ranks, 1),
        "judged",
        "share of questions whose first document answers them",
        TREC,
        table="questions",
    ),
    Measure(
        "same_language_share",
        "share of the question's language",
        _share_of_answers,
        "answers",
        "share of the question's language among the answers",
        "this project",
        better="neither",
        short="own language",
        table="questions",
        more="answers more in the question's language",
    ),
]
