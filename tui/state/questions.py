"""The demo's questions, each in many languages: questions to begin with, and translations of a question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ...engine import paths

Question = Mapping[str, str]


class Questions:
    """Questions in several languages, which can be found by their text.

    Args:
        rows: each question's text by language code.
    """

    def __init__(self, rows: list[Question]) -> None:
        self.rows = rows
        self._found = {_key(text): (row, code) for row in reversed(rows) for code, text in row.items()}

    @classmethod
    def load(cls, folder: Path | None = None) -> Questions:
        """The bundled questions of the demo library; none if the files are missing."""
        rows: list[Question] = []
        for path in sorted((folder or paths.assets_folder() / "demo").glob("questions*.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                if line.strip():
                    question = json.loads(line)["question"]
                    rows.append({code: question[code] for code in sorted(question)})
        return cls(rows)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.rows)

    def find(self, text: str) -> tuple[Question, str] | None:
        """The question that has this text in some language, and that language."""
        return self._found.get(_key(text))

    def following(self, text: str, by: int) -> str | None:
        """The same question in the language `by` places after this one's."""
        found = self.find(text)
        if found is None:
            return None
        row, code = found
        codes = list(row)
        return row[codes[(codes.index(code) + by) % len(codes)]]

    def starters(self, number: int) -> list[tuple[str, str]]:
        """(code, text) of questions to begin with, on different topics in different languages."""
        chosen: list[tuple[str, str]] = []
        step = max(1, len(self.rows) // max(1, number))
        order = ["en", "ja", "es", "ar", "de", "hi", "zh", "ru", "th", "fr", "ko", "el", "tr", "vi"]
        for index in range(number):
            if index * step >= len(self.rows):
                break
            row = self.rows[index * step]
            codes = [code for code in order if code in row]
            if codes:
                code = codes[index % len(codes)]
                chosen.append((code, row[code]))
        return chosen


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
