"""Reads public formats of training data row by row into examples; a broken row is reported, not fatal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ....engine.errors import DataError, reason
from ....engine.json_lines import DAMAGE, BadLine, json_document, json_lines, opened, unpacked_name
from ....engine.paths import typed
from ..pairs import Example, digest, language_code
from . import squad
from .file_names import languages_of
from .rows import BrokenRow, example_of
from .tables import read_table

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Report = Callable[[str], None]

# Elements of a translation memory's segments that hold codes, not words.
_CODES_OF_PROGRAMS = frozenset(("bpt", "ept", "ph", "it", "ut"))


def read(path: str, report: Report, *, language: str = "") -> Iterator[Example]:
    """Examples of a data set.

    Args:
        path: a file (`.jsonl`, `.json`, `.tsv`, `.csv`, `.tmx`, each also packed: `.gz`, `.bz2`, `.xz`), a folder of
            such files, several of them joined by commas, or `hf:ID[:CONFIG[:SPLIT]]` for a Hugging Face data set.
        report: called with `file:line: reason` for each row that is skipped; may raise to end the reading.
        language: the language of rows that name none.

    Raises:
        DataError: a file does not exist, is damaged, or has an unknown format.
    """
    if path.startswith("hf:"):
        yield from _hugging_face(path.removeprefix("hf:"), report, language)
        return
    by_format: dict[str, list[Path]] = {}
    for file in _files(path):
        by_format.setdefault(_format(file), []).append(file)
    for name, members in by_format.items():
        if name == "squad":
            yield from _json(members, report, language)
            continue
        for file in members:
            yield from _READERS[name](file, report, language)


def _files(path: str) -> list[Path]:
    """The files that a path names, in a fixed order."""
    files: list[Path] = []
    whole = path.strip() and _place(path)
    for part in [path] if whole else filter(None, (piece.strip() for piece in path.split(","))):
        found = _place(part)
        if found is None:
            raise DataError(f"There are no data at {part}.", hint="Give a file, a folder, or hf:ID.")
        if found.is_file():
            files.append(found)
            continue
        try:
            files += sorted(file for file in found.iterdir() if file.is_file() and _suffix(file) in _SUFFIXES)
        except OSError as error:
            raise DataError(f"{part} cannot be read ({reason(error)}).", hint="Check that you may read it.") from error
    if not files:
        raise DataError(f"{path} holds no file of a known format.", hint=f"Known are {', '.join(sorted(_SUFFIXES))}.")
    return files


def _place(part: str) -> Path | None:
    """The file or folder with a name; None if there is none or the name is invalid."""
    try:
        found = typed(part)
        return found if found.is_file() or found.is_dir() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _suffix(file: Path) -> str:
    return Path(unpacked_name(file)).suffix.lower()


def _format(file: Path) -> str:
    """The name of a file's reader, by its suffix."""
    suffix = _suffix(file)
    if suffix not in _SUFFIXES:
        raise DataError(f"The format of {file} is not known.", hint=f"Known are {', '.join(sorted(_SUFFIXES))}.")
    return _SUFFIXES[suffix]


def _jsonl(file: Path, report: Report, language: str) -> Iterator[Example]:
    """JSON lines in one of the layouts of `example_of`."""
    for number, row in json_lines(file):
        try:
            if isinstance(row, BadLine):
                raise BrokenRow(str(row))
            yield example_of(row, f"{file.name}:{number}", language)
        except BrokenRow as error:
            report(f"{file}:{number}: {error}")


def _tsv(file: Path, report: Report, language: str) -> Iterator[Example]:
    return read_table(file, report, language, commas=False)


def _csv(file: Path, report: Report, language: str) -> Iterator[Example]:
    return read_table(file, report, language, commas=True)


def _tmx(file: Path, report: Report, language: str) -> Iterator[Example]:
    """Translation memories: a unit is one sentence in several languages."""
    import xml.etree.ElementTree as ElementTree

    number = 0
    try:
        with opened(file) as content:
            for _, unit in ElementTree.iterparse(content):
                if _local(unit) != "tu":
                    continue
                number += 1
                texts = {}
                for variant in (each for each in unit if _local(each) == "tuv"):
                    code = variant.get("{http://www.w3.org/XML/1998/namespace}lang") or variant.get("lang") or ""
                    segment = next((each for each in variant if _local(each) == "seg"), None)
                    texts[code] = _words(segment) if segment is not None else ""
                try:
                    yield example_of({"id": unit.get("tuid"), "text": texts}, f"{file.name}:{number}", language)
                except BrokenRow as error:
                    report(f"{file}: unit {number}: {error}")
                unit.clear()
    except DAMAGE as error:
        raise DataError(
            f"{file} cannot be read to its end: after unit {number}, {error}.", hint="Fetch or copy it again."
        ) from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        report(f"{file}: after unit {number}: not XML ({error})")


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _words(segment: Element) -> str:
    """The text of a segment without the codes of the program that it was translated for: tags, placeholders."""
    pieces = [segment.text or ""]
    for inner in segment:
        pieces += ("" if _local(inner) in _CODES_OF_PROGRAMS else _words(inner), inner.tail or "")
    return "".join(pieces)


