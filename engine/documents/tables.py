"""CSV, TSV and JSON lines: each row is a document, its text in one column."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from ..errors import UnreadableDocument
from .building import one_line, stem
from .decoding import clean, decode
from .model import Document, Source

_TEXT_NAMES = (
    "text",
    "content",
    "contents",
    "body",
    "passage",
    "sentence",
    "document",
    "article",
    "abstract",
    "answer",
    "context",
    "description",
)
_TITLE_NAMES = ("title", "headline", "heading", "name", "subject", "question")
_LOOKED_AT = 50


def read_csv(source: Source) -> Iterator[Document]:
    """The rows of a CSV file, whatever its delimiter."""
    yield from _table(source, _separated_rows(decode(source.data), ""))


def read_tsv(source: Source) -> Iterator[Document]:
    """The rows of a file whose cells are set apart by tabs."""
    yield from _table(source, _separated_rows(decode(source.data), "\t"))


def read_jsonl(source: Source) -> Iterator[Document]:
    """The rows of a file with a JSON object on each line."""
    yield from _table(source, _json_rows(decode(source.data)))


def _table(source: Source, rows: Iterator[tuple[int, dict[str, Any] | None]]) -> Iterator[Document]:
    """The rows of a table whose text column is not empty.

    Without `text_column` the column is one that is called text, content, body and the like, else the one with the
    longest texts.

    Raises:
        UnreadableDocument: no such column; or, after the good rows, some rows could not be read.

    """
    first = list(islice(rows, _LOOKED_AT))
    column = source.text_column or _choose([row for _, row in first if row is not None])
    bad: list[int] = []
    for number, row in chain(first, rows):
        if row is None:
            bad.append(number)
        else:
            yield from _document(source.path, number, row, column)
    if bad:
        shown = ", ".join(map(str, bad[:5])) + (", …" if len(bad) > 5 else "")
        raise UnreadableDocument(f"{len(bad)} of its lines cannot be read (line {shown}); the others are indexed")


def _document(path: Path, number: int, row: dict[str, Any], column: str) -> Iterator[Document]:
    if column not in row:
        if number <= 2:
            names = ", ".join(list(row)[:12])
            raise UnreadableDocument(f"it has no column {column!r}; its columns are {names}")
        return
    value = row[column]
    text = clean(value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False))
    if not text.strip():
        return
    title = next((row[name] for name in _TITLE_NAMES if name != column and isinstance(row.get(name), str)), "")
    yield Document(path, f"row {number}", one_line(clean(title))[:200] or f"{stem(path)}, row {number}", text)


def _choose(rows: list[dict[str, Any]]) -> str:
    lengths: dict[str, int] = {}
    for row in rows:
        for name, value in row.items():
            lengths[name] = lengths.get(name, 0) + (len(value) if isinstance(value, str) else 0)
    if not any(lengths.values()):
        raise UnreadableDocument("it has no column with text")
    lowered = {name.lower().strip(): name for name in reversed(lengths) if lengths[name]}
    return next(
        (lowered[name] for name in _TEXT_NAMES if name in lowered), max(lengths, key=lambda name: lengths[name])
    )


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            yield number, None
        else:
            yield number, row if isinstance(row, dict) else {"text": row} if isinstance(row, str) else None


def _separated_rows(text: str, delimiter: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    first = text.split("\n", 1)[0]
    delimiter = delimiter or max(",;\t|", key=first.count)
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names: list[str] = []
    number = 0
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, None
            continue
        if not names:
            names = [name.strip() or f"column {place}" for place, name in enumerate(values, 1)]
            continue
        number += 1
        if any(value.strip() for value in values):
            yield number, dict(zip(names, values, strict=False))
