"""Readers of benchmark layouts: which one a file or folder has, and what it says."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...engine.errors import DataError
from ...engine.passages import sentences
from ...engine.paths import assets_folder, data_folder
from .model import Benchmark, Candidate, Query

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
        return _some(read_demo(assets_folder() / "demo", languages), questions, seed)
    place = find(name, data)
    title = TITLES.get(str(name), place.name.removesuffix(".gz").removesuffix(".jsonl"))
    if place.is_file():
        return read_parallel(place, title, languages, questions, seed)
    if any(place.glob("*.json")):
        return _some(read_squad_folder(place, title, languages), questions, seed)
    if _is_collection(place):
        from .collection import read_collection

        return _some(read_collection(place, title, languages), questions, seed)
    raise DataError(
        f"{place} has no layout that is known here.",
        hint="Known: one SQuAD-like .json a language, topics/qrels/corpus (MIRACL, BEIR), or parallel .jsonl(.gz).",
    )


def _some(whole: Benchmark, questions: int | None, seed: int) -> Benchmark:
    """The benchmark with some of its questions, all their translations, and the whole pool."""
    ids = sorted({query.id for query in whole.queries})
    if questions is None or questions >= len(ids):
        return whole
    kept = set(random.Random(seed).sample(ids, questions))
    rows = [row for row, query in enumerate(whole.queries) if query.id in kept]
    return replace(
        whole,
        name=f"{whole.name} ({questions} of {len(ids)} questions)",
        queries=tuple(whole.queries[row] for row in rows),
        relevant=tuple(whole.relevant[row] for row in rows),
        grades=tuple(whole.grades[row] for row in rows) if whole.grades else (),
    )


def find(name: str | Path, data: str | Path | None) -> Path:
    """Where a named or given benchmark lies.

    Raises:
        DataError: nothing is there.
    """
    folder = Path(data) if data is not None else data_folder() / "benchmarks"
    for place in (folder / str(name), Path(os.path.expanduser(name))):  # noqa: PTH111 - raises for nothing
        if os.path.exists(place):  # noqa: PTH110 - nor does this for a name that is too long
            return place
    if data is not None and (folder.is_file() or any(folder.glob("*.json")) or _is_collection(folder)):
        return folder
    raise DataError(
        f"No benchmark {name} was found" + (f" in {data}." if data is not None else "."),
        hint="Give its folder with --data, or download it with --fetch.",
    )


def _is_collection(folder: Path) -> bool:
    from .collection import is_collection

    return folder.is_dir() and is_collection(folder)


def read_squad_folder(folder: Path, title: str, languages: Sequence[str]) -> Benchmark:
    """XQuAD-R, MLQA-R and any SQuAD-format set with one file a language, questions joined by id.

    Files are named by language: `de.json`, `xquad.de.json`, `dev-context-de-question-de.json`. A sentence is relevant
    if the first answer's start falls in its span (LAReQA, arXiv 2004.05484); where a file has no `sentences` and
    `sentence_breaks`, they are split here. A query without an answer in some pool language keeps those it has.

    Raises:
        DataError: a file is no SQuAD-format JSON or names no language, or a wanted language has no file.
    """
    files = _by_language(folder)
    if languages and set(languages) != set(files):
        title += f" ({', '.join(sorted(languages))})"
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
            try:
                texts, spans = _sentences(paragraph, code)
                first = len(pool)
                pool += [Candidate(f"{code}-{number}-{row}", code, text) for row, text in enumerate(texts)]
                for item in paragraph["qas"]:
                    asked.append((str(item["id"]), code, str(item["question"])))
                    row = _row_of(item, spans)
                    if row is None:
                        lost += 1
                    else:
                        answered[asked[-1][0]].append(first + row)
            except (KeyError, TypeError, ValueError, IndexError) as error:
                raise DataError(
                    f"{path}, paragraph {number + 1}: not as SQuAD has it ({type(error).__name__}: {error})."
                ) from error
    notes = (f"{lost} questions have no answer that lies in a sentence.",) if lost else ()
    return Benchmark(
        title,
        tuple(Query(*row) for row in asked),
        tuple(pool),
        tuple(tuple(answered[row[0]]) for row in asked),
        notes=notes,
    )


_NAMED = re.compile(r"context-([a-z]{2,3})-question-([a-z]{2,3})$|(?:^|[._-])([a-z]{2,3}(?:-tw)?)$")


def _by_language(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.json")):
        match = _NAMED.search(path.stem.lower())
        if match is None:
            raise DataError(f"{path}: its name does not tell its language.", hint="Name it LANG.json, such as de.json.")
        context, question, plain = match.groups()
        if plain or context == question:
            code = plain or context
            if code in found:
                raise DataError(f"{path} and {found[code].name} are both of {code}.", hint="Keep one of them.")
            found[code] = path
    return found


def _paragraphs(path: Path) -> Iterator[dict[str, Any]]:
    try:
        articles = json.loads(path.read_text("utf-8"))["data"]
        found = [paragraph for article in articles for paragraph in article["paragraphs"]]
        for paragraph in found:
            paragraph["context"], paragraph["qas"]
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise DataError(
            f"{path} is not SQuAD-format JSON ({type(error).__name__}: {error}).",
            hint="A truncated download looks like this: fetch it again.",
        ) from error
    yield from found


def _sentences(paragraph: dict[str, Any], code: str) -> tuple[list[str], list[tuple[int, int]]]:
    breaks = paragraph.get("sentence_breaks")
    spans = [(int(a), int(b)) for a, b in breaks] if breaks is not None else sentences(paragraph["context"], code)
    texts = paragraph.get("sentences") or [paragraph["context"][a:b] for a, b in spans]
    if len(texts) != len(spans):
        raise ValueError(f"{len(texts)} sentences but {len(spans)} breaks")
    return texts, spans


def _row_of(item: dict[str, Any], spans: Sequence[tuple[int, int]]) -> int | None:
    if not item.get("answers"):
        return None
    start = int(item["answers"][0]["answer_start"])
    # Ends are exclusive: in Chinese one sentence begins where the last one ends. Only a start that no sentence holds,
    # on the space between two, belongs to the one before it.
    holding = (row for row, (a, b) in enumerate(spans) if a <= start < b)
    return next(holding, next((row for row, (_, b) in enumerate(spans) if start == b), None))


def read_parallel(path: Path, title: str, languages: Sequence[str], questions: int | None, seed: int) -> Benchmark:
    """JSON lines with `question{lang}`, `passage{lang}` and `answer{lang}`: sentences of the passages are the pool.

    A sentence is relevant if it holds the answer. Where a language's answer is empty, the sentence at the English
    one's place is, provided the passage has as many sentences; otherwise the question is left out in all languages.
    Of one passage at most three questions are taken.
    """
    rows = [row for row in _json_lines(path) if {"question", "passage"} <= row.keys()]
    if not all(isinstance(row["question"], dict) and isinstance(row["passage"], dict) for row in rows):
        raise DataError(
            f"{path} has questions in one language only.", hint="Parallel rows have `question` by language."
        )
    known = sorted({code for row in rows for code in row["question"]})
    if not rows:
        raise DataError(
            f"{path} has no row with `question` and `passage`.",
            hint='For instance: {"id": "1", "question": {"en": "…"}, …}',
        )
    codes = list(languages) or known
    complete = [row for row in rows if all(code in row["question"] and code in row["passage"] for code in codes)]
    if not complete:
        raise DataError(f"{path} has no question in all of {', '.join(codes)}.", hint=f"It has {', '.join(known)}.")
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
    except (EOFError, OSError, UnicodeDecodeError, zlib.error) as error:
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
    missing = [code for code in languages if code not in codes]
    if missing:
        raise DataError(f"The demo is not in {', '.join(missing)}.", hint=f"It is in {', '.join(codes)}.")
    codes = [code for code in codes if not languages or code in languages]
    pool: list[Candidate] = []
    where: dict[tuple[str, str], tuple[int, str, list[tuple[int, int]]]] = {}
    for topic in sorted({row["topic"] for row in rows}):
        for code in codes:
            text = (folder / "passages" / code / f"{topic}.md").read_text("utf-8")
            title, _, body = text.partition("\n")
            spans = sentences(body, code)
            where[topic, code] = (len(pool), body, spans)
            pool += [
                Candidate(f"{topic}-{code}-{row}", code, body[a:b], title.lstrip("# "))
                for row, (a, b) in enumerate(spans)
            ]
    queries: list[Query] = []
    relevant: list[tuple[int, ...]] = []
    for row in rows:
        places = []
        for code in codes:
            first, body, spans = where[row["topic"], code]
            start = body.find(row["answer"][code].strip())
            place = next((number for number, (a, b) in enumerate(spans) if a <= start < b), None)
            if place is not None:
                places.append(first + place)
        queries += [Query(row["id"], code, row["question"][code]) for code in codes]
        relevant += [tuple(places)] * len(codes)
    return Benchmark("demo questions", tuple(queries), tuple(pool), tuple(relevant))
