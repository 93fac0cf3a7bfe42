"""A run file as a target: stored answers in TREC's format, JSON lines or BEIR's JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from ....engine.errors import DataError
from ....engine.json_lines import BadLine, json_document, json_lines, text_lines, unpacked_name
from ....engine.paths import typed
from .answers import answers_in, by_score, number_of, ordering
from .protocol import Answer, Options, Question, TargetError

_QUESTION = ("question", "query_id", "qid", "query-id", "query", "id", "question_id")
_ANSWERS = ("answers", "results", "hits", "ranking", "documents", "retrieved")
_PASSAGE = ("passage", "doc_id", "docid", "corpus-id", "document", "docno", "pid")
_TREC = "QUESTION Q0 PASSAGE RANK SCORE NAME"


def open_target(scheme: str, place: str, options: Options) -> RunFile:
    """The run in a file."""
    return RunFile(typed(place), options)


class RunFile:
    """Answers from a file; none for a question that the file does not have.

    Args:
        path: the file.
        options: the names of fields.

    Raises:
        TargetError: the file is missing, damaged, or not a run.
    """

    depth: int | None = None

    def __init__(self, path: Path, options: Options) -> None:
        self.name = path.name
        self._options = options
        self._ranks: dict[str, list[float | None]] = {}
        try:
            self.answers = self._in_order(self._read(path))
        except DataError as error:
            raise TargetError(error.message, hint=error.hint) from error
        if not self.answers:
            raise TargetError(f"{path} is not a run: it has no answers.", hint=f"A line is {_TREC}, or JSON.")

    def _read(self, path: Path) -> dict[str, list[Answer]]:
        if not path.exists():
            raise TargetError(f"There is no run file {path}.", hint="Name the file with the answers.")
        if unpacked_name(path).lower().endswith(".json"):
            return self._of_beir(path, json_document(path, names_once=True))
        first = next(iter(text_lines(path)), (0, ""))[1].lstrip()
        if not first.startswith("{"):
            return self._of_trec(path)
        rows = json_lines(path)
        number, row = next(rows)
        if isinstance(row, Mapping) and not any(name in row for name in _QUESTION):
            return self._of_beir(path, json_document(path, names_once=True))
        found: dict[str, list[Answer]] = {}
        self._add(found, path, number, row)
        for number, row in rows:
            self._add(found, path, number, row)
        return found

    def _of_beir(self, path: Path, value: Any) -> dict[str, list[Answer]]:
        if isinstance(value, list):
            found: dict[str, list[Answer]] = {}
            for number, row in enumerate(value, 1):
                self._add(found, path, number, row)
            return found
        if not isinstance(value, Mapping):
            raise TargetError(
                f"{path} is not a run: {value if isinstance(value, BadLine) else 'no object'}.",
                hint='BEIR\'s runs are {"QUESTION": {"PASSAGE": SCORE}}.',
            )
        return {
            str(question).strip(): self._ranked(answers, f"{path}, question {question!r:.60}")
            for question, answers in value.items()
        }

    def _ranked(self, answers: Any, where: str) -> list[Answer]:
        """The answers to a question: sorted by score if it is a mapping to scores, else in their order."""
        if isinstance(answers, Mapping) and not any(isinstance(each, list | dict) for each in answers.values()):
            answers = by_score(answers, where)
        return answers_in(answers, self._options.fields, where)

    def _add(self, found: dict[str, list[Answer]], path: Path, number: int, row: Any) -> None:
        """Add a line: all answers to a question, or one of them."""
        where = f"{path}, line {number}"
        question = next((row[name] for name in _QUESTION if name in row), None) if isinstance(row, Mapping) else None
        if question is None or isinstance(question, bool) or not isinstance(question, str | int):
            said = row if isinstance(row, BadLine) else "no `question`"
            raise TargetError(
                f"{where}: no answers to a question ({said}).",
                hint='For instance: {"question": "q1-de", "answers": ["a1", "b2"]}',
            )
        asked = str(question).strip()
        name = next((name for name in _ANSWERS if name in row), None)
        if name is None:
            passage = next((row[name] for name in _PASSAGE if row.get(name) is not None), None)
            one = {key: value for key, value in row.items() if key not in _QUESTION}
            answers = [one if passage is None else {**one, "id": passage}]
            self._ranks.setdefault(asked, []).append(number_of(row.get("rank")))
        else:
            answers = row[name]
        found.setdefault(asked, []).extend(answers_in(answers, self._options.fields, where))

    def _in_order(self, found: dict[str, list[Answer]]) -> dict[str, list[Answer]]:
        """Sort answers that have one line each by `rank`, if all have one."""
        for question, ranks in self._ranks.items():
            answers = found[question]
            if len(ranks) == len(answers) and None not in ranks:
                order = sorted(range(len(answers)), key=lambda row: ranks[row] or 0.0)
                found[question] = [answers[row] for row in order]
        return found

    def _of_trec(self, path: Path) -> dict[str, list[Answer]]:
        """Answers sorted by score, as trec_eval does; ties keep their order."""
        found: dict[str, list[tuple[float, float | None, Answer]]] = {}
        for number, line in text_lines(path):
            fields = line.split()
            try:
                if len(fields) not in (5, 6):
                    raise ValueError(f"columns: {len(fields)}")
                score = float(fields[4])
            except ValueError as error:
                raise TargetError(
                    f"{path}, line {number}: not a line of a run ({error}).",
                    hint=f"A line is {_TREC}; ids with spaces in them need JSON lines.",
                ) from None
            score = ordering(score, f"{path}, line {number}: the score")
            found.setdefault(fields[0], []).append((score, number_of(fields[3]), Answer(id=fields[2], score=score)))
        against = 0
        for lines in found.values():
            lines.sort(key=lambda line: -line[0])
            against += any(
                above[1] is not None and below[1] is not None and above[0] > below[0] and above[1] > below[1]
                for above, below in pairwise(lines)
            )
        if against:
            self._options.remark(
                f"The ranks of {against:,} of {len(found):,} rankings are in another order than their scores, and the "
                "scores count, the highest first. Are they distances?"
            )
        return {question: [answer for *_, answer in lines] for question, lines in found.items()}

    def prepare(self, questions: Sequence[Question]) -> None:
        """Check that the run answers these questions.

        Raises:
            TargetError: it answers none of them.
        """
        known = {question.id for question in questions}
        absent = [name for name in self.answers if name not in known]
        if len(absent) == len(self.answers):
            raise TargetError(
                f"{self.name} answers none of the questions: its first is {absent[0]!r:.60}, theirs "
                f"{questions[0].id!r:.60}.",
                hint="Name the kit that was used with --kit, and use the ids of its questions.jsonl.",
            )
        if absent:
            self._options.remark(
                f"{len(absent):,} of {len(self.answers):,} questions of the run are not in the kit and were ignored, "
                f"{absent[0]!r:.60} first."
            )

    def ask(self, question: Question, k: int) -> Sequence[Answer]:
        """The first k answers in the file."""
        return self.answers.get(question.id, [])[:k]

    def languages(self) -> Mapping[str, int]:
        """Empty: the collection's languages are unknown."""
        return {}

    def close(self) -> None:
        """Do nothing."""
