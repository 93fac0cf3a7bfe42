"""A kit as a folder: Markdown to index, JSON lines, BEIR, and how to hand the run back; written, and read again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ....engine.errors import DataError
from ....engine.files import read_regular, write_text
from ....engine.json_lines import BadLine, json_document, json_lines, text_lines
from ....engine.languages import UNDETERMINED, code_of, detect_question
from ....engine.shown import as_json
from ..targets import Question
from .kit import Kit, Passage
from .nonsense import nonsense
from .readme import readme

SCHEMA = 1
_ROW = 'For instance: {"id": "q1-de", "group": "q1", "language": "de", "question": "Wie backt man Brot?"}'


def write_kit(kit: Kit, folder: Path) -> list[Path]:
    """Write a kit; files of the same names are replaced. Returns what was written, README.md first.

    Raises:
        DataError: the folder cannot be written to, or holds something else.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not (folder / "kit.json").is_file()):
        raise DataError(f"{folder} exists and is not a kit.", hint="Name a folder that is new or empty.")
    texts = {
        "README.md": readme(kit),
        "kit.json": as_json(
            {
                "schema": SCHEMA,
                "name": kit.name,
                "digest": kit.digest,
                "languages": list(kit.languages),
                "questions": len(kit.groups),
                "passages": len(kit.passages),
                "notes": list(kit.notes),
            },
            indent=1,
        )
        + "\n",
        "passages.jsonl": _lines(
            {
                "id": each.id,
                "language": each.language,
                "document": each.document,
                "title": each.title,
                "text": each.text,
            }
            for each in kit.passages
        ),
        "questions.jsonl": _lines(_question_rows(kit)),
        "beir/corpus.jsonl": _lines(
            {"_id": each.id, "title": each.title, "text": each.text, "metadata": {"language": each.language}}
            for each in kit.passages
        ),
        "beir/queries.jsonl": _lines(
            {"_id": each.id, "text": each.text, "metadata": {"language": each.language, "group": each.group}}
            for each in (*kit.questions, *kit.nonsense)
        ),
        "beir/qrels/test.tsv": "query-id\tcorpus-id\tscore\n"
        + "".join(
            f"{question.id}\t{kit.passages[row].id}\t1\n"
            for question, rows in zip(kit.questions, kit.relevant, strict=False)
            for row in rows
        ),
        **{f"markdown/{name}": text for name, text in kit.texts},
    }
    try:
        for name, text in texts.items():
            write_text(folder / name, text, durable=False)
    except OSError as error:
        raise DataError(
            f"The kit cannot be written to {folder}: {error.strerror or error}.", hint="Name another folder."
        ) from error
    return [folder / name for name in texts]


def _question_rows(kit: Kit) -> Iterator[dict[str, Any]]:
    for question, rows in zip(kit.questions, kit.relevant or ((),) * len(kit.questions), strict=True):
        row: dict[str, Any] = {
            "id": question.id,
            "group": question.group,
            "language": question.language,
            "question": question.text,
        }
        yield {**row, "relevant": [kit.passages[place].id for place in rows]} if rows else row
    for question in kit.nonsense:
        yield {
            "id": question.id,
            "group": question.group,
            "language": question.language,
            "question": question.text,
            "answerable": False,
        }


def _lines(rows: Iterator[dict[str, Any]] | Any) -> str:
    return "".join(as_json(row) + "\n" for row in rows)


def read_kit(path: Path) -> Kit:
    """The kit in a folder that `write_kit` wrote, or questions without judgements from one file.

    A file has one question a line, or JSON lines with `question` and, where known, `id`, `group`, `language`,
    `relevant` and `answerable`. Without `group` a question stands alone; without `language` it is detected.

    Raises:
        DataError: it is not there, damaged, or asks in one language alone.
    """
    if path.is_dir():
        if not (path / "questions.jsonl").is_file():
            raise DataError(
                f"{path} is not a kit: it has no questions.jsonl.", hint="`hybrid-search audit --kit DIR` writes one."
            )
        passages = _passages(path / "passages.jsonl") if (path / "passages.jsonl").is_file() else ()
        return _kit(_name(path), path / "questions.jsonl", passages, _markdown(path / "markdown"))
    return _kit(path.name, path, (), ())


def _name(folder: Path) -> str:
    try:
        said = json_document(folder / "kit.json")["name"]
    except (DataError, KeyError, TypeError):
        return folder.name
    return said if isinstance(said, str) and said else folder.name


def _markdown(folder: Path) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((each.name, read_regular(each).decode("utf-8")) for each in sorted(folder.glob("*.md")))
    except (OSError, UnicodeError) as error:
        raise DataError(f"A document of the kit cannot be read ({error}).", hint="Write the kit again.") from error


def _passages(path: Path) -> tuple[Passage, ...]:
    found: dict[str, Passage] = {}
    for number, row in json_lines(path):
        where = f"{path}, line {number}"
        if isinstance(row, BadLine) or not isinstance(row, Mapping):
            raise DataError(f"{where}: no passage ({row if isinstance(row, BadLine) else 'no object'}).")
        name, code, text = (_text(row, key, where) for key in ("id", "language", "text"))
        if name in found:
            raise DataError(f"{where}: the id {name} occurs twice.", hint="Give each passage its own.")
        title, document = (_text(row, key, where) if row.get(key) else "" for key in ("title", "document"))
        found[name] = Passage(name, _code(code, where), text, title, document)
    return tuple(found.values())


def _kit(name: str, path: Path, passages: tuple[Passage, ...], texts: tuple[tuple[str, str], ...]) -> Kit:
    row_of = {each.id: row for row, each in enumerate(passages)}
    questions: list[Question] = []
    relevant: list[tuple[int, ...]] = []
    senseless: list[Question] = []
    lost = 0
    for where, row in _rows(path):
        text = _text(row, "question" if "question" in row else "query", where)
        number = len(questions) + len(senseless) + 1
        own = _text(row, "id", where) if row.get("id") is not None else f"{number}"
        group = _text(row, "group", where) if row.get("group") is not None else own
        code = _code(_text(row, "language", where), where) if row.get("language") else detect_question(text, ()).code
        if code == UNDETERMINED:
            raise DataError(f"{where}: the language of {text!r:.60} is not clear.", hint='Name it with "language".')
        question = Question(own, code, text, group)
        if row.get("answerable") is False:
            senseless.append(question)
            continue
        named = row.get("relevant", [])
        if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
            raise DataError(f"{where}: `relevant` is a list of ids of passages.", hint=_ROW)
        rows = tuple(row_of[each] for each in dict.fromkeys(named) if each in row_of)
        lost += len(set(named)) - len(rows)
        questions.append(question)
        relevant.append(rows)
    notes = (f"{lost} judged passages are missing from the passages.",) if lost else ()
    judged = tuple(relevant) if any(relevant) else ()
    made = tuple(senseless) or nonsense(questions)
    return Kit(name, tuple(questions), passages, judged, texts, made, notes)


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in text_lines(path):
        where = f"{path}, line {number}"
        if not line.lstrip().startswith("{"):
            yield where, {"question": line.strip()}
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{where}: neither a question nor JSON ({type(error).__name__}).", hint=_ROW) from error
        if not {"question", "query"} & row.keys():
            raise DataError(f"{where}: there is no `question`.", hint=_ROW)
        yield where, row


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}: `{key}` is missing or no text.", hint=_ROW)
    return value.strip()


def _code(word: str, where: str) -> str:
    code = code_of(word)
    if not code:
        raise DataError(f"{where}: {word!r} is not a language code.", hint="Use codes such as de, fr or pt-BR.")
    return code
