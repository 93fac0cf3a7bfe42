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
# Columns beside those of the languages of bitext; "" is one without a name, such as that of a data frame's index.
_BESIDE = frozenset(("", "query_id", "source", "document", "score", "similarity", "domain", "corpus", "index", "url"))
# Names that are codes of languages (Indonesian, Norwegian, Southern Ndebele), and those of columns of numbers.
_NUMBERS = frozenset(("id", "no", "nr"))
# What spreadsheets write above a table to name its delimiter.
_SEP_LINE = re.compile(rb"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)
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
            if _ASKED & set(names) or _are_languages(names):
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
    row = dict(zip(header, cells, strict=True))
    if _ASKED & set(header):
        return dict(row)
    texts = {name: text for name, text in row.items() if known_code(name)}
    beside = {name: text for name, text in row.items() if name in _BESIDE}
    for name in _NUMBERS & texts.keys():
        if _is_number(texts[name]):
            beside["id"] = texts.pop(name)
    return {**beside, "text": texts}


def _are_languages(names: list[str]) -> bool:
    """Whether a header names languages: two or more, and besides them only what usually stands beside texts."""
    languages = [name for name in names if known_code(name)]
    return len(languages) > 1 and len(set(languages)) == len(languages) and _BESIDE.issuperset({*names} - {*languages})


def _is_number(cell: str) -> bool:
    """Whether a cell holds the number or identifier of its row, and no sentence."""
    return not re.search(r"\s", cell.strip()) and bool(re.search(r"\d", cell))


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
        if start == 1 and _SEP_LINE.fullmatch("".join(read).encode("utf-8", "surrogateescape")):
            continue
        if len(read) > 1 and not read[-1].endswith('"') and "".join(read).count('"') % 2:
            raise DataError(
                f"{file}, line {start}: a quote is opened there and closed nowhere.", hint='Write it twice ("").'
            )
        yield start, cells


def _delimiter(file: Path) -> str:
    """The separator of columns, according to the first line that is not blank."""
    line = next((line for _, line in every_line(file) if line.strip()), b"")
    if named := _SEP_LINE.fullmatch(line):
        return named[1].decode("ascii", "replace")
    if b"," in line:
        return ","
    return ";" if b";" in line else "\t" if b"\t" in line else ","


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1].replace('""', ""):
        return cell[1:-1].replace('""', '"')
    return cell
