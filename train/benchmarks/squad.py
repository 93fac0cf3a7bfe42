"""Reads benchmarks of SQuAD-format files, one per language: the pool is their sentences; ids join their questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...engine.errors import DataError
from ...engine.json_lines import BadLine, json_document, unpacked_name
from ...engine.languages import detect
from ...engine.passages import sentences
from ..data import languages_of, squad
from .collections import split
from .model import Benchmark, Candidate, Query, wanted

_SPLITS = ("dev", "validation", "test")
# The fewest letters and the least confidence for detecting a file's language from its texts.
_ENOUGH, _SURE = 20, 0.5


@dataclass
class SquadFile:
    """A file with the languages of its questions and contexts; `value` is its JSON if it has been read."""

    path: Path
    asked_in: str
    read_in: str
    value: Any = None


def files_in(folder: Path) -> list[Path]:
    """A folder's files that may be SQuAD-format: JSON, and JSON lines whose name contains a language."""
    found = []
    for path in sorted(folder.iterdir()):
        name = unpacked_name(path).lower()
        lines = name.endswith((".jsonl", ".ndjson")) and any(languages_of(path))
        if path.is_file() and not name.startswith(".") and (name.endswith(".json") or lines):
            found.append(path)
    return found


def read_squad_folder(folder: Path, title: str, languages: Sequence[str]) -> Benchmark:
    """XQuAD-R, MLQA-R and any SQuAD-format set with one file per language; ids join their questions.

    Files are named by language: `de.json`, `xquad.de.json`, `dev-context-de-question-de.json`. Other files are left
    out with a note; if no name contains a language, it is detected from the texts. See `read_squad` for relevance.

    Raises:
        DataError: a file is not SQuAD-format JSON, its language is unknown, or a wanted language has no file.
    """
    notes: list[str] = []
    files = _by_language(folder, notes)
    languages = wanted(languages, files)
    if languages and set(languages) != set(files):
        title += f" ({', '.join(sorted(languages))})"
    missing = [code for code in languages if code not in files]
    if missing:
        raise DataError(f"{folder} has no file for {', '.join(missing)}.", hint=f"It has {', '.join(files)}.")
    return read_squad([file for code, file in files.items() if not languages or code in languages], title, notes)


def read_squad_file(path: Path, value: Any, title: str, languages: Sequence[str]) -> Benchmark:
    """One SQuAD-format file; its language comes from its name, or is detected from its texts.

    Raises:
        DataError: as for `read_squad_folder`.
    """
    notes: list[str] = []
    asked_in, read_in = languages_of(path)
    file = SquadFile(path, asked_in, read_in, value) if asked_in else _told_by_text(path, value, notes)
    own = (file.asked_in, file.read_in)
    missing = [code for code in wanted(languages, own) if code not in own]
    if missing:
        raise DataError(f"{path} is not in {', '.join(missing)}.", hint=f"It is in {file.read_in}.")
    return read_squad([file], title, notes)


def read_squad(files: Sequence[SquadFile], title: str, notes: Sequence[str] = ()) -> Benchmark:
    """The benchmark of some files.

    A sentence is relevant if the first answer's start falls in its span (LAReQA, arXiv 2004.05484); files without
    `sentences` and `sentence_breaks` are split here. A query without an answer in one language keeps those in others.
    If an id repeats in a language, the first question counts.

    Raises:
        DataError: a file is not SQuAD-format JSON.
    """
    pool: list[Candidate] = []
    asked: dict[tuple[str, str], str] = {}
    answered: dict[str, list[int]] = defaultdict(list)
    lost = repeated = 0
    for file in files:
        # Rows with the same context share its sentences.
        known: dict[str, tuple[int, list[tuple[int, int]]]] = {}
        for number, (where, raw) in enumerate(squad.paragraphs(_checked(file))):
            try:
                paragraph = squad.parsed(where, raw)
                if paragraph.repeats and paragraph.context in known:
                    first, spans = known[paragraph.context]
                else:
                    texts, spans = _sentences(paragraph, file.read_in)
                    first = len(pool)
                    known[paragraph.context] = first, spans
                    code = file.read_in
                    pool += [Candidate(f"{code}-{number}-{row}", code, text) for row, text in enumerate(texts)]
                for item in paragraph.rows:
                    question = squad.asked(item, paragraph.context)
                    if (question.id, file.asked_in) in asked:
                        repeated += 1
                        continue
                    asked[question.id, file.asked_in] = question.text
                    place = _row_of(question.start, spans)
                    if place is None:
                        lost += 1
                    else:
                        answered[question.id].append(first + place)
            except squad.NotSquad as error:
                raise DataError(
                    f"{file.path}, {where}: not in SQuAD's format ({error}).",
                    hint="Correct that place, or remove the file from the folder.",
                ) from error
    said = list(notes)
    if lost:
        said.append(f"{lost} questions have no answer within a sentence.")
    if repeated:
        said.append(f"{repeated} questions repeat an id in their language; the first of each counts.")
    return Benchmark(
        title,
        tuple(Query(name, code, text) for (name, code), text in asked.items()),
        tuple(pool),
        tuple(tuple(answered[name]) for name, _ in asked),
        notes=tuple(said),
    )


