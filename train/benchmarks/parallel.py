"""Reads benchmarks whose rows have question, passage and answer in several languages."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...engine.errors import DataError
from ...engine.json_lines import BadLine
from ...engine.passages import sentences
from ..data import language_code
from .model import Benchmark, Candidate, Query

Row = dict[str, Any]


def read_parallel(
    path: Path,
    values: Iterable[tuple[int, Any]],
    title: str,
    languages: Sequence[str],
    questions: int | None,
    seed: int,
) -> Benchmark:
    """JSON rows with `question{lang}`, `passage{lang}` and `answer{lang}`: sentences of the passages are the pool.

    A sentence is relevant if it contains the answer. If a language has no answer, the sentence at the position of the
    English one is relevant, provided both passages have the same number of sentences; otherwise the question is left
    out in all languages. At most three questions per passage are taken.

    Args:
        path: the file, for errors.
        values: number and value of each row.
        title: the benchmark's name.
        languages: take only these; all when empty.
        questions: take at most this many.
        seed: for the order in which they are taken.

    Raises:
        DataError: a row is not JSON, or none has a question in all languages.
    """
    rows, repeated = _usable(path, values)
    known = sorted({code for row in rows for code in row["question"]})
    if not rows:
        raise DataError(
            f"{path} has no row with `question` and `passage`.",
            hint='For instance: {"id": "1", "question": {"en": "…"}, …}',
        )
    codes = list(map(language_code, languages)) or known
    complete = [row for row in rows if all(code in row["question"] and code in row["passage"] for code in codes)]
    if not complete:
        raise DataError(f"{path} has no question in all of {', '.join(codes)}.", hint=f"It has {', '.join(known)}.")
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in complete:
        grouped[row["passage"][codes[0]]].append(row)
    groups = [grouped[key] for key in sorted(grouped)]
    random.Random(seed).shuffle(groups)
    queries: list[Query] = []
    pool: list[Candidate] = []
    relevant: list[tuple[int, ...]] = []
    taken = left = 0
    for group in groups:
        if questions is not None and taken >= questions:
            break
        texts = {code: _sentence_texts(group[0]["passage"][code], code) for code in codes}
        first = {}
        for code in codes:
            first[code] = len(pool)
            pool += [Candidate(f"{group[0]['id']}-{code}-{row}", code, text) for row, text in enumerate(texts[code])]
        for row in group[:3]:
            found = {code: _answer_row(row, code, texts) for code in codes}
            if any(place is None for place in found.values()):
                left += 1
                continue
            taken += 1
            places = tuple(first[code] + place for code, place in found.items() if place is not None)
            queries += [Query(row["id"], code, row["question"][code]) for code in codes]
            relevant += [places] * len(codes)
    notes = []
    if left:
        notes.append(f"{left} questions were left out: their answer could not be placed in every language.")
    if repeated:
        notes.append(f"{repeated} rows repeat an id; the first of each counts.")
    return Benchmark(title, tuple(queries), tuple(pool), tuple(relevant), notes=tuple(notes))


def _usable(path: Path, values: Iterable[tuple[int, Any]]) -> tuple[list[Row], int]:
    """Rows with texts by language, and how many rows repeat an id; null and empty texts are removed."""
    rows: dict[str, Row] = {}
    repeated = 0
    for number, value in values:
        if isinstance(value, BadLine):
            raise DataError(f"{path}, line {number}: {value}.", hint=value.hint)
        if not isinstance(value, Mapping) or not {"question", "passage"} <= value.keys():
            continue
        if not (isinstance(value["question"], Mapping) and isinstance(value["passage"], Mapping)):
            raise DataError(
                f"{path}, line {number}: it has questions in one language only.",
                hint="Parallel rows have `question` by language.",
            )
        name = str(number) if value.get("id") is None else str(value["id"])
        if name in rows:
            repeated += 1
            continue
        rows[name] = {"id": name, **{key: _texts(value.get(key)) for key in ("question", "passage", "answer")}}
    return [row for row in rows.values() if row["question"] and row["passage"]], repeated


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {language_code(code): text for code, text in value.items() if isinstance(text, str) and text.strip()}


def _sentence_texts(text: str, code: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text, code)]


def _answer_row(row: Row, code: str, texts: dict[str, list[str]]) -> int | None:
    answer = row["answer"].get(code)
    if answer:
        return next((place for place, text in enumerate(texts[code]) if answer in text), None)
    if code != "en" and "en" in texts and len(texts["en"]) == len(texts[code]):
        return _answer_row(row, "en", texts)
    return None
