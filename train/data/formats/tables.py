"""Reads tables of training pairs, separated by tabs, commas or semicolons, row by row into examples."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ....engine.errors import DataError
from ....engine.json_lines import every_line
from ..pairs import Example
from .file_names import known_code
from .rows import BrokenRow, example_of

_ASKED = frozenset(("question", "query", "anchor"))
# The surrogates that decoding leaves for bytes that are not UTF-8.
_BAD_BYTE = re.compile("[\udc80-\udcff]")


def read_table(file: Path, report: Callable[[str], None], language: str, *, commas: bool) -> Iterator[Example]:
    """Examples of a table: columns named by language are bitext; `question`/`query` and `passage`/`positive` are pairs.

    A table without such a header has two columns, a question and its passage. In a table with tabs, quotes are removed
    only from a cell that begins and ends with one.

    Args:
        file: the table.
        report: called with `file:line: reason` for each row that is skipped.
        language: the language of rows that name none.
        commas: whether commas or semicolons separate columns, and quoted cells may contain them and line ends.

    Raises:
        DataError: the file cannot be read to its end, its header is not UTF-8, or a quote is never closed.
    """
    header: list[str] | None = None
    first = True
    for number, cells in _rows(file, report, commas=commas):
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{file.name}:{number}"
        if first:
            first = False
            names = [cell.strip().lower() for cell in cells]
            if _ASKED & set(names) or (len(names) > 1 and all(map(known_code, names))):
                header = names
                if any(map(_BAD_BYTE.search, names)):
                    raise DataError(f"{file}, line {number}: the header is not UTF-8.", hint="Save the file as UTF-8.")
                continue
        try:
            if any(map(_BAD_BYTE.search, cells)):
                raise BrokenRow("not UTF-8; save the file as UTF-8")
            yield example_of(_row(cells, header), where, language)
        except BrokenRow as error:
            report(f"{file}:{number}: {error}")


def _row(cells: list[str], header: list[str] | None) -> dict[str, object]:
    if header is None:
        if len(cells) < 2:
            raise BrokenRow("fewer than two columns")
        return {"question": cells[0], "passage": cells[1]}
    if len(cells) != len(header):
        raise BrokenRow(f"{len(cells)} columns where the header has {len(header)}")
    row: dict[str, object] = dict(zip(header, cells, strict=True))
    return row if _ASKED & set(header) else {"text": row}


def _rows(file: Path, report: Callable[[str], None], *, commas: bool) -> Iterator[tuple[int, list[str]]]:
    """The line at which each row begins, and its cells; bytes that are not UTF-8 become lone surrogates."""
    if not commas:
        for number, line in every_line(file):
            text = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
            yield number, [_unquoted(cell) for cell in text.split("\t")]
        return
    read: list[str] = []

    def lines() -> Iterator[str]:
        for _, line in every_line(file):
            read.append(line.decode("utf-8", "surrogateescape"))
            yield read[-1]

    rows = csv.reader(lines(), delimiter=_delimiter(file))
    while True:
        start = rows.line_num + 1
        read.clear()
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            report(f"{file}:{start}: {error}")
            continue
        if len(read) > 1 and not read[-1].endswith('"') and "".join(read).count('"') % 2:
            raise DataError(
                f"{file}, line {start}: a quote is opened there and closed nowhere.", hint='Write it twice ("").'
            )
        yield start, cells


def _delimiter(file: Path) -> str:
    """The separator of columns, according to the first line that is not blank."""
    line = next((line for _, line in every_line(file) if line.strip()), b"")
    if b"," in line:
        return ","
    return ";" if b";" in line else "\t" if b"\t" in line else ","


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1].replace('""', ""):
        return cell[1:-1].replace('""', '"')
    return cell
