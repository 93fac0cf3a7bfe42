"""Benchmarks in collection layouts: MIRACL's (topics, qrels, corpus) and BEIR's (queries, qrels, corpus), gz or not."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..engine.errors import DataError
from .benchmarks import Benchmark, Candidate, Query


def is_collection(folder: Path) -> bool:
    """Whether a folder has a corpus and judgements, itself or in one sub-folder a language."""
    return _holds(folder) or any(_holds(part) for part in folder.iterdir() if part.is_dir())


def _holds(folder: Path) -> bool:
    return bool(_files(folder, "corpus", ".jsonl") or _files(folder, "docs", ".jsonl")) and bool(
        _files(folder, "qrels", ".tsv") or _files(folder, "qrels", ".txt")
    )


def _files(folder: Path, word: str, suffix: str) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name.removesuffix(".gz").endswith(suffix) and word in str(path.relative_to(folder))
    )


def read_collection(folder: Path, title: str, languages: Sequence[str]) -> Benchmark:
    """Read every language of a collection; without sub-folders the language is the folder's name or `und`.

    Ids are made distinct by language. Judgements of grade 0 are not relevant; a judged passage that is not in the
    corpus is counted in the notes.

    Raises:
        DataError: a file is missing or broken, or a wanted language has no folder.
    """
    parts = {folder.name if len(folder.name) == 2 else "und": folder} if _holds(folder) else {}
    if not parts:
        parts = {part.name: part for part in sorted(folder.iterdir()) if part.is_dir() and _holds(part)}
    missing = [code for code in languages if code not in parts]
    if missing:
        raise DataError(f"{folder} has no data for {', '.join(missing)}.", hint=f"It has {', '.join(parts)}.")
    queries: list[Query] = []
    pool: list[Candidate] = []
    relevant: list[tuple[int, ...]] = []
    grades: list[tuple[int, ...]] = []
    lost = 0
    for code, part in parts.items():
        if languages and code not in languages:
            continue
        judged = _judgements(part)
        row_of: dict[str, int] = {}
        for corpus in _files(part, "corpus", ".jsonl") or _files(part, "docs", ".jsonl"):
            for item in _rows(corpus):
                row_of[item["id"]] = len(pool)
                pool.append(Candidate(f"{code}:{item['id']}", code, item["text"], item["title"]))
        for query, text in _topics(part):
            if query not in judged:
                continue
            rows = {row_of[name]: grade for name, grade in judged[query].items() if grade > 0 and name in row_of}
            lost += sum(grade > 0 and name not in row_of for name, grade in judged[query].items())
            queries.append(Query(f"{code}:{query}", code, text))
            relevant.append(tuple(rows))
            grades.append(tuple(rows.values()))
    notes = (f"{lost} relevant passages are not in the corpus.",) if lost else ()
    return Benchmark(title, tuple(queries), tuple(pool), tuple(relevant), tuple(grades), notes)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line.rstrip("\n")
    except (EOFError, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read to its end ({error}).", hint="Fetch or copy it again.") from error


def _rows(path: Path) -> Iterator[dict[str, str]]:
    for number, line in _lines(path):
        try:
            item = json.loads(line)
            name = item["docid"] if "docid" in item else item["_id"]
            yield {"id": str(name), "title": item.get("title") or "", "text": item["text"]}
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}, line {number}: no passage with docid or _id and text ({error}).") from error


def _topics(folder: Path) -> Iterator[tuple[str, str]]:
    tables = _files(folder, "topics", ".tsv")
    for path in tables:
        for number, line in _lines(path):
            name, tab, text = line.partition("\t")
            if not tab:
                raise DataError(f"{path}, line {number}: a topic is an id, a tab and a question.")
            yield name, text
    if tables:
        return
    sources = _files(folder, "queries", ".jsonl")
    if not sources:
        raise DataError(f"{folder} has neither topics (.tsv) nor queries (.jsonl).")
    for path in sources:
        for item in _rows(path):
            yield item["id"], item["text"]


def _judgements(folder: Path) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for path in _files(folder, "qrels", ".tsv") or _files(folder, "qrels", ".txt"):
        for number, line in _lines(path):
            fields = line.split()
            if fields[0] == "query-id":
                continue
            try:
                query, name, grade = (fields[0], fields[2], fields[3]) if len(fields) == 4 else tuple(fields)
                judged[query][name] = int(float(grade))
            except ValueError as error:
                raise DataError(f"{path}, line {number}: a judgement is query, passage and grade.") from error
    if not judged:
        raise DataError(f"{folder} has no judgements.")
    return judged
