"""Benchmarks in collection layouts: MIRACL's (topics, qrels, corpus) and BEIR's (queries, qrels, corpus), gz or not."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...engine.errors import DataError
from .model import Benchmark, Candidate, Query

# Of a set with several splits the first of these is read: MIRACL's tests have no judgements, BEIR's are its standard.
SPLITS_OF_TOPICS = ("dev", "test")
SPLITS_OF_QUERIES = ("test", "dev")
_CODE = re.compile(r"(?:^|[-_.])([a-z]{2,3}(?:-tw)?)$")
Folders = tuple[Path, ...]


def is_collection(folder: Path) -> bool:
    """Whether a folder has a corpus and judgements, itself or in sub-folders that are named by language."""
    return bool(_parts(folder))


def _parts(folder: Path) -> dict[str, Folders]:
    """By language the folders with its files: `sw`, or `miracl-v1.0-sw` beside `miracl-corpus-v1.0-sw`."""
    grouped: dict[str, list[Path]] = defaultdict(list)
    for part in sorted(folder.iterdir()):
        match = _CODE.search(part.name)
        if part.is_dir() and match:
            grouped[match[1]].append(part)
    found = {code: tuple(parts) for code, parts in grouped.items() if _holds(tuple(parts))}
    if not found and _holds((folder,)):
        match = _CODE.search(folder.name)
        found = {match[1] if match and len(match[1]) == 2 else "und": (folder,)}
    return found


def _holds(folders: Folders) -> bool:
    return bool(_corpus(folders)) and bool(_qrels(folders))


def _corpus(folders: Folders) -> list[Path]:
    return _files(folders, "corpus", (".jsonl",)) or _files(folders, "docs", (".jsonl",))


def _qrels(folders: Folders) -> list[Path]:
    order = SPLITS_OF_TOPICS if _files(folders, "topics", (".tsv",)) else SPLITS_OF_QUERIES
    return _split(_files(folders, "qrels", (".tsv", ".txt")), order)


def _split(files: list[Path], order: Sequence[str]) -> list[Path]:
    """Files of the first split that there is; all where no name tells one."""
    for split in order:
        chosen = [path for path in files if re.search(rf"(?:^|[-_.]){split}(?:[-_.]|$)", path.name)]
        if chosen:
            return chosen
    return files


def _files(folders: Folders, word: str, suffixes: tuple[str, ...]) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.name.removesuffix(".gz").endswith(suffixes) and word in str(path.relative_to(folder))
    )


def read_collection(folder: Path, title: str, languages: Sequence[str]) -> Benchmark:
    """Read every language of a collection; without folders that name one the language is `und`.

    Ids are made distinct by language. Judgements of grade 0 are not relevant; a judged passage that is not in the
    corpus is counted in the notes. Questions without judgements are left out.

    Raises:
        DataError: a file is missing or broken, or a wanted language has no folder.
    """
    parts = _parts(folder)
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
        for corpus in _corpus(part):
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
    except (EOFError, OSError, UnicodeDecodeError, zlib.error) as error:
        raise DataError(f"{path} cannot be read to its end ({error}).", hint="Fetch or copy it again.") from error


def _rows(path: Path) -> Iterator[dict[str, str]]:
    for number, line in _lines(path):
        try:
            item = json.loads(line)
            name = item["docid"] if "docid" in item else item["_id"]
            yield {"id": str(name), "title": item.get("title") or "", "text": item["text"]}
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}, line {number}: no passage with docid or _id and text ({error}).") from error


def _topics(folders: Folders) -> Iterator[tuple[str, str]]:
    tables = _split(_files(folders, "topics", (".tsv",)), SPLITS_OF_TOPICS)
    for path in tables:
        for number, line in _lines(path):
            name, tab, text = line.partition("\t")
            if not tab:
                raise DataError(f"{path}, line {number}: a topic is an id, a tab and a question.")
            yield name, text
    if tables:
        return
    sources = _files(folders, "queries", (".jsonl",))
    if not sources:
        raise DataError(f"{folders[0]} has neither topics (.tsv) nor queries (.jsonl).")
    for path in sources:
        for item in _rows(path):
            yield item["id"], item["text"]


def _judgements(folders: Folders) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for path in _qrels(folders):
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
        raise DataError(f"{folders[0]} has no judgements.")
    return judged