def _checked(file: SquadFile) -> Any:
    value = json_document(file.path) if file.value is None else file.value
    if not squad.is_squad(value):
        raise DataError(
            f"{file.path} is not SQuAD-format JSON ({squad.why_not(value)}).",
            hint="A truncated download looks like this: fetch it again."
            if isinstance(value, BadLine)
            else "It needs `data` with `paragraphs`, or rows with `context`, `question` and `answers`.",
        )
    return value


def _by_language(folder: Path, notes: list[str]) -> dict[str, SquadFile]:
    named: dict[str, list[Path]] = defaultdict(list)
    unnamed: list[Path] = []
    for path in files_in(folder):
        asked_in, read_in = languages_of(path)
        if not read_in:
            unnamed.append(path)
        elif asked_in == read_in:
            named[read_in].append(path)
    if named:
        if unnamed:
            names = ", ".join(path.name for path in unnamed)
            notes.append(f"Left out, since their names contain no language: {names}.")
        return {code: SquadFile(_one_of(paths, code, notes), code, code) for code, paths in named.items()}
    return _by_text(folder, unnamed, notes)


def _by_text(folder: Path, unnamed: Sequence[Path], notes: list[str]) -> dict[str, SquadFile]:
    """SQuAD-format files by the language detected from their texts."""
    read = {path: json_document(path) for path in unnamed}
    fitting = [path for path in unnamed if squad.is_squad(read[path])]
    if not fitting:
        reasons = "; ".join(f"{path.name}: {squad.why_not(value)}" for path, value in read.items())
        raise DataError(
            f"{folder} has no file that is SQuAD-format JSON ({reasons:.300}).",
            hint="Name the files LANG.json, such as de.json.",
        )
    notes += [f"{path.name} was left out: it is not SQuAD-format JSON." for path in unnamed if path not in fitting]
    told: dict[str, list[SquadFile]] = defaultdict(list)
    for path in fitting:
        file = _told_by_text(path, read[path], notes)
        told[file.read_in].append(file)
    found = {}
    for code, files in told.items():
        chosen = _one_of([file.path for file in files], code, notes)
        found[code] = next(file for file in files if file.path == chosen)
    return found


def _told_by_text(path: Path, value: Any, notes: list[str]) -> SquadFile:
    text = ""
    for _, raw in squad.paragraphs(_checked(SquadFile(path, "", "", value))):
        context = raw.get("context") if isinstance(raw, dict) else None
        text += f"{context} " if isinstance(context, str) else ""
        if len(text) > 2000:
            break
    found = detect(text)
    if sum(map(str.isalpha, text)) < _ENOUGH or found.confidence < _SURE:
        raise DataError(f"{path}: its name contains no language.", hint="Name it LANG.json, such as de.json.")
    notes.append(f"The name of {path.name} contains no language; its texts look like {found.code}.")
    return SquadFile(path, found.code, found.code, value)


def _one_of(paths: Sequence[Path], code: str, notes: list[str]) -> Path:
    """The file of a language; one of several splits."""
    chosen = split(list(paths), _SPLITS)
    if len(chosen) > 1:
        raise DataError(f"{chosen[0]} and {chosen[1].name} are both of {code}.", hint="Keep one of them.")
    notes += [f"{path.name} was left out: {chosen[0].name} is of {code} too." for path in paths if path not in chosen]
    return chosen[0]


def _sentences(paragraph: squad.Paragraph, code: str) -> tuple[list[str], list[tuple[int, int]]]:
    spans = list(paragraph.breaks) if paragraph.breaks is not None else sentences(paragraph.context, code)
    texts = list(paragraph.sentences) if paragraph.sentences else [paragraph.context[a:b] for a, b in spans]
    if len(texts) != len(spans):
        raise squad.NotSquad(f"{len(texts)} sentences but {len(spans)} breaks")
    return texts, spans


def _row_of(start: int | None, spans: Sequence[tuple[int, int]]) -> int | None:
    if start is None:
        return None
    # Ends are exclusive: in Chinese, a sentence begins where the last one ends. Only a start in the gap between two
    # sentences belongs to the one before it.
    holding = (row for row, (a, b) in enumerate(spans) if a <= start < b)
    return next(holding, next((row for row, (_, b) in enumerate(spans) if start == b), None))
