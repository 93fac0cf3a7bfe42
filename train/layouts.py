"""Readers of benchmark layouts: which one a file or folder has, and what it says."""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..engine.errors import DataError
from ..engine.paths import assets_folder
from ..engine.sentences import sentences
from .benchmarks import Benchmark, Candidate, Query

TITLES = {"xquad-r": "XQuAD-R", "mlqa-r": "MLQA-R", "miracl": "MIRACL", "demo": "demo questions"}


def read(
    name: str | Path,
    data: str | Path | None,
    *,
    languages: Sequence[str] = (),
    questions: int | None = None,
    seed: int = 0,
) -> Benchmark:
    """The benchmark at a place, whatever its layout; see `benchmarks.load`."""
    if str(name) == "demo":
        return read_demo(assets_folder() / "demo", languages)
    place = find(name, data)
    title = TITLES.get(str(name), place.name.removesuffix(".gz").removesuffix(".jsonl"))
    if place.is_file():
        return read_parallel(place, title, languages, questions, seed)
    if list(place.glob("*.json")):
        return read_squad_folder(place, title, languages)
    from .collection import is_collection, read_collection

    if is_collection(place):
        return read_collection(place, title, languages)
    raise DataError(
        f"{place} has no layout that is known here.",
        hint="Known: one SQuAD-like .json a language, topics/qrels/corpus (MIRACL, BEIR), or parallel .jsonl(.gz).",
    )


def find(name: str | Path, data: str | Path | None) -> Path:
    """Where a named or given benchmark lies.

    Raises:
        DataError: nothing is there.
    """
    candidates = [Path(data) / str(name), Path(data)] if data is not None else []
    for place in [*candidates, Path(name)]:
        if place.exists():
            return place
    raise DataError(
        f"No benchmark {name} was found" + (f" in {data}." if data is not None else "."),
        hint="Give its folder with --data, or download it with --fetch.",
    )


