"""Keeps translations on disk, so that a question is sent to a translator only once."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from ...engine import paths
from ...engine.files import appending, read_regular, write_text

_MOST_BYTES = 64 * 1024 * 1024
# Above this number of translations, the older half is deleted.
_MOST = 20_000

Key = tuple[str, str, str, str]


class Translations:
    """Translations by translator, languages and original; one that cannot be read or written is made again."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.cache_folder() / "translations.jsonl"
        self._kept: dict[Key, str] = dict(self._read())

    def _read(self) -> Iterator[tuple[Key, str]]:
        try:
            lines = read_regular(self._file, _MOST_BYTES).splitlines()
        except (OSError, ValueError):
            return
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
                row = json.loads(line)
                yield (str(row["by"]), str(row["from"]), str(row["to"]), str(row["text"])), str(row["translation"])

    def get(self, by: str, source: str, target: str, text: str) -> str:
        """The kept translation, or ""."""
        return self._kept.get((by, source, target, text), "")

    def keep(self, by: str, source: str, target: str, text: str, translation: str) -> None:
        """Keep a translation; if the disk is full, only until the program ends."""
        self._kept[by, source, target, text] = translation
        with contextlib.suppress(OSError):
            if len(self._kept) > _MOST:
                self._kept = dict(list(self._kept.items())[-_MOST // 2 :])
                write_text(self._file, "".join(_line(key, told) for key, told in self._kept.items()))
                return
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with appending(self._file) as file:
                file.write(_line((by, source, target, text), translation))


def _line(key: Key, translation: str) -> str:
    by, source, target, text = key
    row = {"by": by, "from": source, "to": target, "text": text, "translation": translation}
    return json.dumps(row, ensure_ascii=False) + "\n"
