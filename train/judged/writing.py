"""Writes a library's judgements as files for evaluation and training, and says how many more are worth having."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ...engine.errors import DataError
from ...engine.files import write_text
from ...engine.shown import counted
from ...engine.store import RIGHT, WRONG, Judgement, key_of
from .forms import EVALUATION, FORMS, PAIRS, QRELS

# From how many questions with a right answer each statement holds.
STAGES = ((6, "encoders can be tested against each other"), (50, "figures are steady"), (200, "training pays"))


class Judged(Protocol):
    """A library with judgements."""

    def judgements(self) -> list[Judgement]:
        """All judgements."""

    def languages_of_judged(self, judged: Sequence[Judgement]) -> list[str]:
        """The language of each judged passage."""


@dataclass(frozen=True)
class Written:
    """The written file or folder, its number of questions, and a sentence about its limits or ""."""

    path: Path
    questions: int
    words: str = ""


def by_question(judgements: Iterable[Judgement]) -> dict[str, list[Judgement]]:
    """Judgements by question, in the order of each question's first judgement."""
    found: dict[str, list[Judgement]] = {}
    for each in judgements:
        found.setdefault(key_of(each.query), []).append(each)
    return found


def judging_progress(judgements: Sequence[Judgement]) -> str:
    """How many questions have a right answer and what more of them would allow, in a sentence."""
    answered = sum(any(each.grade == RIGHT for each in asked) for asked in by_question(judgements).values())
    have = f"{counted(answered, 'question')} {'has' if answered == 1 else 'have'}"
    following = next(((number, words) for number, words in STAGES if answered < number), None)
    if following is None:
        return f"{have} a right answer: enough to measure and to train on."
    return f"{have} a right answer; with {following[0] - answered:,} more, {following[1]}."


def write_judgements(library: Judged, form: str, target: Path) -> Written:
    """Write all judgements.

    Args:
        library: holds the judgements.
        form: a key of `FORMS`.
        target: the file, or for qrels the folder; existing files are replaced.

    Raises:
        DataError: there is nothing to write, the form is unknown, or the target cannot be written.
    """
    if form not in FORMS:
        raise DataError(f"There is no form {form}.", hint=f"Known: {', '.join(FORMS)}.")
    judged = library.judgements()
    if not judged:
        raise DataError(
            "This library has no judgements yet.",
            hint="In the app, 1 marks the passage under the cursor as right, 2 as partly right, 0 as wrong.",
        )
    languages = dict(zip((each.id for each in judged), library.languages_of_judged(judged), strict=True))
    write = {QRELS: _write_qrels, EVALUATION: _write_evaluation, PAIRS: _write_pairs}[form]
    try:
        return write(by_question(judged), languages, target)
    except OSError as error:
        raise DataError(
            f"{target} cannot be written ({error.strerror or error}).", hint="Name another place."
        ) from error


def _write_qrels(asked: dict[str, list[Judgement]], languages: dict[int, str], target: Path) -> Written:
    queries, corpus, qrels = [], {}, ["query-id\tcorpus-id\tscore"]
    names: dict[tuple[str, str, int, int], str] = {}
    for number, judged in enumerate(asked.values(), 1):
        queries.append({"_id": f"q{number}", "text": judged[0].query, "language": judged[0].language})
        for each in judged:
            name = names.setdefault((each.path, each.part, each.start, each.end), f"p{len(names) + 1}")
            place = {"path": each.path, "part": each.part, "start": each.start, "end": each.end}
            corpus[name] = {"_id": name, "title": "", "text": each.text, "language": languages[each.id], **place}
            qrels.append(f"q{number}\t{name}\t{each.grade}")
    write_text(target / "queries.jsonl", _lines(queries))
    write_text(target / "corpus.jsonl", _lines(corpus.values()))
    write_text(target / "qrels" / "test.tsv", "\n".join(qrels) + "\n")
    return Written(target, len(queries), "The corpus holds the judged passages only.")


def _write_evaluation(asked: dict[str, list[Judgement]], languages: dict[int, str], target: Path) -> Written:
    rows = []
    for judged in asked.values():
        relevant = list(dict.fromkeys(each.path for each in judged if each.grade > WRONG))
        rows.append({"query": judged[0].query, "relevant": relevant})
    write_text(target, _lines(rows))
    return Written(target, len(rows))


def _write_pairs(asked: dict[str, list[Judgement]], languages: dict[int, str], target: Path) -> Written:
    rows, left_out = [], 0
    for number, judged in enumerate(asked.values(), 1):
        wrong = [each for each in judged if each.grade == WRONG]
        right = [each for each in judged if each.grade == RIGHT]
        left_out += not right
        for place, each in enumerate(right, 1):
            row: dict[str, Any] = {
                "id": f"q{number}-{place}",
                "question": {each.language: each.query},
                "passage": {languages[each.id]: each.text},
            }
            if wrong:
                row["negative"] = {languages[wrong[0].id]: wrong[0].text}
            rows.append(row)
    if not rows:
        raise DataError("No question has a right answer yet.", hint="1 marks the passage under the cursor as right.")
    write_text(target, _lines(rows))
    words = _left_out(left_out)
    return Written(target, len(asked) - left_out, words)


def _lines(rows: Iterable[Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _left_out(number: int) -> str:
    """How many questions have no pair, in a sentence; "" for none."""
    if not number:
        return ""
    return f"{counted(number, 'question')} without a right answer left out."