def read_squad_folder(folder: Path, title: str, languages: Sequence[str]) -> Benchmark:
    """XQuAD-R, MLQA-R and any SQuAD-format set with one file a language, `LANG.json`, questions joined by id.

    A sentence is relevant if the first answer's start falls in its span (LAReQA, arXiv 2004.05484); where a file has
    no `sentences`, they are split here. A query without an answer in some pool language keeps those it has.

    Raises:
        DataError: a file is no SQuAD-format JSON, or a wanted language has no file.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.json"))}
    missing = [code for code in languages if code not in files]
    if missing:
        raise DataError(f"{folder} has no file for {', '.join(missing)}.", hint=f"It has {', '.join(files)}.")
    pool: list[Candidate] = []
    asked: list[tuple[str, str, str]] = []
    answered: dict[str, list[int]] = defaultdict(list)
    lost = 0
    for code, path in files.items():
        if languages and code not in languages:
            continue
        for number, paragraph in enumerate(_paragraphs(path)):
            spans = _spans(paragraph, code)
            texts = paragraph.get("sentences") or [paragraph["context"][a:b] for a, b in spans]
            first = len(pool)
            pool += [Candidate(f"{code}-{number}-{row}", code, text) for row, text in enumerate(texts)]
            for item in paragraph["qas"]:
                asked.append((item["id"], code, item["question"]))
                row = _row_of(item, spans)
                if row is None:
                    lost += 1
                else:
                    answered[item["id"]].append(first + row)
    notes = (f"{lost} answers lie in no sentence.",) if lost else ()
    return Benchmark(
        title,
        tuple(Query(*row) for row in asked),
        tuple(pool),
        tuple(tuple(answered[row[0]]) for row in asked),
        notes=notes,
    )


def _paragraphs(path: Path) -> Iterator[dict[str, Any]]:
    try:
        articles = json.loads(path.read_text("utf-8"))["data"]
        for article in articles:
            for paragraph in article["paragraphs"]:
                paragraph["context"], paragraph["qas"]
                yield paragraph
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise DataError(
            f"{path} is not SQuAD-format JSON ({type(error).__name__}: {error}).",
            hint="A truncated download looks like this: fetch it again.",
        ) from error


def _spans(paragraph: dict[str, Any], code: str) -> list[tuple[int, int]]:
    breaks = paragraph.get("sentence_breaks")
    if breaks is None:
        return sentences(paragraph["context"], code)
    return [(int(a), int(b)) for a, b in breaks]


def _row_of(item: dict[str, Any], spans: Sequence[tuple[int, int]]) -> int | None:
    if not item.get("answers"):
        return None
    start = item["answers"][0]["answer_start"]
    return next((row for row, (a, b) in enumerate(spans) if a <= start <= b), None)


def read_parallel(path: Path, title: str, languages: Sequence[str], questions: int | None, seed: int) -> Benchmark:
    """JSON lines with `question{lang}`, `passage{lang}` and `answer{lang}`: sentences of the passages are the pool.

    A sentence is relevant if it holds the answer. Where a language's answer is empty, the sentence at the English
    one's place is, provided the passage has as many sentences; otherwise the question is left out in all languages.
    Of one passage at most three questions are taken.
    """
    rows = [row for row in _json_lines(path) if {"question", "passage"} <= row.keys()]
    codes = list(languages) or sorted({code for row in rows for code in row["question"]})
    complete = [row for row in rows if all(code in row["question"] and code in row["passage"] for code in codes)]
    if not complete:
        raise DataError(f"{path} has no question in all of {', '.join(codes)}.")
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
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
            queries += [Query(str(row["id"]), code, row["question"][code]) for code in codes]
            relevant += [places] * len(codes)
    notes = (f"{left} questions were left out: their answer could not be placed in every language.",) if left else ()
    return Benchmark(title, tuple(queries), tuple(pool), tuple(relevant), notes=notes)


def _sentence_texts(text: str, code: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text, code)]


def _answer_row(row: dict[str, Any], code: str, texts: dict[str, list[str]]) -> int | None:
    answer = row.get("answer", {}).get(code)
    if answer:
        return next((place for place, text in enumerate(texts[code]) if answer in text), None)
    if code != "en" and "en" in texts and len(texts["en"]) == len(texts[code]):
        return _answer_row(row, "en", texts)
    return None


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise DataError(f"{path}, line {number}: not JSON ({error}).") from error
                if isinstance(row, dict):
                    yield row
    except (EOFError, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read to its end ({error}).", hint="Fetch or copy it again.") from error


def read_demo(folder: Path, languages: Sequence[str]) -> Benchmark:
    """The project's own demo questions; the pool is the sentences of the demo's files, as in XQuAD-R.

    Raises:
        DataError: the demo did not ship with this installation.
    """
    rows = [row for path in sorted(folder.glob("questions*.jsonl")) for row in _json_lines(path)]
    if not rows:
        raise DataError(f"{folder} holds no demo questions.")
    codes = sorted(path.name for path in (folder / "passages").iterdir() if path.is_dir())
    codes = [code for code in codes if not languages or code in languages]
    pool: list[Candidate] = []
    where: dict[tuple[str, str], tuple[int, list[str]]] = {}
    for topic in sorted({row["topic"] for row in rows}):
        for code in codes:
            text = (folder / "passages" / code / f"{topic}.md").read_text("utf-8")
            title, _, body = text.partition("\n")
            texts = _sentence_texts(body, code)
            where[topic, code] = (len(pool), texts)
            pool += [
                Candidate(f"{topic}-{code}-{row}", code, text, title.lstrip("# ")) for row, text in enumerate(texts)
            ]
    queries: list[Query] = []
    relevant: list[tuple[int, ...]] = []
    for row in rows:
        places = []
        for code in codes:
            first, texts = where[row["topic"], code]
            answer = row["answer"][code].strip()
            best = next((n for n, text in enumerate(texts) if answer in text or text in answer), None)
            if best is not None:
                places.append(first + best)
        queries += [Query(row["id"], code, row["question"][code]) for code in codes]
        relevant += [tuple(places)] * len(codes)
    return Benchmark("demo questions", tuple(queries), tuple(pool), tuple(relevant))
