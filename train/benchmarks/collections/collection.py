"""Reads benchmarks in collection layouts: MIRACL's (topics, qrels, corpus) and BEIR's (queries, qrels, corpus)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ....engine.errors import DataError
from ....engine.json_lines import BadLine, json_lines, text_lines, unpacked_name
from ....engine.languages import UNDETERMINED
from ...data import language_code
from ..model import Benchmark, Candidate, Query, wanted
from . import places
from .judgements import plain_id, read_judgements

_IDS = ("docid", "_id", "id", "doc_id", "query_id", "query-id", "qid", "corpus-id", "corpus_id", "pid")
_TEXTS = ("text", "contents", "query", "question")
_LANGUAGES = ("language", "lang")
# Known names of columns in a header of topics.
_ID_COLUMNS = frozenset(("id", "qid", "query_id", "queryid", "topic", "topic_id", "topicid", "question_id", *_IDS))
_TEXT_COLUMNS = frozenset(("query", "text", "question", "title", "topic_text", "query_text", "passage", "contents"))


@dataclass
class _Noted:
    """Counts oddities while reading; `sentences` reports them."""

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    def add(self, sentence: str, where: str = "", number: int = 1) -> None:
        """Count an oddity; `sentence` follows its number, and `where` of the first one is reported."""
        if number:
            self.counts[sentence] = self.counts.get(sentence, 0) + number
            self.first.setdefault(sentence, where)

    def sentences(self) -> tuple[str, ...]:
        said = []
        for sentence, number in self.counts.items():
            where = self.first[sentence]
            said.append(f"{number} {sentence}" + (f" (for instance {where})." if where else "."))
        return (*said, *self.others)


def read_collection(folder: Path, title: str, languages: Sequence[str]) -> Benchmark:
    """Read every language of a collection; without folders named by language, rows name it, or it is `und`.

    Ids are made distinct by language. Grades above 0 are relevant, fractions too (trec_eval would cut 0.5 to 0, and
    BEIR's loader refuses it), and nDCG uses the grade as its gain. Notes count what is left out: judged passages and
    questions that are not in the files, repeated ids (the first counts), empty questions. Questions without judgements
    are left out.

    Raises:
        DataError: a file is missing or broken, or a wanted language has no folder.
    """
    parts = places.parts(folder)
    languages = wanted(languages, parts)
    missing = [code for code in languages if code not in parts]
    if missing:
        raise DataError(f"{folder} has no data for {', '.join(missing)}.", hint=f"It has {', '.join(parts)}.")
    queries: list[Query] = []
    pool: list[Candidate] = []
    relevant: list[tuple[int, ...]] = []
    grades: list[tuple[float, ...]] = []
    noted = _Noted()
    if others := places.left_out(folder):
        names = ", ".join(part.name for part in others)
        noted.others.append(f"Left out, since their names contain no language: {names}.")
    for code, part in parts.items():
        if languages and code not in languages:
            continue
        judged = _judgements(part, noted)
        row_of: dict[str, int] = {}
        for where, name, heading, text, own in _passages(part):
            if name in row_of:
                noted.add("passages repeat an id; the first of each counts", where)
                continue
            if not (heading.strip() or text.strip()):
                noted.add("passages are empty", where)
            row_of[name] = len(pool)
            pool.append(Candidate(f"{code}:{name}", own if code == UNDETERMINED else code, text, heading))
        asked: set[str] = set()
        for where, query, text, own in _topics(part):
            if query not in judged:
                continue
            if query in asked:
                noted.add("questions repeat an id; the first of each counts", where)
                continue
            asked.add(query)
            if not text.strip():
                noted.add("questions are empty and were left out", where)
                continue
            rows = {row_of[name]: grade for name, grade in judged[query].items() if grade > 0 and name in row_of}
            lost = sum(grade > 0 and name not in row_of for name, grade in judged[query].items())
            noted.add("relevant passages are not in the corpus", number=lost)
            queries.append(Query(f"{code}:{query}", own if code == UNDETERMINED else code, text))
            relevant.append(tuple(rows))
            grades.append(tuple(rows.values()))
        noted.add("judged questions are not among the questions", number=len(judged.keys() - asked))
    return Benchmark(title, tuple(queries), tuple(pool), tuple(relevant), tuple(grades), noted.sentences())


def _passages(folders: places.Folders) -> Iterator[tuple[str, str, str, str, str]]:
    """File and line, id, title, text and language of each passage."""
    for path in places.corpus(folders):
        if unpacked_name(path).lower().endswith(".tsv"):
            for where, name, text in _table(path, "passage", "text"):
                yield where, name, "", text, UNDETERMINED
        else:
            yield from _rows([path], "passage")


def _rows(paths: Sequence[Path], what: str) -> Iterator[tuple[str, str, str, str, str]]:
    """File and line, id, title, text and language of each row; null is read as ""."""
    for path in paths:
        for number, row in json_lines(path):
            try:
                if isinstance(row, BadLine):
                    raise row
                if not isinstance(row, Mapping):
                    raise TypeError("no object")
                name = plain_id(next(row[key] for key in _IDS if row.get(key) is not None))
                text = next((row[key] for key in _TEXTS if key in row), None)
                if text is None and not {"title", *_TEXTS} & row.keys():
                    raise TypeError("no text")
                told = next(
                    (row[key] for key in _LANGUAGES if isinstance(row.get(key), str) and row[key]), UNDETERMINED
                )
                yield f"{path.name}, line {number}", name, _text(row.get("title")), _text(text), language_code(told)
            except (ValueError, TypeError, StopIteration) as error:
                reason = str(error) or "no id"
                raise DataError(
                    f"{path}, line {number}: no {what} with docid or _id and text ({reason}).",
                    hint=row.hint if isinstance(row, BadLine) else 'For instance: {"_id": "1", "text": "…"}',
                ) from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError("title and text must be texts")
    return str(value)


def _topics(folders: places.Folders) -> Iterator[tuple[str, str, str, str]]:
    """File and line, id, text and language of each question."""
    if tables := places.topics(folders):
        for path in tables:
            for topic in _table(path, "topic", "question"):
                yield *topic, UNDETERMINED
        return
    sources = places.queries(folders)
    if not sources:
        raise DataError(
            f"{folders[0]} has neither topics (.tsv) nor queries (.jsonl).", hint="Put queries.jsonl into that folder."
        )
    for where, name, _, text, own in _rows(sources, "question"):
        yield where, name, text, own


def _table(path: Path, what: str, inside: str) -> Iterator[tuple[str, str, str]]:
    place_of_id, place_of_text = 0, 1
    first = True
    for number, line in text_lines(path):
        fields = line.split("\t", 1)
        if first:
            first = False
            names = [re.sub(r"[\s-]+", "_", name.strip().lower()) for name in line.split("\t")]
            ids, texts = _places(names, _ID_COLUMNS), _places(names, _TEXT_COLUMNS)
            if len(names) > 1 and ids and texts and ids[0] != texts[-1]:
                place_of_id, place_of_text = ids[0], next(place for place in texts if place != ids[0])
                continue
        if (place_of_id, place_of_text) != (0, 1):
            fields = line.split("\t")
        if len(fields) <= max(place_of_id, place_of_text):
            raise DataError(
                f"{path}, line {number}: a {what} is an id, a tab and a {inside}.", hint="For instance: 1⇥who baked it?"
            )
        yield f"{path.name}, line {number}", fields[place_of_id].strip(), fields[place_of_text].strip()


def _places(names: Sequence[str], known: frozenset[str]) -> list[int]:
    return [place for place, name in enumerate(names) if name in known]


def _judgements(folders: places.Folders, noted: _Noted) -> dict[str, dict[str, float]]:
    judged: dict[str, dict[str, float]] = {}
    for path in places.qrels(folders):
        for number, query, passage, grade in read_judgements(path, noted.others):
            where = f"{path.name}, line {number}"
            known = judged.setdefault(query, {})
            if known.get(passage, grade) != grade:
                noted.add("judgements contradict an earlier one; the last counts", where)
            if not grade.is_integer():
                noted.add("grades are fractions; all above 0 are relevant, and nDCG uses the fraction", where)
            known[passage] = grade
    if not judged:
        raise DataError(f"{folders[0]} has no judgements.", hint="A line of qrels is query, passage and grade.")
    return judged