def _json(files: list[Path], report: Report, language: str) -> Iterator[Example]:
    """JSON files: questions in SQuAD's layouts are joined by id over all files; other rows are read one by one."""
    joined = _Joined(files[0].parent.name or "squad")
    for file in files:
        value = json_document(file)
        if squad.is_squad(value):
            joined.add(file, value, language, report)
        elif isinstance(value, list) and value:
            yield from _json_rows(file, value, report, language)
        elif len(files) > 1 and not any(languages_of(file)):
            report(f"{file}: no training data ({squad.why_not(value)}); it was left out")
        else:
            raise DataError(
                f"{file} is not in the format of SQuAD ({squad.why_not(value)}).",
                hint="A truncated download looks like this: fetch it again, or take the file out of the folder.",
            )
    yield from joined.examples(report)


def _json_rows(file: Path, values: list[object], report: Report, language: str) -> Iterator[Example]:
    for number, row in enumerate(values, 1):
        try:
            yield example_of(row, f"{file.name}:{number}", language)
        except BrokenRow as error:
            report(f"{file}: row {number}: {error}")


class _Joined:
    """Joins SQuAD files in several languages by the questions' ids; a file's name gives its language."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rows: dict[str, dict[str, dict[str, str]]] = {}
        self._titles: dict[str, str] = {}

    def add(self, file: Path, value: object, language: str, report: Report) -> None:
        asked_in, read_in = languages_of(file)
        asked_in, read_in = asked_in or language, read_in or language
        if not asked_in:
            raise DataError(
                f"The name of {file.name} contains no language.",
                hint="Name it like de.json, or give the source a language.",
            )
        for where, raw in squad.paragraphs(value):
            try:
                paragraph = squad.parsed(where, raw)
            except squad.NotSquad as error:
                report(f"{file}: {where}: {error}")
                continue
            for position, row in enumerate(paragraph.rows, 1):
                try:
                    question = squad.asked(row, paragraph.context)
                except squad.NotSquad as error:
                    report(f"{file}: {where}, question {position}: {error}")
                    continue
                texts = self._rows.setdefault(question.id, {"question": {}, "passage": {}, "answer": {}})
                texts["question"][asked_in] = question.text
                texts["passage"][read_in] = paragraph.context
                if question.answer:
                    texts["answer"][read_in] = question.answer
                self._titles.setdefault(question.id, paragraph.title)

    def examples(self, report: Report) -> Iterator[Example]:
        for key, texts in self._rows.items():
            try:
                yield example_of({"id": key, "title": self._titles[key], **texts}, self._source, "")
            except BrokenRow as error:
                report(f"{self._source}: id {key}: {error}")


def _hugging_face(name: str, report: Report, language: str) -> Iterator[Example]:
    """Stream a data set of the hub."""
    import importlib

    identity, _, rest = name.partition(":")
    configuration, _, split = rest.partition(":")
    try:
        datasets = importlib.import_module("datasets")
    except ImportError as error:
        raise DataError(f"hf:{identity} needs the package datasets ({error}).", hint="pip install datasets") from error
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
            hint="The hub must be reachable, and the data set must not need code of its own.",
        ) from error


def content_key(path: str) -> str:
    """A digest that changes with the data at a path: of names, sizes and times of files, or of the hub's name."""
    if path.startswith("hf:"):
        return f"{digest(path):016x}"
    parts = []
    for file in _files(path):
        known = file.stat()
        parts.append(f"{file.resolve()}:{known.st_size}:{known.st_mtime_ns}")
    return f"{digest(chr(10).join(parts)):016x}"


_READERS: dict[str, Callable[[Path, Report, str], Iterator[Example]]] = {
    "jsonl": _jsonl,
    "tsv": _tsv,
    "csv": _csv,
    "tmx": _tmx,
}
_SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "squad",
    ".tsv": "tsv",
    ".csv": "csv",
    ".tmx": "tmx",
}
