"""Rankings of one query side by side: what they share, what moved, in which languages they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..languages import UNDETERMINED, Detected
from .ranking import Passage, Ranking

PERSISTENCE = 0.9


@dataclass(frozen=True)
class Overlap:
    """How alike two rankings are: passages in both, Jaccard of the sets, extrapolated rank-biased overlap (p = .9)."""

    shared: int
    jaccard: float
    rbo: float


@dataclass(frozen=True)
class Move:
    """Where a passage stands in two rankings; None where it is not among the answers."""

    passage: Passage
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Comparison:
    """The answers of several encoders to one query.

    `languages` counts the languages of each encoder's answers, `same_language_share` is the share of the query's
    language among them, `library_share` its share in all that was searched: an encoder without language bias comes
    near it where the library is parallel. Keys of `overlap` are pairs of encoders in the order of `rankings`.
    """

    query: str
    query_language: Detected
    rankings: dict[str, Ranking]
    languages: dict[str, dict[str, int]]
    same_language_share: dict[str, float]
    library_share: float
    overlap: dict[tuple[str, str], Overlap]


def compare(rankings: Mapping[str, Ranking], library: Mapping[str, int]) -> Comparison:
    """Compare rankings of one query.

    Args:
        rankings: by encoder, at least one.
        library: how many passages each language has among those searched.
    """
    first = next(iter(rankings.values()))
    code = first.query_language.code
    languages = {name: language_counts(ranking) for name, ranking in rankings.items()}
    return Comparison(
        query=first.query,
        query_language=first.query_language,
        rankings=dict(rankings),
        languages=languages,
        same_language_share={name: share_of(code, counts) for name, counts in languages.items()},
        library_share=share_of(code, library),
        overlap={(one, other): overlap(rankings[one], rankings[other]) for one, other in combinations(rankings, 2)},
    )


def language_counts(ranking: Ranking) -> dict[str, int]:
    """How many of a ranking's passages each language has, most first."""
    counts = Counter(hit.passage.language for hit in ranking.hits)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def share_of(code: str, counts: Mapping[str, int]) -> float:
    """The share of a language among counted passages, 0 where there are none or the language is not known."""
    total = sum(counts.values())
    return counts.get(code, 0) / total if total and code != UNDETERMINED else 0.0


def overlap(first: Ranking, second: Ranking) -> Overlap:
    """How alike two rankings are."""
    one, other = (tuple(hit.passage.id for hit in ranking.hits) for ranking in (first, second))
    shared = len(set(one) & set(other))
    union = len(set(one) | set(other))
    return Overlap(shared, shared / union if union else 1.0, rank_biased_overlap(one, other))


def rank_biased_overlap(first: Sequence[int], second: Sequence[int], *, p: float = PERSISTENCE) -> float:
    """Extrapolated rank-biased overlap of two rankings without ties, 0 to 1; they may differ in length.

    Webber, Moffat and Zobel, "A similarity measure for indefinite rankings" (TOIS 2010), equation 32. At p = .9 the
    first ten ranks carry 86 % of the weight. Two empty rankings are alike.
    """
    short, long = sorted((list(first), list(second)), key=len)
    if not short:
        return 1.0 if not long else 0.0
    s, length = len(short), len(long)
    seen_short: set[int] = set()
    seen_long: set[int] = set()
    agreed = 0
    agreed_at: list[int] = []
    for depth in range(length):
        if depth < s:
            seen_short.add(short[depth])
            agreed += short[depth] in seen_long
        seen_long.add(long[depth])
        agreed += long[depth] in seen_short
        agreed_at.append(agreed)
    at_s, at_end = agreed_at[s - 1], agreed_at[-1]
    total = sum(agreed_at[d - 1] / d * p**d for d in range(1, length + 1))
    total += sum(at_s * (d - s) / (s * d) * p**d for d in range(s + 1, length + 1))
    return min(1.0, (1 - p) / p * total + ((at_end - at_s) / length + at_s / s) * p**length)


def moves(first: Ranking, second: Ranking) -> list[Move]:
    """Where each passage of either ranking stands in both: those of the second in its order, then those that left."""
    before = {hit.passage.id: hit.rank for hit in first.hits}
    after = {hit.passage.id for hit in second.hits}
    return [Move(hit.passage, before.get(hit.passage.id), hit.rank) for hit in second.hits] + [
        Move(hit.passage, hit.rank, None) for hit in first.hits if hit.passage.id not in after
    ]


def greatest_move(first: Ranking, second: Ranking) -> Move | None:
    """The passage that travelled farthest; one that is absent counts as standing just behind the last rank.

    Of equally far ones, that which comes or stands highest. None where nothing moved.
    """
    behind = max(len(first.hits), len(second.hits)) + 1

    def far(move: Move) -> tuple[int, int]:
        before, after = move.before or behind, move.after or behind
        return abs(before - after), -min(before, after)

    moved = [move for move in moves(first, second) if move.before != move.after]
    return max(moved, key=far, default=None)


def in_words(first: Ranking, second: Ranking) -> str:
    """The greatest move from the first ranking to the second, as a sentence."""
    move = greatest_move(first, second)
    if move is None:
        return f"{first.encoder} and {second.encoder} give the same answers in the same order."
    what = f"“{move.passage.title or move.passage.path}” ({move.passage.language})"
    if move.before is None:
        return f"{what} is number {move.after} for {second.encoder} and not among the answers of {first.encoder}."
    if move.after is None:
        return f"{what} is number {move.before} for {first.encoder} and not among the answers of {second.encoder}."
    way = "up" if move.after < move.before else "down"
    return f"{what} goes {way} from number {move.before} for {first.encoder} to {move.after} for {second.encoder}."
