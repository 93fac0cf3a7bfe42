"""Reads a kit from an untrusted folder or a file of questions; errors name the file and line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ....engine.errors import DataError
from ....engine.files import read_regular, what_else
from ....engine.json_lines import BadLine, json_document, json_lines, json_value, text_lines, unpacked_name
from ....engine.languages import UNDETERMINED, code_of, detect_question
from ..targets import Question
from .kit import SCHEMA, Kit, Passage
from .nonsense import nonsense

# Longer passages are refused: no encoder reads so much.
_MOST_LETTERS = 100_000
_MOST_BYTES = 64 * 2**20
_QUESTION = 'For instance: {"id": "q1-de", "group": "q1", "language": "de", "question": "Wie backt man Brot?"}'
_PASSAGE = 'For instance: {"id": "p1-de", "language": "de", "text": "Brot backt man bei starker Hitze."}'
_ANEW = "Write the kit anew with `hybrid-search audit --kit DIR`."


def read_kit(path: Path) -> Kit:
    """The kit in a folder that `write_kit` wrote, or questions without judgements from one file.

    A file has one question per line, or JSON lines with `question` and, optionally, `id`, `group`, `language` and
    `answerable`. Without `group`, a question has no translations; without `language`, it is detected. Links, pipes and
    devices in a folder are not opened.

    Raises:
        DataError: the kit is missing, damaged, or has questions in only one language.
    """
    if not path.is_dir():
        return _kit(path.name, path, None)
    asked, passages = path / "questions.jsonl", path / "passages.jsonl"
    if not _there(asked):
        raise DataError(f"{path} is not a kit: it has no questions.jsonl.", hint=_ANEW)
    said = _said(path)
    kit = _kit(said.name, asked, _passages(passages) if _there(passages) else ())
    notes = said.notes
    if said.digest not in ("", kit.digest):
        notes += (f"Questions, passages or judgements in {path} were changed after they were written there.",)
    return replace(kit, texts=_documents(path / "markdown", {each.document for each in kit.passages}), notes=notes)


def _there(path: Path, *, folder: bool = False) -> bool:
    """Whether a part of a kit exists as a regular file or folder.

    Raises:
        DataError: it is a link, a pipe or a device, which is not opened.
    """
    if what := what_else(path, folder=folder):
        wanted = "folder" if folder else "file"
        raise DataError(f"{path} is {what}, not a {wanted} of the kit: it is not opened.", hint=_ANEW)
    return path.exists()


@dataclass(frozen=True)
class _Said:
    """The content of `kit.json`: the kit's name, notes from when it was made, and its digest."""

    name: str
    notes: tuple[str, ...] = ()
    digest: str = ""


def _said(folder: Path) -> _Said:
    path = folder / "kit.json"
    if not _there(path):
        return _Said(folder.resolve().name)
    row = json_document(path)
    if isinstance(row, BadLine) or not isinstance(row, Mapping):
        raise DataError(f"{path}: {row if isinstance(row, BadLine) else 'no object'}.", hint=_ANEW)
    schema = row.get("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        raise DataError(
            f"{path} is of another version: its `schema` is {schema!r:.40}, and {SCHEMA} is what can be read.",
            hint="Update hybrid-search, or write the kit anew with `hybrid-search audit --kit DIR`.",
        )
    notes = row.get("notes", [])
    if not isinstance(notes, list):
        raise DataError(f"{path}: `notes` is a list of texts.", hint=_ANEW)
    return _Said(
        _text(row, "name", f"{path}", _ANEW),
        tuple(_text({"notes": each}, "notes", f"{path}", _ANEW) for each in notes),
        _id(row, "digest", f"{path}", _ANEW) if "digest" in row else "",
    )


def _documents(folder: Path, names: Collection[str]) -> tuple[tuple[str, str], ...]:
    """(name, whole text) of the documents that the passages are from."""
    if not _there(folder, folder=True):
        return ()
    found = []
    for path in sorted(each for each in folder.iterdir() if each.name in names):
        try:
            text = read_regular(path, _MOST_BYTES, follow=False).decode("utf-8")
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
            raise DataError(f"{path} cannot be read ({reason}).", hint=_ANEW) from error
        # For an empty file, the passages' texts are used instead.
        if text.strip():
            found.append((path.name, text))
    return tuple(found)


