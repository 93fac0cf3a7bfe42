"""Reads the bundled questions as benchmarks: those of the demo, and those of the kit, which has more topics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...engine.errors import DataError
from ...engine.json_lines import json_lines
from ...engine.passages import sentences
from ...engine.paths import assets_folder
from .model import Benchmark, Candidate, Query

DEMO, KIT = "demo questions", "kit questions"


def text_folders(name: str) -> tuple[Path, ...]:
    """The folders with the texts and questions of a bundled benchmark: `demo`, or `kit`, which includes the demo's."""
    folders = (assets_folder() / "demo", assets_folder() / "kit")
    return folders[:1] if name == "demo" else folders


def read_demo(folders: Sequence[Path], languages: Sequence[str], title: str = DEMO) -> Benchmark:
    """The bundled questions; the pool is the sentences of their files, as in XQuAD-R.

    Args:
        folders: each has `questions.jsonl` and `passages/LANGUAGE/TOPIC.md`, with topics of its own.
        languages: take only these; all when empty.
        title: the benchmark's name.

    Raises:
        DataError: this installation does not contain them, or a language is missing.
    """
    rows: list[dict[str, Any]] = []
    folder_of: dict[str, Path] = {}
    for folder in folders:
        found = [row for path in sorted(folder.glob("questions*.jsonl")) for _, row in json_lines(path)]
        if not found:
            raise DataError(f"{folder} holds no demo questions.")
        rows += found
        folder_of.update({row["topic"]: folder for row in found})
    codes = sorted(path.name for path in (folders[0] / "passages").iterdir() if path.is_dir())
    missing = [code for code in languages if code not in codes]
    if missing:
        raise DataError(f"The demo is not in {', '.join(missing)}.", hint=f"It is in {', '.join(codes)}.")
    codes = [code for code in codes if not languages or code in languages]
    pool: list[Candidate] = []
    where: dict[tuple[str, str], tuple[int, str, list[tuple[int, int]]]] = {}
    for topic in sorted({row["topic"] for row in rows}):
        for code in codes:
            text = (folder_of[topic] / "passages" / code / f"{topic}.md").read_text("utf-8")
            heading, _, body = text.partition("\n")
            spans = sentences(body, code)
            where[topic, code] = (len(pool), body, spans)
            pool += [
                Candidate(f"{topic}-{code}-{row}", code, body[a:b], heading.lstrip("# "))
                for row, (a, b) in enumerate(spans)
            ]
    queries: list[Query] = []
    relevant: list[tuple[int, ...]] = []
    for row in rows:
        places = []
        for code in codes:
            first, body, spans = where[row["topic"], code]
            start = body.find(row["answer"][code].strip())
            place = next((number for number, (a, b) in enumerate(spans) if a <= start < b), None)
            if place is not None:
                places.append(first + place)
        queries += [Query(row["id"], code, row["question"][code]) for code in codes]
        relevant += [tuple(places)] * len(codes)
    return Benchmark(title, tuple(queries), tuple(pool), tuple(relevant))
