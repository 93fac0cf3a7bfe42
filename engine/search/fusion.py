"""Joins several rankings by reciprocal rank fusion, and records what each of them adds."""

from __future__ import annotations

from collections.abc import Sequence

from ..encoders import FUSED
from ..errors import HybridSearchError
from ..store import Passage
from .ranking import Hit, Ranking, Share

# The constant of Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion" (SIGIR 2009).
CONSTANT = 60
# The depth of the joined rankings, so that a passage which is far down in several can still rise.
DEPTH = 100


def fuse(rankings: Sequence[Ranking], k: int, *, constant: int = CONSTANT) -> Ranking:
    """The k best passages by the sum of 1 / (constant + rank) over the rankings that contain them.

    Fused scores are about 0.01 to 0.05 for hits and noise alike: only their order is meaningful. Of passages with equal
    sums, the one with the better best rank comes first, then the one with the lower id.

    Raises:
        HybridSearchError: there is no ranking, or they answer different queries.

    """
    if not rankings:
        raise HybridSearchError("There is no ranking to fuse.", hint="Name at least one encoder.")
    if len({ranking.query for ranking in rankings}) > 1:
        raise HybridSearchError("Only rankings of one query can be fused.")
    shares: dict[int, list[Share]] = {}
    passages: dict[int, Passage] = {}
    for ranking in rankings:
        for hit in ranking.hits:
            passages[hit.passage.id] = hit.passage
            share = Share(ranking.encoder, hit.rank, 1 / (constant + hit.rank))
            shares.setdefault(hit.passage.id, []).append(share)
    # Sums that are equal but for the last bit are ties, and have one score.
    scores = {number: round(sum(share.share for share in found), 12) for number, found in shares.items()}
    order = sorted(scores, key=lambda number: (-scores[number], min(s.rank for s in shares[number]), number))
    order = order[: max(0, k)]
    return Ranking(
        encoder=FUSED,
        query=rankings[0].query,
        query_language=rankings[0].query_language,
        hits=tuple(Hit(rank, scores[number], passages[number]) for rank, number in enumerate(order, 1)),
        searched=max(ranking.searched for ranking in rankings),
        exact=all(ranking.exact for ranking in rankings),
        seconds=sum(ranking.seconds for ranking in rankings),
        trace={number: tuple(shares[number]) for number in order},
    )
