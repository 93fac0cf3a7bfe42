"""Compares encoders over a user's own questions in a library, with or without judgements."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from ...engine.errors import DataError
from ...engine.json_lines import text_lines
from ...engine.search import Comparison
from . import registry
from .registry import Measure, Ranked, Values
from .significance import FEWEST_PAIRS, Difference, corrected, differences


@dataclass(frozen=True)
class Asked:
    """A question of the file, with the paths (or ends of paths) of the documents that answer it, if known."""

    text: str
    relevant: tuple[str, ...] = ()


def read_queries(path: Path) -> list[Asked]:
    """Questions of a file: one per line, or JSON lines with `query` and, if judged, `relevant`: a list of paths.

    Raises:
        DataError: the file cannot be read, has no question, or a line has neither form.
    """
    try:
        lines = list(text_lines(path))
    except DataError as error:
        raise DataError(
            f"The questions cannot be read: {error.message}", hint="Give a UTF-8 text file, one question a line."
        ) from error
    found = [_asked(path, number, line) for number, line in lines if line.strip()]
    if not found:
        raise DataError(f"{path} holds no question.", hint="Write one question a line.")
    return found


def _asked(path: Path, number: int, line: str) -> Asked:
    if not line.lstrip().startswith("{"):
        return Asked(line.strip())
    try:
        row = json.loads(line)
        relevant = row.get("relevant") or []
        names = [relevant] if isinstance(relevant, str) else [str(name) for name in relevant]
        text = row["query"].strip()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(
            f"{path}, line {number}: neither a question nor JSON with `query` ({type(error).__name__}).",
            hint='For instance: {"query": "Wie backt man Brot?", "relevant": ["de/bread.md"]}',
        ) from error
    if not text:
        raise DataError(f"{path}, line {number}: the question is empty.")
    return Asked(text, tuple(names))


@dataclass
class QueryStudy:
    """How encoders differ over a file of questions.

    Args:
        encoders: their names.
        asked: the questions.
        answers: the comparison of each question.
        depth: how many passages each ranking has.
    """

    encoders: tuple[str, ...]
    asked: list[Asked]
    answers: list[Comparison]
    depth: int
    notes: list[str] = field(default_factory=list)

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Which questions have judgements, shape (questions,)."""
        return np.array([bool(each.relevant) for each in self.asked])

    def judged_values(self) -> dict[str, dict[str, Values]]:
        """One figure per question, by key of each judged measure and by encoder; NaN for questions without judgements.

        Documents are judged, so each counts once, at its best passage.
        """
        ranked = {name: Ranked.of(self._ranks(name)) for name in self.encoders}
        return {
            each.key: {name: np.where(self.judged, each.function(ranked[name]), np.nan) for name in self.encoders}
            for each in registry.of("judged")
        }

    def _ranks(self, name: str) -> NDArray[np.int64]:
        width = max(1, max(len(each.relevant) for each in self.asked))
        ranks = np.full((len(self.asked), width), -1, dtype=np.int64)
        for row, (asked, answer) in enumerate(zip(self.asked, self.answers, strict=True)):
            documents = list(dict.fromkeys(hit.passage.path for hit in answer.rankings[name].hits))
            for column, wanted in enumerate(asked.relevant):
                place = next((n for n, path in enumerate(documents, 1) if matches(path, wanted)), None)
                ranks[row, column] = place if place is not None else np.iinfo(np.int64).max // 2
        return ranks

    def answer_values(self) -> dict[str, dict[str, Values]]:
        """One figure per question, by key of each measure of answers and by encoder."""
        return {
            each.key: {
                name: np.array([each.function(answer, name) for answer in self.answers], dtype=np.float64)
                for name in self.encoders
            }
            for each in registry.of("answers")
        }

    def overlaps(self) -> dict[tuple[str, str], Values]:
        """The rank-biased overlap of each question, by pair of encoders."""
        return {
            pair: np.array([answer.overlap[pair].rbo for answer in self.answers], dtype=np.float64)
            for pair in combinations(self.encoders, 2)
        }

    def disagreement(self) -> list[int]:
        """Indices of questions by ascending mean overlap: the strongest disagreement first."""
        values = self.overlaps()
        if not values:
            return list(range(len(self.asked)))
        mean = np.mean(list(values.values()), axis=0)
        return [int(index) for index in np.argsort(mean, kind="stable")]

    def verdicts(self, *, seed: int = 0) -> list[tuple[Measure, Difference]]:
        """How every two encoders differ in every measure, with p-values corrected together.

        Empty below six questions; `refusal` then says why.
        """
        if len(self.encoders) < 2:
            return []
        found: list[tuple[Measure, Difference]] = []
        if self.judged.sum() >= FEWEST_PAIRS:
            values = self.judged_values()
            found += [
                (each, item) for each in registry.of("judged") for item in differences(values[each.key], seed=seed)
            ]
        if len(self.asked) >= FEWEST_PAIRS:
            values = self.answer_values()
            found += [
                (each, item) for each in registry.of("answers") for item in differences(values[each.key], seed=seed)
            ]
        fixed = corrected([item for _, item in found])
        return [(each, item) for (each, _), item in zip(found, fixed, strict=True)]

    def refusal(self) -> str:
        """Why encoders are not tested against each other, or an empty string."""
        if len(self.encoders) < 2:
            return ""
        if len(self.asked) < FEWEST_PAIRS:
            return f"No test is made: {len(self.asked)} questions are fewer than {FEWEST_PAIRS}."
        judged = int(self.judged.sum())
        if judged < FEWEST_PAIRS:
            return (
                f"Which answers are better is not known: {judged} of {len(self.asked)} questions are judged, "
                f"and a test needs {FEWEST_PAIRS}."
            )
        return ""

    def as_dict(self, *, seed: int = 0) -> dict[str, Any]:
        """Everything, as plain JSON values."""
        overlaps, judged, answers = self.overlaps(), self.judged_values(), self.answer_values()
        return {
            "encoders": list(self.encoders),
            "questions": len(self.asked),
            "judged": int(self.judged.sum()),
            "depth": self.depth,
            "rbo": [
                {"first": first, "second": second, "mean": round(float(values.mean()), 6)}
                for (first, second), values in overlaps.items()
            ],
            "means": {
                name: {key: _mean(values[name]) for key, values in {**judged, **answers}.items()}
                for name in self.encoders
            },
            "comparisons": [
                {
                    "measure": each.key,
                    **vars(item),
                    "significant": item.significant(),
                    "verdict": item.verdict(each),
                }
                for each, item in self.verdicts(seed=seed)
            ],
            "queries": [
                {
                    "query": self.asked[index].text,
                    "language": self.answers[index].query_language.code,
                    "rbo": {f"{a}|{b}": round(float(values[index]), 6) for (a, b), values in overlaps.items()},
                    "scores": {key: _at(index, values) for key, values in judged.items()},
                    **{key: _at(index, values) for key, values in answers.items()},
                    "first": {
                        name: ranking.hits[0].passage.path
                        for name, ranking in self.answers[index].rankings.items()
                        if ranking.hits
                    },
                }
                for index in self.disagreement()
            ],
            "notes": [*self.notes, *filter(None, [self.refusal()])],
        }


