"""What answers the demo's questions: in each language a sentence of the topic's file, as it ships with the program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ..store import RIGHT, Reading, key_of

QUESTIONS = "questions.jsonl"


@lru_cache(maxsize=2)
def _answers(path: Path, _changed: int) -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """Topic and answers by language of each question, under what it is found by."""
    found: dict[str, tuple[str, Mapping[str, str]]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            for text in row["question"].values():
                found.setdefault(key_of(text), (row["topic"], row["answer"]))
    return found


def right_answers(store: Reading, folder: Path, query: str) -> dict[int, int]:
    """The passages that answer a question of the demo, each with the grade of a right one; none for other questions.

    Args:
        store: the demo library's database.
        folder: what ships of the demo.
        query: the question, in any of its languages.
    """
    path = folder / QUESTIONS
    try:
        topic, answers = _answers(path, path.stat().st_mtime_ns).get(key_of(query), ("", {}))
    except (OSError, ValueError, KeyError):
        return {}
    # As the documents were read: links in the way to the program's folder are resolved.
    folder = folder.resolve()
    paths = {str(folder / "passages" / code / f"{topic}.md"): text.strip() for code, text in answers.items()}
    found: dict[int, int] = {}
    for where, (document, number, _) in (store.documents_at(paths, "") if topic else {}).items():
        for passage in store.passages_of_document(document, 0, number):
            if paths[where] in passage.text:
                found[passage.id] = RIGHT
    return found
