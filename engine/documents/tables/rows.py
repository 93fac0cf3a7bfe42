"""Turns a table into documents, one per row with a title; rows that do not fit are reported at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from ...errors import UnreadableDocument
from ..building import one_line, stem
from ..decoding import clean, decode
from ..model import Document, Source
from . import columns, json_rows, sniffing
from .parallel import parallel
from .separated import Record, records

_LOOKED_AT = 200
_NAMES_SHOWN = 12
_LINES_SHOWN = 5
# Letters beyond ASCII by their numbers, unless the backslash is itself escaped.
_ESCAPES = re.compile(r"(?<!\\)(?:\\u(?!00[0-7])[0-9a-fA-F]{4})+")
_HEADINGS = ("title", "headline", "heading")


def read_csv(source: Source) -> Iterator[Document]:
    """The rows of a CSV file, whatever its delimiter."""
    yield from _separated(source, "")


def read_tsv(source: Source) -> Iterator[Document]:
    """The rows of a file whose cells are separated by tabs, or by another delimiter that it uses."""
    yield from _separated(source, "\t")


def read_jsonl(source: Source) -> Iterator[Document]:
    """The rows of a file of JSON objects: one per line, over several lines, or in an array."""
    yield from _table(source, _numbered(json_rows.rows(decode(source.data))), "of its lines cannot be read")


def read_json(source: Source) -> Iterator[Document]:
    """A JSON file: the rows of an array of objects, or of an object that holds one, or a single text or conversation.

    Any other is plain text, in which letters that are written by their numbers become letters.
    """
    from ..texts import read_text

    if not _is_table(source):
        for document in read_text(source):
            yield replace(document, text=_unescaped(document.text))
        return
    yield from read_jsonl(source)


def _unescaped(text: str) -> str:
    if "\\u" not in text:
        return text
    written = _ESCAPES.sub(lambda codes: json.loads(f'"{codes[0]}"'), text)
    return clean(written)


def _is_table(source: Source) -> bool:
    """Whether a JSON file is a table: its first values are objects with text, in an array or list; or it is a text."""
    text = decode(source.data)
    start = text.lstrip()[:1]
    if start not in ("[", "{"):
        return False
    found = [row for _, row in islice(json_rows.rows(text), _LOOKED_AT)]
    if not found or any(row is None for row in found):
        return False
    if start == "{" and found[0] and json_rows.is_one_object(text, found):
        return columns.is_record(found[0])
    try:
        columns.choose(row for row in found if row is not None)
    except UnreadableDocument:
        return False
    return True


Found = tuple[int, int, dict[str, Any] | None]


def _numbered(rows: Iterator[tuple[int, dict[str, Any] | None]]) -> Iterator[Found]:
    """Rows with their numbers: a row's line, or the next number if several rows are on one line."""
    number = 0
    for line, row in rows:
        number = max(line, number + 1)
        yield number, line, row


def _table(source: Source, rows: Iterator[Found], complaint: str) -> Iterator[Document]:
    """The rows of a table that have text; `rows` yields (number, line, row), with None for a row that does not fit.

    Without `text_column` the column is chosen by the first rows, a row with a title but no text has its title as text,
    and one with its text in several languages, each in a column of that name, gives a document for each.

    Raises:
        UnreadableDocument: no such column; or, after the good rows, some rows could not be read.

    """
    first = list(islice(rows, _LOOKED_AT))
    good = [row for _, _, row in first if row is not None]
    if not good and first:
        bad = [line for _, line, row in chain(first, rows) if row is None]
        raise UnreadableDocument(f"none of its rows can be read (line {_shown(bad)})")
    column = source.text_column or columns.choose(good)
    shown = (column,) if source.text_column else parallel(good, column)
    titles = columns.title_columns(good, column)
    name = stem(source.path)
    seen = False
    bad = []
    for number, line, row in chain(first, rows):
        if row is None:
            bad.append(line)
            continue
        seen = seen or columns.has_column(row, column)
        title = one_line(clean(columns.title_of(row, titles)))
        texts = {path: clean(columns.as_text(columns.value_at(row, path))) for path in shown}
        if not source.text_column and not any(map(str.strip, texts.values())) and _stands_for_text(row, column, titles):
            texts = {column: title}
        for path, text in texts.items():
            part = f"row {number}, {path}" if len(shown) > 1 else f"row {number}"
            if text.strip():
                yield Document(source.path, part, title[:200] or f"{name}, {part}", text)
    if not seen and good:
        raise UnreadableDocument(f"it has no column {column!r}; its columns are {_columns_of(good)}")
    if bad:
        raise UnreadableDocument(f"{len(bad)} {complaint} (line {_shown(bad)}); the others are indexed")


def _stands_for_text(row: dict[str, Any], column: str, titles: tuple[str, ...]) -> bool:
    """Whether a row without text takes its title as text; a line of another kind, such as metadata, does not."""
    return columns.has_column(row, column) or any(path in row and path.lower() in _HEADINGS for path in titles)


def _shown(lines: list[int]) -> str:
    return ", ".join(map(str, lines[:_LINES_SHOWN])) + (", …" if len(lines) > _LINES_SHOWN else "")


def _columns_of(rows: list[dict[str, Any]]) -> str:
    names = dict.fromkeys(path for row in rows for path in columns.paths_of(row))
    return ", ".join(list(names)[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")


def _separated(source: Source, preferred: str) -> Iterator[Document]:
    text = decode(source.data)
    layout = sniffing.layout(text, preferred)
    if not layout.columns:
        return
    rows = _records_as_rows(text, layout, source.text_column)
    yield from _table(source, rows, "of its rows do not fit its columns")


def _records_as_rows(text: str, layout: sniffing.Layout, asked: str | None) -> Iterator[Found]:
    """The records as rows with at most as many cells as columns: long ones repaired, or None.

    A short one gets only the missing cell of the text, so that time is linear in the text.
    """
    names, delimiter = layout.columns, layout.dialect.delimiter
    width = len(names)
    found = enumerate(records(text, layout.dialect, layout.start), 1)
    first = list(islice(found, _LOOKED_AT))
    fitting = [dict(zip(names, row.cells, strict=True)) for _, row in first if len(row.cells) == width]
    wide = [dict(zip(names, row.cells, strict=False)) for _, row in first]
    prose = _text_place(names, fitting or wide, asked)
    for number, record in chain(first, found):
        cells = record.cells
        if len(cells) > width:
            cells = _narrowed(record, width, prose, delimiter) or []
        row = dict(zip(names, cells, strict=False))
        if cells:
            row.setdefault(names[prose], "")
        yield number, record.line, row if cells else None


def _text_place(names: tuple[str, ...], rows: list[dict[str, str]], asked: str | None) -> int:
    try:
        return names.index(asked or columns.choose(rows))
    except (ValueError, UnreadableDocument):
        return len(names) - 1


def _narrowed(record: Record, width: int, prose: int, delimiter: str) -> list[str] | None:
    """A record cut to `width` cells: empty ones dropped, or the text's own commas put back; None if neither works."""
    cells = record.cells
    if not any(cell.strip() for cell in cells[width:]):
        return cells[:width]
    if delimiter != "," or record.quoted:
        return None
    surplus = len(cells) - width
    return [*cells[:prose], delimiter.join(cells[prose : prose + surplus + 1]), *cells[prose + surplus + 1 :]]
