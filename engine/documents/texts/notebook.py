"""Reads Jupyter notebooks: the cells' sources and Markdown headings; outputs and embedded pictures are left out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...errors import UnreadableDocument
from ..building import Builder
from ..decoding import clean, decode, without_embedded
from ..model import Document, Source
from .front import front_matter
from .plain import markdown_headings


def read_notebook(source: Source) -> Iterator[Document]:
    """A notebook of format 3, 4 or later, titled by its metadata, else by its first heading.

    Raises:
        UnreadableDocument: it is not a notebook, or its cells hold no text.

    """
    try:
        notebook = json.loads(decode(source.data))
    except ValueError as error:
        raise UnreadableDocument(f"it is damaged: it is no JSON ({error})") from error
    if not isinstance(notebook, dict):
        raise UnreadableDocument("it is not a notebook: its JSON holds no cells")
    builder = Builder()
    title = _title(notebook)
    for kind, text in _cells(notebook):
        if kind == "code":
            builder.paragraph(text)
            continue
        named, body = front_matter(text)
        title = title or named
        builder.marked(text[body:], markdown_headings(text[body:]))
    if not builder.parts:
        raise UnreadableDocument("its cells hold no text")
    yield builder.document(source.path, title)


def _title(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    title = metadata.get("title") if isinstance(metadata, dict) else ""
    return title if isinstance(title, str) else ""


def _cells(notebook: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(kind, source) of each cell; before format 4, cells are in worksheets, and a code cell's source is `input`."""
    groups: list[Any] = [notebook]
    if isinstance(sheets := notebook.get("worksheets"), list):
        groups += sheets
    for group in groups:
        cells = group.get("cells") if isinstance(group, dict) else None
        for cell in cells if isinstance(cells, list) else ():
            if not isinstance(cell, dict):
                continue
            kind = str(cell.get("cell_type", ""))
            text = without_embedded(clean(_joined(cell.get("source", cell.get("input", "")))))
            if kind == "heading":
                yield kind, "#" * _level(cell.get("level")) + " " + text
            else:
                yield kind, text


def _joined(source: Any) -> str:
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _level(level: Any) -> int:
    return max(1, min(level, 6)) if isinstance(level, int) else 1