def _passages(path: Path) -> tuple[Passage, ...]:
    found: dict[str, Passage] = {}
    for number, row in json_lines(path):
        where = f"{path}, line {number}"
        if isinstance(row, BadLine) or not isinstance(row, Mapping):
            raise DataError(f"{where}: {row if isinstance(row, BadLine) else 'no object'}.", hint=_PASSAGE)
        name, text = _id(row, "id", where, _PASSAGE), _text(row, "text", where, _PASSAGE)
        if name in found:
            raise DataError(f"{where}: the id {name} occurs twice.", hint="Give each passage its own.")
        title = _text(row, "title", where, _PASSAGE) if _given(row, "title") else ""
        document = _id(row, "document", where, _PASSAGE) if _given(row, "document") else ""
        found[name] = Passage(name, _code(_id(row, "language", where, _PASSAGE), where), text, title, document)
    return tuple(found.values())


def _kit(name: str, path: Path, passages: tuple[Passage, ...] | None) -> Kit:
    """A kit of a file's questions, judged if passages are given."""
    rows = {each.id: row for row, each in enumerate(passages or ())}
    questions: list[Question] = []
    relevant: list[tuple[int, ...]] = []
    senseless: list[Question] = []
    left_out = 0
    for where, row in _rows(path):
        question = _question(row, where, f"{len(questions) + len(senseless) + 1}")
        sense, named = row.get("answerable", True), _named(row, where)
        if not isinstance(sense, bool):
            raise DataError(f"{where}: `answerable` is true or false.", hint=_QUESTION)
        if not sense and named:
            raise DataError(f"{where}: what nothing answers has no `relevant` passages.", hint="Leave one of them out.")
        if not sense:
            senseless.append(question)
            continue
        lost = [each for each in named if each not in rows]
        if lost and passages is not None:
            raise DataError(
                f"{where}: {lost[0]!r:.60} is `relevant`, and passages.jsonl has no passage of that id.",
                hint="Put it there, or take it out of `relevant`: figures without it would be wrong.",
            )
        left_out += len(lost)
        questions.append(question)
        relevant.append(tuple(rows[each] for each in named if each in rows))
    notes = ("What is `relevant` was left out: a file of questions comes without passages.",) if left_out else ()
    judged = tuple(relevant) if any(relevant) else ()
    return Kit(name, tuple(questions), passages or (), judged, (), tuple(senseless) or nonsense(questions), notes)


def _rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    plain = Path(unpacked_name(path)).suffix.lower() not in (".jsonl", ".ndjson", ".json")
    for number, line in text_lines(path):
        where = f"{path}, line {number}"
        if plain and not line.lstrip().startswith("{"):
            yield where, {"question": line}
            continue
        row = json_value(line)
        if isinstance(row, BadLine) or not isinstance(row, Mapping):
            raise DataError(f"{where}: {row if isinstance(row, BadLine) else 'no object'}.", hint=_QUESTION)
        yield where, row


def _question(row: Mapping[str, Any], where: str, number: str) -> Question:
    text = _text(row, "query" if "question" not in row and "query" in row else "question", where, _QUESTION).strip()
    own = _id(row, "id", where, _QUESTION) if _given(row, "id") else number
    group = _id(row, "group", where, _QUESTION) if _given(row, "group") else own
    if _given(row, "language"):
        code = _code(_id(row, "language", where, _QUESTION), where)
    else:
        code = detect_question(text, ()).code
    if code == UNDETERMINED:
        raise DataError(f"{where}: the language of {text!r:.60} is not clear.", hint='Name it with "language".')
    return Question(own, code, text, group)


def _named(row: Mapping[str, Any], where: str) -> list[str]:
    """The ids of the passages that answer a question, each once."""
    named = row.get("relevant", [])
    if not isinstance(named, list):
        raise DataError(
            f"{where}: `relevant` is a list of ids of passages.", hint=f'{_QUESTION[:-1]}, "relevant": ["p1-de"]}}'
        )
    return list(dict.fromkeys(_id({"relevant": each}, "relevant", where, _QUESTION) for each in named))


def _given(row: Mapping[str, Any], key: str) -> bool:
    """Whether a value is present and not blank."""
    value = row.get(key)
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _id(row: Mapping[str, Any], key: str, where: str, hint: str) -> str:
    """An id: a text stripped of white space, or an integer as text."""
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text(row, key, where, hint).strip()


def _text(row: Mapping[str, Any], key: str, where: str, hint: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}: `{key}` is missing or no text.", hint=hint)
    if len(value) > _MOST_LETTERS:
        raise DataError(
            f"{where}: `{key}` has {len(value):,} letters, and {_MOST_LETTERS:,} is the most.",
            hint="Cut it into passages, as they stand in an index.",
        )
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"{where}: `{key}` holds half a letter, \\u{ord(value[error.start]):04x}.", hint="Write it whole, in UTF-8."
        ) from error
    return value


def _code(word: str, where: str) -> str:
    code = code_of(word)
    if not code:
        raise DataError(f"{where}: {word!r:.60} is not a language code.", hint="Use codes such as de, fr or pt-BR.")
    return code
