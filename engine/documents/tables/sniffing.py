"""Finds a table's delimiter and quote, its header, and the names of its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from .columns import TEXT_NAMES, TITLE_NAMES, plain
from .separated import Dialect, Record, records

DELIMITERS = ",;\t|"
_SAMPLE = 65536
_RECORDS = 300
_MOST_ABOVE = 60
# A delimiter belongs to prose if more than this share are followed by a space, and few lines have equally many.
_MOSTLY_SPACED = 0.7
_USUAL = 0.85
_SEP_LINE = re.compile(r"\s*\"?sep=(.)\"?[ \t]*(?:\n|\Z)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[.,:/ %€$-]*\d[\d.,:/ %€$TZ-]*")
_NAME = re.compile(r"[^\W\d][\w .,()/#-]{0,39}")
_SENTENCE_END = re.compile(r"[.!?。！？؟।]['\"”’»)]?$")
_ASKED = re.compile(r"[?？؟]\)?$")
# Frequent names of columns besides those of texts and titles.
_NAMES = """
    id _id uid uuid docid doc_id pid key index nr no summary comment comments message review author date created time
    year lang language locale url link source label category tags type status topic country email phone price quantity
    query translation target sprache datum quelle kommentar kategorie langue auteur commentaire idioma autor fecha
    lingua дата автор язык
