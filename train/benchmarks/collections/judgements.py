"""Reads files of judgements: BEIR's, TREC's and MS MARCO's columns, with any header or none, or JSON lines."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ....engine.errors import DataError
from ....engine.json_lines import BadLine, json_lines, text_lines, unpacked_name

_NAMES = {
    "query": "query_id queryid query qid q_id topic topic_id topicid question_id question qry_id",
    "passage": "corpus_id corpusid doc_id docid did doc document document_id docno pid passage passage_id cid para_id",
    "grade": "score relevance rel label grade judgement judgment relevancy rating gain relevance_label",
}
_KNOWN = {name: what for what, names in _NAMES.items() for name in names.split()}
# trec_eval reads grades as whole numbers of this size.
_MOST = 2**31
Judged = tuple[int, str, str, float]


def read_judgements(path: Path, notes: list[str]) -> Iterator[Judged]:
    """Line, query, passage and grade of each judgement of a file.

    Columns are separated by tabs if a line has tabs, else by white space or, without that, by commas or semicolons.
    Three are query, passage and grade; four have TREC's unused column in second place. A first line without a number is
    a header: the columns that it names may be in any order, and without a grade column every grade is 1.

    Args:
        path: the file.
        notes: a sentence is added for a header without known names.

    Raises:
        DataError: the file cannot be read, is not UTF-8, or a line is not a judgement.
    """
    if Path(unpacked_name(path)).suffix.lower() in (".jsonl", ".ndjson"):
        yield from _of_json(path)
        return
    places: tuple[int, int, int | None] | None = None
    header: list[str] = []
    first = True
    for number, line in text_lines(path):
        fields = _fields(line)
        if first:
            first = False
            named = _named(fields)
            if not any(map(_is_number, fields)) or len(named) == 3:
                header, places = fields, _columns(fields, named)
                if not named:
                    notes.append(f"{path}, line 1 is read as a header: {' '.join(fields):.80}.")
                continue
        if fields == header:
            continue
        yield _judged(path, number, fields, places)


def _judged(path: Path, number: int, fields: list[str], places: tuple[int, int, int | None] | None) -> Judged:
    if places is None and len(fields) in (3, 4):
        places = (0, len(fields) - 2, len(fields) - 1)
    try:
        if places is None:
            raise ValueError(f"{len(fields)} columns")
        query, passage, grade = places
        if not (fields[query] and fields[passage]):
            raise ValueError("an id is empty")
        return number, fields[query], fields[passage], 1.0 if grade is None else _grade(fields[grade])
    except (ValueError, IndexError) as error:
        raise DataError(
            f"{path}, line {number}: a judgement is query, passage and grade ({error}).",
            hint="For instance, separated by tabs: q1, d1, 1.",
        ) from error


def _of_json(path: Path) -> Iterator[Judged]:
    for number, row in json_lines(path):
        named: Mapping[str, str] = _named(list(row)) if isinstance(row, Mapping) else {}
        try:
            if isinstance(row, BadLine):
                raise row
            query, passage = plain_id(row[named["query"]]), plain_id(row[named["passage"]])
            yield number, query, passage, _grade(row[named["grade"]]) if "grade" in named else 1.0
        except (KeyError, ValueError, TypeError) as error:
            raise DataError(
                f"{path}, line {number}: a judgement is query, passage and grade ({error}).",
                hint=row.hint
                if isinstance(row, BadLine)
                else 'For instance: {"query-id": "q1", "corpus-id": "d1", "score": 1}',
            ) from error


def _fields(line: str) -> list[str]:
    if "\t" in line:
        fields = [_unquoted(field.strip()) for field in line.split("\t")]
        while fields and not fields[-1]:
            fields.pop()
        if len(fields) > 2 or len(line.split()) == len(fields):
            return fields
    fields = line.split()
    comma = ";" if "," not in line else ","
    return [_unquoted(field.strip()) for field in line.split(comma)] if len(fields) == 1 else fields


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if len(field) > 1 and field[0] == field[-1] == '"' else field


def _named(names: list[str]) -> dict[str, str]:
    """The known column names among `names`, by what they mean: query, passage or grade."""
    found: dict[str, str] = {}
    for name in names:
        if what := _KNOWN.get(re.sub(r"[\s-]+", "_", name.strip().lower())):
            found.setdefault(what, name)
    return found


def _columns(header: list[str], names: Mapping[str, str]) -> tuple[int, int, int | None] | None:
    """The columns of query, passage and grade; None if the header does not name them and the usual order applies."""
    named = {what: header.index(name) for what, name in names.items()}
    if {"query", "passage"} <= named.keys():
        left = [place for place in range(len(header)) if place not in named.values()]
        grade = named.get("grade", left[-1] if left else None)
        return named["query"], named["passage"], grade
    return None


def _grade(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("the grade is not a number")
    try:
        grade = float(value)
    except (ValueError, OverflowError):
        grade = math.nan
    if not abs(grade) < _MOST:
        raise ValueError(f"the grade is not a number: {value!r:.40}")
    return grade


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def plain_id(value: object) -> str:
    """An id as text, for comparisons.

    Raises:
        ValueError: it is neither a text nor an integer.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("an id is a text or a whole number")
    return str(value).strip()
