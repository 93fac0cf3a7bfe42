"""The project's own demo questions as a benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...engine.errors import DataError
from ...engine.json_lines import json_lines
from ...engine.passages import sentences
from .model import Benchmark, Candidate, Query


def read_demo(folder: Path, languages: Sequence[str]) -> Benchmark:
    """The project's own demo questions; the pool is the sentences of the demo's files, as in XQuAD-R.

    Raises:
        DataError: the demo did not ship with this installation.
    """
    rows = [row for path in sorted(folder.glob("questions*.jsonl")) for _, row in json_lines(path)]
    if not rows:
        raise DataError(f"{folder} holds no demo questions.")
    codes = sorted(path.name for path in (folder / "passages").iterdir() if path.is_dir())
    missing = [code for code in languages if code not in codes]
    if missing:
        raise DataError(f"The demo is not in {', '.join(missing)}.", hint=f"It is in {', '.join(codes)}.")
    codes = [code for code in codes if not languages or code in languages]
    pool: list[Candidate] = []
    where: dict[tuple[str, str], tuple[int, str, list[tuple[int, int]]]] = {}
    for topic in sorted({row["topic"] for row in rows}):
        for code in codes:
            text = (folder / "passages" / code / f"{topic}.md").read_text("utf-8")
            title, _, body = text.partition("\n")
            spans = sentences(body, code)
            where[topic, code] = (len(pool), body, spans)
            pool += [
                Candidate(f"{topic}-{code}-{row}", code, body[a:b], title.lstrip("# "))
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
    return Benchmark("demo questions", tuple(queries), tuple(pool), tuple(relevant))
