"""Finds the answers to the demo's questions: in each language a sentence of the topic's file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ..store import RIGHT, Reading, key_of

QUESTIONS = "questions.jsonl"


@lru_cache(maxsize=2)
def _answers(path: Path, _changed: int) -> Mapping[str, tuple[str, Mapping[str, str]]]:
    """Topic and answers by language, by the key of each question."""
    found: dict[str, tuple[str, Mapping[str, str]]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            for text in row["question"].values():
                found.setdefault(key_of(text), (row["topic"], row["answer"]))
    return found


def right_answers(store: Reading, folder: Path, query: str) -> dict[int, int]:
    """The passages that answer a question of the demo, graded as right; empty for other questions.

    Args:
        store: the demo library's database.
        folder: the demo's files that ship.
        query: the question, in any of its languages.
    """
    path = folder / QUESTIONS
    try:
        topic, answers = _answers(path, path.stat().st_mtime_ns).get(key_of(query), ("", {}))
    except (OSError, ValueError, KeyError):
        return {}
    # Documents are stored under their real paths, with links resolved.
    folder = folder.resolve()
    paths = {str(folder / "passages" / code / f"{topic}.md"): text.strip() for code, text in answers.items()}
    found: dict[int, int] = {}
    for where, (document, number, _) in (store.documents_at(paths, "") if topic else {}).items():
        for passage in store.passages_of_document(document, 0, number):
            if paths[where] in passage.text:
                found[passage.id] = RIGHT
    return found
