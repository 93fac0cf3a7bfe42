"""Public formats of training data, each read row by row into examples; a broken row is reported, not fatal."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from ...engine.errors import DataError
from .pairs import Example, digest, language_code

Row = Mapping[str, Any]
Report = Callable[[str], None]


class BrokenRow(Exception):
    """A row that cannot be an example, with the reason."""


def read(path: str, report: Report, *, language: str = "") -> Iterator[Example]:
    """Examples of a data set.

    Args:
        path: a file (`.jsonl`, `.json`, `.tsv`, `.csv`, `.tmx`, each also with `.gz`), a folder of such files, several
            of them joined by commas, or `hf:ID[:CONFIG[:SPLIT]]` for a Hugging Face data set.
        report: gets `file:line: reason` for each row that is skipped; what it raises ends the reading.
        language: the language of rows that name none.

    Raises:
        DataError: a file that does not exist or whose format is not known.
    """
    if path.startswith("hf:"):
        yield from _hugging_face(path.removeprefix("hf:"), report, language)
        return
    files = _files(path)
    by_format: dict[str, list[Path]] = {}
    for file in files:
        by_format.setdefault(_format(file), []).append(file)
    for name, members in by_format.items():
        if name == "squad":
            yield from _squad(members, report)
            continue
        for file in members:
            yield from _READERS[name](file, report, language)


def _files(path: str) -> list[Path]:
    """The files that a path names, in a fixed order."""
    files: list[Path] = []
    for part in filter(None, (piece.strip() for piece in path.split(","))):
        found = Path(os.path.expanduser(part))  # noqa: PTH111 - a name that is too long, or closed, raises nothing
        if os.path.isdir(found):  # noqa: PTH112
            files += sorted(file for file in found.iterdir() if file.is_file() and _suffix(file) in _SUFFIXES)
        elif os.path.isfile(found):  # noqa: PTH113
            files.append(found)
        else:
            raise DataError(f"There is no training data at {part}.", hint="Give a file, a folder, or hf:ID.")
    if not files:
        raise DataError(f"{path} holds no file of a known format.", hint=f"Known are {', '.join(sorted(_SUFFIXES))}.")
    return files


def _suffix(file: Path) -> str:
    return Path(file.name.removesuffix(".gz")).suffix.lower()


def _format(file: Path) -> str:
    """The reader for a file, by its name and, for JSON, by its first character."""
    suffix = _suffix(file)
    if suffix not in _SUFFIXES:
        raise DataError(f"The format of {file} is not known.", hint=f"Known are {', '.join(sorted(_SUFFIXES))}.")
    return _SUFFIXES[suffix]


def _open(file: Path) -> IO[str]:
    if file.name.endswith(".gz"):
        return gzip.open(file, "rt", encoding="utf-8", newline="")
    return file.open(encoding="utf-8", newline="")


def _jsonl(file: Path, report: Report, language: str) -> Iterator[Example]:
    """JSON lines in one of the layouts of `example_of`."""
    try:
        with gzip.open(file, "rb") if file.name.endswith(".gz") else file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    yield example_of(json.loads(line), f"{file.name}:{number}", language)
                except UnicodeDecodeError as error:
                    report(f"{file}:{number}: not UTF-8 ({error.reason})")
                except json.JSONDecodeError as error:
                    report(f"{file}:{number}: not JSON ({error.msg} at column {error.colno})")
                except BrokenRow as error:
                    report(f"{file}:{number}: {error}")
    except (OSError, EOFError) as error:
        raise DataError(f"{file} cannot be read to its end: {error}.") from error


def _tsv(file: Path, report: Report, language: str) -> Iterator[Example]:
    """Tables: columns named by language are bitext; `question`/`query` and `passage`/`positive` are pairs.

    A file without such a header has two columns, a question and its passage.
    """
    with _open(file) as lines:
        rows = csv.reader(lines, delimiter="\t" if _suffix(file) == ".tsv" else ",", strict=False)
        header: list[str] | None = None
        for number, cells in enumerate(rows, start=1):
            if number == 1:
                names = [cell.strip().lower() for cell in cells]
                pair = {"question", "query", "anchor"} & set(names)
                codes = all(re.fullmatch(r"[a-z]{2,3}([-_][a-z]{2,8})?", name) for name in names)
                if pair or (codes and len(names) > 1):
                    header = names
                    continue
            if not any(cell.strip() for cell in cells):
                continue
            where = f"{file.name}:{number}"
            try:
                if header is None:
                    if len(cells) < 2:
                        raise BrokenRow("fewer than two columns")
                    yield example_of({"question": cells[0], "passage": cells[1]}, where, language)
                    continue
                if len(cells) != len(header):
                    raise BrokenRow(f"{len(cells)} columns where the header has {len(header)}")
                row = dict(zip(header, cells, strict=True))
                pairs = {"question", "query", "anchor"} & set(header)
                yield example_of(row if pairs else {"text": row}, where, language)
            except BrokenRow as error:
                report(f"{file}:{number}: {error}")


def _tmx(file: Path, report: Report, language: str) -> Iterator[Example]:
    """Translation memories: one unit is one sentence in several languages."""
    import xml.etree.ElementTree as ElementTree

    number = 0
    try:
        with gzip.open(file, "rb") if file.name.endswith(".gz") else file.open("rb") as content:
            for _, unit in ElementTree.iterparse(content):
                if unit.tag.rpartition("}")[2] != "tu":
                    continue
                number += 1
                texts = {}
                for variant in unit.iter("tuv"):
                    code = variant.get("{http://www.w3.org/XML/1998/namespace}lang") or variant.get("lang") or ""
                    segment = variant.find("seg")
                    texts[code] = "".join(segment.itertext()) if segment is not None else ""
                try:
                    yield example_of({"id": unit.get("tuid"), "text": texts}, f"{file.name}:{number}", language)
                except BrokenRow as error:
                    report(f"{file}: unit {number}: {error}")
                unit.clear()
    except ElementTree.ParseError as error:
        report(f"{file}: after unit {number}: not XML ({error})")


def _squad(files: list[Path], report: Report) -> Iterator[Example]:
    """SQuAD files in several languages, joined by the questions' ids; the language is read from the file's name."""
    questions: dict[str, dict[str, str]] = {}
    passages: dict[str, dict[str, str]] = {}
    answers: dict[str, dict[str, str]] = {}
    titles: dict[str, str] = {}
    for file in files:
        asked, read_in = _squad_languages(file)
        try:
            with _open(file) as content:
                articles = json.load(content)["data"]
        except (OSError, json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise DataError(f"{file} is not in the format of SQuAD: {error!r}.") from error
        asked_about = (
            (article, paragraph, question)
            for article in articles
            for paragraph in article.get("paragraphs", ())
            for question in paragraph.get("qas", ())
        )
        for position, (of_article, paragraph, question) in enumerate(asked_about):
            try:
                key = str(question["id"])
                questions.setdefault(key, {})[asked] = question["question"]
                passages.setdefault(key, {})[read_in] = paragraph["context"]
                if question.get("answers"):
                    answers.setdefault(key, {})[read_in] = question["answers"][0]["text"]
                titles.setdefault(key, of_article.get("title", ""))
            except (KeyError, TypeError, IndexError) as error:
                report(f"{file}: question {position + 1}: {error!r} is missing")
    for key, question_texts in questions.items():
        row = {"id": key, "title": titles.get(key, ""), "question": question_texts, "passage": passages.get(key, {})}
        try:
            yield example_of({**row, "answer": answers.get(key, {})}, files[0].parent.name or "squad", "")
        except BrokenRow as error:
            report(f"{files[0].parent}: id {key}: {error}")


def _squad_languages(file: Path) -> tuple[str, str]:
    """Languages of questions and contexts from names such as `xquad.de.json` or `dev-context-ar-question-de.json`."""
    both = re.search(r"context-([a-z]{2,3})-question-([a-z]{2,3})", file.name)
    if both:
        return both.group(2), both.group(1)
    named = re.findall(r"(?:^|[._-])([a-z]{2}(?:-[a-z]{2,4})?)(?=[._-]|$)", file.name.split(".json")[0])
    if not named:
        raise DataError(f"The name of {file.name} does not say its language.", hint="Call it for instance de.json.")
    return language_code(named[-1]), language_code(named[-1])


def _hugging_face(name: str, report: Report, language: str) -> Iterator[Example]:
    """A data set of the hub, streamed."""
    import importlib

    identity, _, rest = name.partition(":")
    configuration, _, split = rest.partition(":")
    datasets = importlib.import_module("datasets")
    try:
        rows = datasets.load_dataset(identity, configuration or None, split=split or "train", streaming=True)
        for number, row in enumerate(rows, start=1):
            try:
                yield example_of(row, f"{identity}:{number}", language or language_code(configuration or ""))
            except BrokenRow as error:
                report(f"{identity}: row {number}: {error}")
    except DataError:
        raise
    except Exception as error:
        raise DataError(
            f"The data set {identity} cannot be loaded: {error}.",
            hint="The hub has to be reachable, and the data set must not need code of its own.",
        ) from error


def example_of(row: Any, where: str, language: str = "") -> Example:
    """One example from a row in any of the known layouts.

    Known are `question{lang}`/`passage{lang}` (also `query`, `positive`, `document`, `context`), one string each with
    `language`, bitext as `text{lang}` or `translation{lang}`, and lists of `positive_passages` with `text`.

    Args:
        row: the parsed row.
        where: stands in for a missing id.
        language: of rows that name none.

    Raises:
        BrokenRow: what is missing or of the wrong type.
    """
    if not isinstance(row, Mapping):
        raise BrokenRow("a row has to be an object")
    identity = str(row.get("id") or row.get("query_id") or where)
    source = str(row.get("source") or where.rpartition(":")[0] or "data")
    bitext = row.get("text", row.get("translation"))
    if isinstance(bitext, Mapping):
        texts = _texts(bitext, "text", "")
        document = str(row.get("document") or "")
        return Example(identity, source, "", texts, texts, document=document, bitext=True)
    own = language_code(str(row.get("language") or row.get("lang") or language or ""))
    question = _texts(_first(row, "question", "query", "anchor", "title_question"), "question", own)
    passage = _texts(_passage(row), "passage", own)
    answer = _first(row, "answer")
    negative = _first(row, "negative")
    if isinstance(negative, list):
        negative = negative[0] if negative else None
    listed = row.get("negative_passages")
    if negative is None and isinstance(listed, list) and listed:
        negative = _listed(listed[0])
    return Example(
        identity,
        source,
        "",
        question,
        passage,
        answer=_texts(answer, "answer", own, required=False) if answer else {},
        title=str(row.get("title") or ""),
        document=str(row.get("document_id") or ""),
        negative=_texts(negative, "negative", own, required=False) if negative else {},
    )


def _first(row: Row, *names: str) -> Any:
    """The first of several fields that is there."""
    return next((row[name] for name in names if row.get(name)), None)


def _passage(row: Row) -> Any:
    listed = row.get("positive_passages")
    if isinstance(listed, list) and listed:
        return _listed(listed[0])
    return _first(row, "passage", "positive", "document", "context", "answer_passage")


def _listed(item: Any) -> str:
    """The text of a listed passage, after its title."""
    if isinstance(item, str):
        return item
    if not isinstance(item, Mapping):
        raise BrokenRow("a listed passage has to be a text or an object")
    return "\n".join(str(item[name]) for name in ("title", "text") if item.get(name))


def _texts(value: Any, name: str, language: str, *, required: bool = True) -> dict[str, str]:
    """Texts by language; empty ones are left out."""
    if isinstance(value, list) and value and isinstance(value[0], str):
        value = value[0]
    if isinstance(value, str):
        if not language:
            raise BrokenRow(f"{name} is one text and no language is named")
        value = {language: value}
    if not isinstance(value, Mapping):
        if not required:
            return {}
        raise BrokenRow(f"no {name}" if value is None else f"{name} is neither text nor text by language")
    texts: dict[str, str] = {}
    for code, text in value.items():
        if not isinstance(text, str):
            raise BrokenRow(f"{name} in {code!r} is not text")
        if text.strip():
            texts[language_code(str(code))] = text.strip()
    if required and not texts:
        raise BrokenRow(f"{name} is empty")
    return texts


def content_key(path: str) -> str:
    """What tells whether data at a path is still the same: names, sizes and times of files, or the hub's name."""
    if path.startswith("hf:"):
        return f"{digest(path):016x}"
    parts = []
    for file in _files(path):
        known = file.stat()
        parts.append(f"{file.resolve()}:{known.st_size}:{known.st_mtime_ns}")
    return f"{digest(chr(10).join(parts)):016x}"


_READERS: dict[str, Callable[[Path, Report, str], Iterator[Example]]] = {"jsonl": _jsonl, "tsv": _tsv, "tmx": _tmx}
_SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "squad",
    ".tsv": "tsv",
    ".csv": "tsv",
    ".tmx": "tmx",
}
