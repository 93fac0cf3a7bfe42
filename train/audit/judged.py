"""Computes findings that need judgements: the paper's measures, losses by pair of languages and losses to language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..benchmarks import Benchmark, Candidate, Query
from ..measure import Measure, Result, Tail, Values, measure_scores, registry, tail_of
from ..measure.lost import first_wrong, outranked
from ..measure.registry import Counts
from ..measure.significance import cluster_means
from .asking import Asked, Rows
from .estimates import Estimate, estimate, table

SHOWN = 8


@dataclass(frozen=True)
class Loss:
    """The cost of a pair of languages: mAP lost in the pool of `answered` by asking in `asked` instead."""

    asked: str
    answered: str
    loss: Estimate


@dataclass(frozen=True)
class Lost:
    """An answer that ranks below a wrong passage in the question's language.

    Attributes:
        question: its text.
        language: the question's language.
        answer: text of the answer, or a document's title.
        answer_language: its code.
        rank: the answer's rank; None if it was not returned.
        wrong: text of the first wrong passage in the question's language.
        wrong_rank: its rank.
    """

    question: str
    language: str
    answer: str
    answer_language: str
    rank: int | None
    wrong: str
    wrong_rank: int


@dataclass(frozen=True)
class Worst:
    """A question with a low AP: its text in the worst language, and the mean multi AP over all its languages."""

    id: str
    language: str
    text: str
    figure: float


@dataclass(frozen=True)
class Judged:
    """Findings that need judgements.

    Attributes:
        result: every measure of the registry.
        intervals: means over questions with intervals, by key of each measure that systems are compared on.
        losses: pairs of languages, the costliest first.
        outranked: share of answers in other languages that rank below a wrong passage in the question's language.
        outranked_own: the same share of answers in the question's language.
        lost: `outranked` minus `outranked_own`: the share lost to language.
        lost_by_language: the same by language of the question.
        examples: answers lost by the most places.
        worst: questions with the lowest AP.
        tail: where the mean rank distance comes from; None without several answers.
    """

    result: Result
    intervals: dict[str, Estimate]
    losses: tuple[Loss, ...]
    outranked: Estimate
    outranked_own: Estimate
    lost: Estimate
    lost_by_language: dict[str, Estimate]
    examples: tuple[Lost, ...]
    worst: tuple[Worst, ...]
    tail: Tail | None

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        found = self.result.as_dict()
        return {
            "measures": {key: found[key] for key in ("summary", "bias") if key in found},
            "by_language": {
                each.key: found[each.key]
                for each in registry.of("mono", "cross", "multi")
                if each.by_language and each.key in found
            },
            "intervals": {key: each.as_dict() for key, each in self.intervals.items()},
            "map_by_pair": table(self.result.matrix(), self.result.languages, self.result.languages),
            "losses": [{"asked": each.asked, "answered": each.answered, **each.loss.as_dict()} for each in self.losses],
            "outranked": self.outranked.as_dict(),
            "outranked_own": self.outranked_own.as_dict(),
            "lost_to_language": self.lost.as_dict(),
            "lost_by_language": {code: each.as_dict() for code, each in self.lost_by_language.items()},
            "lost": [vars(each) for each in self.examples],
            "worst": [vars(each) for each in self.worst],
            "tail": None if self.tail is None else self.tail.as_dict(),
        }


def benchmark_of(asked: Asked) -> Benchmark:
    """The questions, pool and judgements of an audit as a benchmark."""
    return Benchmark(
        asked.kit.name,
        tuple(Query(each.group, each.language, each.text) for each in asked.kit.questions),
        tuple(Candidate(each.id, each.language, each.text) for each in asked.pool),
        asked.relevant,
    )


def result_of(asked: Asked, rankings: Sequence[Rows]) -> Result:
    """Every measure of rankings over an audit's pool; items that a ranking lacks are tied for last place.

    Args:
        asked: has the questions and the pool.
        rankings: rows of the pool for each question, best first.
    """

    def scorer(order: Counts) -> Callable[[slice], NDArray[np.float32]]:
        def scores(block: slice) -> NDArray[np.float32]:
            found = np.full((len(rankings[block]), len(asked.pool)), -np.inf, dtype=np.float32)
            for line, rows in zip(found, rankings[block], strict=True):
                line[rows] = -np.arange(len(rows), dtype=np.float32)
            return found[:, order]

        return scores

    return measure_scores(benchmark_of(asked), scorer, encoder=asked.target)


def judged(asked: Asked) -> Judged:
    """Analyse rankings with judgements; requires `asked.judged`."""
    result = result_of(asked, asked.rankings)
    groups = [question.group for question in asked.kit.questions]
    wrong = _first_wrong(asked, result)
    foreign, own = outranked_shares(result, wrong)
    apart = foreign - own
    return Judged(
        result=result,
        intervals={key: estimate(values, groups) for key, values in result.compared().items()},
        losses=_losses(result, groups),
        outranked=estimate(foreign, groups),
        outranked_own=estimate(own, groups),
        lost=estimate(apart, groups),
        lost_by_language={
            code: estimate(np.where(result.query_languages == row, apart, np.nan), groups)
            for row, code in enumerate(result.languages)
            if (result.query_languages == row).any()
        },
        examples=_examples(asked, result, wrong),
        worst=_worst(asked, result),
        tail=tail_of(result, benchmark_of(asked)),
    )


def lost_values(asked: Asked, result: Result) -> Values:
    """Per question, the share of outranked answers in other languages minus that in its own; see `outranked_shares`."""
    foreign, own = outranked_shares(result, _first_wrong(asked, result))
    found: Values = foreign - own
    return found


def _first_wrong(asked: Asked, result: Result) -> Counts:
    spoken = np.array([result.languages.index(piece.language) for piece in asked.pool])
    return first_wrong(asked.rankings, asked.relevant, spoken, result.query_languages)


def outranked_shares(result: Result, wrong: Counts) -> tuple[Values, Values]:
    """Per question, the share of its answers below the first wrong passage: in other languages, and in its own."""
    ranks, spoken = result.ranks.in_pool, result.ranks.language
    behind = outranked(ranks, wrong)
    mine = (ranks > 0) & (spoken == result.query_languages[:, None])
    other = (ranks > 0) & ~mine
    return (
        registry.quotient((behind & other).sum(axis=1), other.sum(axis=1)),
        registry.quotient((behind & mine).sum(axis=1), mine.sum(axis=1)),
    )


def _losses(result: Result, groups: Sequence[str]) -> tuple[Loss, ...]:
    """The loss of every pair of languages over the same questions, the costliest first."""
    found = []
    names, precision = result.languages, result.average_precision
    of_language = {
        row: cluster_means_of(precision, result.query_languages == row, groups)
        for row in range(len(names))
        if (result.query_languages == row).any()
    }
    for asked, values in of_language.items():
        for answered, home in of_language.items():
            if asked != answered and result.pool_sizes[answered]:
                loss = estimate(home[:, answered] - values[:, answered])
                if loss.known:
                    found.append(Loss(names[asked], names[answered], loss))
    return tuple(sorted(found, key=lambda each: -each.loss.value))


def cluster_means_of(values: Values, chosen: NDArray[np.bool_], groups: Sequence[str]) -> Values:
    """The mean of the chosen rows of a matrix for each group, in order of first appearance."""
    return np.stack(
        [cluster_means(np.where(chosen, values[:, column], np.nan), groups) for column in range(values.shape[1])],
        axis=1,
    )


def _examples(asked: Asked, result: Result, wrong: Counts) -> tuple[Lost, ...]:
    """The answers that lost the most places to language: one per question and per pair of languages."""
    ranks, spoken = result.ranks.in_pool, result.ranks.language
    # The answer ranks first in its own language, so its low rank over all is due to language, not meaning.
    clear = outranked(ranks, wrong) & (result.ranks.in_language == 1) & (spoken != result.query_languages[:, None])
    rows, columns = np.nonzero(clear)
    order = np.argsort(-(ranks - wrong[:, None])[rows, columns], kind="stable")
    found: list[Lost] = []
    groups: set[str] = set()
    pairs: set[tuple[str, str]] = set()
    for place in order:
        row, column = int(rows[place]), int(columns[place])
        question = asked.kit.questions[row]
        answer = asked.pool[asked.relevant[row][column]]
        if question.group in groups or (question.language, answer.language) in pairs:
            continue
        groups.add(question.group)
        pairs.add((question.language, answer.language))
        first = asked.pool[int(asked.rankings[row][wrong[row] - 1])]
        came = answer in (asked.pool[each] for each in asked.rankings[row])
        found.append(
            Lost(
                question.text,
                question.language,
                answer.text,
                answer.language,
                int(ranks[row, column]) if came else None,
                first.text,
                int(wrong[row]),
            )
        )
        if len(found) == SHOWN:
            break
    return tuple(found)


def _worst(asked: Asked, result: Result) -> tuple[Worst, ...]:
    """The questions with the lowest multi AP, each in the language in which it is lowest."""
    values = result.per_query(multi())
    rows: dict[str, list[int]] = {}
    for row, question in enumerate(asked.kit.questions):
        if not np.isnan(values[row]):
            rows.setdefault(question.group, []).append(row)
    order = sorted(rows, key=lambda group: float(np.mean(values[rows[group]])))[:SHOWN]
    found = []
    for group in order:
        row = min(rows[group], key=lambda each: values[each])
        question = asked.kit.questions[row]
        found.append(Worst(group, question.language, question.text, float(np.mean(values[rows[group]]))))
    return tuple(found)


def multi() -> Measure:
    """The mAP over one pool of all languages."""
    return registry.named("multi")
