"""Asks a target every question of a kit: returns rankings as rows of one pool, and notes on odd answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...engine.progress import OnStage
from .kits import Kit
from .matching import Matcher
from .targets import Answer, Question, Target, TargetError

Unit = Literal["passages", "documents"]
Rows = NDArray[np.int64]
# Questions asked a second time to check that the answers are the same.
_AGAIN = 3
_SHOWN = 3
# First answers of a ranking that are checked for oddities.
_LOOKED_AT = 200


@dataclass(frozen=True)
class Piece:
    """An item of the pool: a passage or document of the kit, or another answer."""

    id: str
    language: str
    text: str
    document: str = ""


@dataclass(frozen=True)
class Asked:
    """A target's answers to a kit.

    Attributes:
        kit: the questions, passages and judgements.
        target: the target's name.
        unit: what is ranked: the kit's passages, or its documents if answers are chunks of these.
        depth: how many answers each question was asked for; None for a whole ranking.
        pool: the kit's items first, then all other answers.
        own: how many items of the pool are the kit's.
        rankings: rows of the pool for each question of the kit, best first, each row once.
        nonsense: the same for each nonsense question.
        best: the score of the first answer to each question; NaN without a score.
        best_nonsense: the same for each nonsense question.
        relevant: rows of the pool that answer each question.
        collection: passages per language, according to the target or else the kit; empty if unknown.
        notes: oddities, in sentences.
    """

    kit: Kit
    target: str
    unit: Unit
    depth: int | None
    pool: tuple[Piece, ...]
    own: int
    rankings: tuple[Rows, ...]
    nonsense: tuple[Rows, ...]
    best: NDArray[np.float64]
    best_nonsense: NDArray[np.float64]
    relevant: tuple[tuple[int, ...], ...]
    collection: dict[str, int]
    notes: tuple[str, ...] = ()

    @property
    def judged(self) -> bool:
        """Whether answers can be told right from wrong."""
        return any(self.relevant)


@dataclass
class _Seen:
    """Rankings, scores and oddities collected while asking."""

    numbers: list[Rows] = field(default_factory=list)
    best: list[float] = field(default_factory=list)
    too_many: int = 0
    repeated: int = 0
    rising: int = 0

    def take(self, answers: Sequence[Answer], k: int, matcher: Matcher) -> None:
        """Count the answers to one question."""
        self.too_many += len(answers) > k
        kept = answers[:k]
        looked_at = kept[:_LOOKED_AT]
        keys = [(each.id, each.source, each.text) for each in looked_at]
        self.repeated += len(set(keys)) < len(keys)
        scores = [each.score for each in looked_at if each.score is not None]
        # Distances rise and similarities fall: only scores that do both are out of order.
        steps = list(pairwise(scores))
        self.rising += any(one < other for one, other in steps) and any(one > other for one, other in steps)
        self.numbers.append(matcher.numbers(kept))
        self.best.append(scores[0] if scores else np.nan)


def ask(target: Target, kit: Kit, *, k: int | None = None, progress: OnStage | None = None) -> Asked:
    """Put every question to a target.

    Args:
        target: the retriever; it stays open.
        kit: the questions.
        k: answers per question; by default the target's `depth`.
        progress: called with a stage, questions done and their total.

    Raises:
        TargetError: the target fails, returns no answers or the same to all questions, or none can be identified.
    """
    depth = k if k is not None else target.depth
    most = depth if depth is not None else max(10_000, 2 * len(kit.passages))
    everything = (*kit.questions, *kit.nonsense)
    target.prepare(everything)
    matcher = Matcher(kit)
    seen = _Seen()
    for number, question in enumerate(everything, 1):
        seen.take(target.ask(question, most), most, matcher)
        if progress is not None:
            progress("asking", number, len(everything))
    _require_answers(target.name, everything, seen.numbers)
    notes = [*kit.notes, *_oddities(seen, len(everything)), *_unsteady(target, kit.questions, seen, matcher, most)]
    return _joined(target, kit, depth, matcher, seen, notes)


def _oddities(seen: _Seen, asked: int) -> list[str]:
    notes = []
    empty = sum(not len(each) for each in seen.numbers)
    if empty:
        notes.append(f"{empty:,} of {asked:,} questions got no answer.")
    if seen.too_many:
        notes.append(f"{seen.too_many:,} questions got more answers than were asked for; the extra ones were ignored.")
    if seen.repeated:
        notes.append(f"{seen.repeated:,} rankings contain an answer twice; the first occurrence counts.")
    if seen.rising:
        notes.append(
            f"Scores are not in descending order in {seen.rising:,} rankings; the order counts, not the scores. Is "
            f"the order right?"
        )
    return notes


def _require_answers(name: str, questions: Sequence[Question], numbers: Sequence[Rows]) -> None:
    """Refuse a target that ignores the question, which would look free of bias.

    Raises:
        TargetError: no question got an answer, or all questions got the same answers.
    """
    groups = {question.group for question, rows in zip(questions, numbers, strict=True) if len(rows)}
    if not groups:
        raise TargetError(
            f"{name} gave no answer to any of {len(questions):,} questions.",
            hint="Does its index hold anything, and is it the one that is asked?",
        )
    if len(groups) > 1 and len({tuple(rows[:20]) for rows in numbers if len(rows)}) == 1:
        raise TargetError(
            f"{name} gave the same answers to every question.", hint="Does the question reach the retriever?"
        )


def _unsteady(target: Target, questions: Sequence[Question], seen: _Seen, matcher: Matcher, most: int) -> list[str]:
    """Ask the first questions again; a note if answers changed, since the figures include that noise."""
    changed = 0
    few = questions[:_AGAIN]
    for question, before in zip(few, seen.numbers, strict=False):
        again = [matcher.number(each) for each in target.ask(question, most)[:most]]
        changed += again[:20] != list(before[:20])
    if not changed:
        return []
    return [f"Asked again, {changed} of {len(few)} questions got different answers: the figures include that noise."]


def _joined(target: Target, kit: Kit, depth: int | None, matcher: Matcher, seen: _Seen, notes: list[str]) -> Asked:
    """Rankings over one pool: of passages if all answers from the kit are passages, else of documents."""
    numbers = np.concatenate(seen.numbers)
    strange = int((numbers >= matcher.first_other).sum())
    foreign = strange == len(numbers)
    if kit.passages and strange:
        notes.append(_strangers(target.name, matcher, strange, len(numbers)))
    chunks = ((numbers >= len(kit.passages)) & (numbers < matcher.first_other)).any()
    unit: Unit = "documents" if chunks else "passages"
    own, places = ([], np.zeros(0, dtype=np.int64)) if foreign else _kits_own(kit, matcher, unit)
    # Maps an answer's number to its row in the pool.
    rows = np.concatenate(
        [
            np.zeros(matcher.first_other, dtype=np.int64) if foreign else places,
            len(own) + np.arange(len(matcher.others), dtype=np.int64),
        ]
    )
    rankings = tuple(_firsts(rows[each]) for each in seen.numbers)
    asked = len(kit.questions)
    relevant: tuple[tuple[int, ...], ...] = ((),) * asked
    if kit.judged and not foreign:
        relevant = tuple(tuple(dict.fromkeys(int(rows[row]) for row in each)) for each in kit.relevant)
    best = np.array(seen.best)
    collection: Counter[str] = Counter()
    for code, number in target.languages().items():
        collection[matcher.code(code) or code] += number
    return Asked(
        kit,
        target.name,
        unit,
        depth,
        (*own, *(Piece(each.id, each.language, each.text) for each in matcher.others)),
        len(own),
        rankings[:asked],
        rankings[asked:],
        best[:asked],
        best[asked:],
        relevant,
        dict(collection.most_common()) or dict(Counter(each.language for each in own)),
        tuple(notes),
    )


def _kits_own(kit: Kit, matcher: Matcher, unit: Unit) -> tuple[list[Piece], Rows]:
    """The kit's part of the pool, and the row in it for each number of a passage or document."""
    if unit == "passages":
        own = [Piece(each.id, each.language, each.text, each.document) for each in kit.passages]
        return own, np.concatenate([np.arange(len(own)), np.zeros(len(matcher.documents), dtype=np.int64)])
    rows: dict[str, int] = {}
    own = []
    places = []
    for each in kit.passages:
        name = each.document or each.id
        if name not in rows:
            rows[name] = len(own)
            own.append(Piece(name, each.language, each.title or each.text, each.document))
        places.append(rows[name])
    return own, np.array([*places, *(rows[name] for name in matcher.documents)], dtype=np.int64)


def _firsts(rows: Rows) -> Rows:
    """The ranking with only the first occurrence of each row."""
    _, places = np.unique(rows, return_index=True)
    return rows[np.sort(places)]


def _strangers(name: str, matcher: Matcher, strange: int, answers: int) -> str:
    """A note about answers that are not in the kit.

    Raises:
        TargetError: no answer is in the kit, and none has a text.
    """
    first = ", ".join(f"{each.id!r:.40}" for each in matcher.others[:_SHOWN])
    if strange < answers:
        return (
            f"{strange:,} of {answers:,} answers are none of the kit's passages ({first}); they count as wrong "
            f"answers from the rest of the collection."
        )
    if not any(each.text for each in matcher.others):
        raise TargetError(
            f"{name} answers with ids that are not in the kit ({first}), and without texts.",
            hint="Index the kit under its own ids (`--kit DIR` writes it), or return each answer's text.",
        )
    return (
        "None of the answers is from the kit, so quality was not measured; `hybrid-search audit --kit DIR` writes the "
        "kit, to be added to the index."
    )