"""
KNOWN_NAMES = frozenset(_NAMES.split()) | TEXT_NAMES.keys() | TITLE_NAMES.keys()


@dataclass(frozen=True)
class Layout:
    """A table's dialect, its columns' names, and where its first row starts in the text."""

    dialect: Dialect
    columns: tuple[str, ...]
    start: int


def layout(text: str, preferred: str = "") -> Layout:
    """How to read a table; `preferred` is the delimiter by the file's name, which counts more than others.

    The delimiter is the one that gives the most records with the same number of cells. The header is the first record
    with at least the usual number, or of known names; lines above it are skipped. If that record looks like the others,
    there is no header, and columns are called "column 1" and so on.
    """
    start = 0
    told = _SEP_LINE.match(text)
    if told:
        start, preferred = told.end(), told[1]
    sample = text[start : start + _SAMPLE]
    if len(text) - start > _SAMPLE and "\n" in sample:
        sample = sample[: sample.rindex("\n") + 1]
    dialect = _dialect(sample, preferred, told=bool(told))
    rows = _filled(sample, dialect)
    if not rows:
        return Layout(dialect, (), len(text))
    header = _header(rows, dialect.width)
    if header is None:
        width = max(dialect.width, len(rows[0].cells)) if dialect.width > 1 else 1
        return Layout(dialect, tuple(f"column {place}" for place in range(1, width + 1)), start)
    return Layout(dialect, _names(rows[header].cells), start + rows[header].end)


def _filled(sample: str, dialect: Dialect) -> list[Record]:
    """The first records that are not empty."""
    return [row for row in islice(records(sample, dialect), _RECORDS) if any(cell.strip() for cell in row.cells)]


def _dialect(sample: str, preferred: str, *, told: bool) -> Dialect:
    if told:
        return _with_width(sample, Dialect(preferred))
    best, best_score = Dialect(preferred or ","), 0.0
    for delimiter in DELIMITERS + preferred.strip(DELIMITERS):
        if delimiter not in sample:
            continue
        for quote in _quotes(sample, delimiter):
            dialect = _with_width(sample, Dialect(delimiter, quote))
            score = _score(sample, dialect) + (0.3 if delimiter == preferred else 0.0)
            if dialect.width > 1 and score > best_score:
                best, best_score = dialect, score
    return best if best_score else Dialect(preferred or ",", width=1)


def _quotes(sample: str, delimiter: str) -> Sequence[str]:
    """The quotes to try: the apostrophe only if no cell starts with a double quote and several with an apostrophe."""
    edge = re.escape(delimiter)
    if re.search(rf'(?:^|{edge}) *"', sample, re.MULTILINE):
        return ('"',)
    opened = len(re.findall(rf"(?:^|{edge}) *'", sample, re.MULTILINE))
    closed = len(re.findall(rf"' *(?:$|{edge})", sample, re.MULTILINE))
    return ("'",) if opened > 2 and opened == closed else ('"',)


def _with_width(sample: str, dialect: Dialect) -> Dialect:
    """The dialect with the usual number of cells: that of most records, the larger of two equally frequent ones."""
    counts = Counter(len(row.cells) for row in _filled(sample, dialect))
    width = max(counts, key=lambda count: (counts[count], count), default=1)
    return Dialect(dialect.delimiter, dialect.quote, width)


def _score(sample: str, dialect: Dialect) -> float:
    """How well a dialect fits: the share of records with the usual number of cells, slightly higher for more cells."""
    rows = _filled(sample, dialect)
    fitting = sum(len(row.cells) == dialect.width for row in rows) / max(1, len(rows))
    named = any(plain(cell) in KNOWN_NAMES for row in rows[:_MOST_ABOVE] for cell in row.cells)
    # Prose has a space after its commas; cells mostly have none.
    cells = [cell for row in rows for cell in row.cells[1:]]
    spaced = sum(cell.startswith(" ") and not cell.isspace() for cell in cells) / max(1, len(cells))
    one_name = bool(rows) and len(rows[0].cells) == 1 and plain(rows[0].cells[0]) in KNOWN_NAMES
    if (one_name and fitting < _USUAL) or (spaced > _MOSTLY_SPACED and fitting < _USUAL):
        return 0.0
    return fitting * (1 - 1 / (dialect.width + 2)) * (1 - 0.5 * spaced) + (0.2 if named else 0.0)


def _header(rows: Sequence[Record], width: int) -> int | None:
    """The place of the header among the records, or None."""
    for place, row in enumerate(rows[:_MOST_ABOVE]):
        filled = [cell.strip() for cell in row.cells if cell.strip()]
        if width > 1 and len(filled) < 2 and len(row.cells) < width:
            continue
        if width == 1 and any(cell.startswith(" ") for cell in row.cells[1:]) and not _are_names(filled):
            # A line of prose with commas, among others.
            return None
        if len(row.cells) >= width or _are_names(filled):
            return place if _looks_like_header(row, rows[place + 1 :]) else None
    return None


def _are_names(cells: Sequence[str]) -> bool:
    known = sum(plain(cell) in KNOWN_NAMES for cell in cells)
    return bool(known) and all(_NAME.fullmatch(cell) or plain(cell) in KNOWN_NAMES for cell in cells)


def _looks_like_header(row: Record, below: Sequence[Record]) -> bool:
    cells = [cell.strip() for cell in row.cells]
    if any(plain(cell) in KNOWN_NAMES for cell in cells) and not any(len(cell) > 80 for cell in cells):
        return True
    fitting = [other for other in below if len(other.cells) == len(cells)][:100]
    if not fitting:
        return len(cells) > 1 and all(map(_NAME.fullmatch, cells))
    votes = -sum(bool(_SENTENCE_END.search(cell)) and len(cell) > 5 and not _ASKED.search(cell) for cell in cells)
    votes -= len(cells) - len(set(cells))
    for place, cell in enumerate(cells):
        votes += _vote(cell, [other.cells[place].strip() for other in fitting])
    # In doubt, a table has a header and a list of words has none.
    return votes > 0 or (votes == 0 and len(cells) > 1 and all(map(_NAME.fullmatch, cells)))


def _vote(cell: str, column: Sequence[str]) -> int:
    """Above 0 if a cell looks like the name of the column below it, below 0 if like one of its values, else 0."""
    filled = [value for value in column if value]
    if not filled:
        return 0
    if not cell:
        return 0
    if _ASKED.search(cell):
        # In the answers to a form, each column is headed by its question.
        return -1 if any(map(_ASKED.search, filled)) else 1
    numbers = sum(bool(_NUMBER.fullmatch(value)) for value in filled)
    if numbers > 0.8 * len(filled):
        return -2 if _NUMBER.fullmatch(cell) else 2
    if cell in filled:
        return -2
    mean = sum(map(len, filled)) / len(filled)
    if len(cell) > 60:
        return -2
    if mean > 20:
        if len(cell) < 0.5 * mean and _NAME.fullmatch(cell):
            return 2
        return -1 if len(cell) > 0.8 * mean else 0
    return 0


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    """The columns' names, all different: an empty one is numbered, a repeated one gets its column's number."""
    names: dict[str, None] = {}
    for place, cell in enumerate(cells, 1):
        name = " ".join(cell.split()) or f"column {place}"
        while name in names:
            name = f"{name} ({place})"
        names[name] = None
    return tuple(names)