def study(
    asked: Sequence[Asked],
    encoders: Sequence[str],
    compare: Callable[[str], Comparison],
    *,
    depth: int,
    progress: Callable[[str, int, int], None] | None = None,
) -> QueryStudy:
    """Ask every question.

    Args:
        asked: the questions.
        encoders: their names in the rankings of `compare`.
        compare: returns the rankings of all encoders for a query.
        depth: how many passages each ranking has.
        progress: called with a stage, questions done and their total.
    """
    answers = []
    for number, each in enumerate(asked, 1):
        answers.append(compare(each.text))
        if progress is not None:
            progress("questions", number, len(asked))
    return QueryStudy(tuple(encoders), list(asked), answers, depth, _unseen(asked, answers))


def _unseen(asked: Sequence[Asked], answers: Sequence[Comparison]) -> list[str]:
    """A note about judged documents that are in no ranking: their paths may be wrong."""
    seen = {hit.passage.path for answer in answers for ranking in answer.rankings.values() for hit in ranking.hits}
    lost = sorted({name for each in asked for name in each.relevant if not any(matches(path, name) for path in seen)})
    if not lost:
        return []
    shown = ", ".join(lost[:3]) + (", …" if len(lost) > 3 else "")
    return [f"{len(lost)} judged documents are among no encoder's answers; are these paths right? {shown}"]


def matches(path: str, wanted: str) -> bool:
    """Whether a document's path is the wanted one, or ends with it after a slash.

    Other systems write paths with backslashes, and accents as marks of their own.
    """
    path, wanted = normalize("NFC", path), normalize("NFC", wanted)
    plain = wanted.replace("\\", "/").removeprefix("./")
    return path in (wanted, plain) or path.endswith("/" + plain.lstrip("/"))


def _mean(values: Values) -> float | None:
    known = values[~np.isnan(values)]
    return round(float(known.mean()), 6) if len(known) else None


def _at(question: int, values: Mapping[str, Values]) -> dict[str, float | None]:
    """The figure of one question, by encoder."""
    return {name: _plain(column[question]) for name, column in values.items()}


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
