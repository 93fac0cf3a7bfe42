"""Writes a kit to a folder: Markdown to index, JSON lines, BEIR's layout, and a README."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ....engine.errors import DataError
from ....engine.files import write_text
from ....engine.shown import as_json
from .kit import SCHEMA, Kit
from .reading import read_kit
from .readme import readme


def write_kit(kit: Kit, folder: Path) -> list[Path]:
    """Write a kit, or overwrite the same kit. Returns the paths of its files, README.md first.

    Raises:
        DataError: the folder cannot be written to, or contains something else or another kit.
    """
    try:
        _require_room(kit, folder)
        texts = _files(kit)
        for name, text in texts.items():
            write_text(folder / name, text, durable=False)
    except OSError as error:
        raise DataError(
            f"The kit cannot be written to {folder}: {error.strerror or error}.", hint="Name another folder."
        ) from error
    return [folder / name for name in texts]


def _require_room(kit: Kit, folder: Path) -> None:
    """Refuse a folder with other files or another kit, whose content would be lost or mixed up."""
    if not folder.is_file() and not (folder.is_dir() and any(folder.iterdir())):
        return
    if not (folder / "kit.json").is_file():
        raise DataError(f"{folder} exists and is not a kit.", hint="Name a folder that is new or empty.")
    try:
        same = read_kit(folder).digest == kit.digest
    except DataError:
        same = False
    if not same:
        raise DataError(
            f"{folder} holds another kit, or one that was changed, and nothing is written over it.",
            hint="Name a folder that is new or empty; a TARGET is asked what is in this one.",
        )


def _files(kit: Kit) -> dict[str, str]:
    """The content of each file by its name in the folder, README.md first."""
    return {
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
