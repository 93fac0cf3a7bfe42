"""Splits text with delimiters into records of cells; a stray quote is an ordinary character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

_FIRST = itemgetter(0)


@dataclass(frozen=True)
class Dialect:
    """How cells are separated and quoted. `width` is the usual number of cells, 0 if unknown."""

    delimiter: str
    quote: str = '"'
    width: int = 0


class Record(NamedTuple):
    """A record: the line it starts on (from 1), its cells, whether one was quoted, and where the next record starts."""

    line: int
    cells: list[str]
    quoted: bool
    end: int


def records(text: str, dialect: Dialect, start: int = 0) -> Iterator[Record]:
    """The records of a text, from the line that starts at `start`; blank lines are skipped.

    A quoted cell ends at a quote before a delimiter or a line end; quotes inside it are doubled or escaped by a
    backslash. In a cell that starts with a quote but does not fit this, the quote is an ordinary character, so that a
    stray quote joins no rows. Time is linear in the text.
    """
    delimiter, quote = dialect.delimiter, dialect.quote
    cells_of = _QuotedCells(text, dialect)
    line = text.count("\n", 0, start) + 1
    size = len(text)
    while start < size:
        end = text.find("\n", start)
        if end < 0:
            end = size
        if quote and text.find(quote, start, end) >= 0:
            cells, end, quoted = cells_of.record(start, end)
            if any(cell.strip() for cell in cells):
                yield Record(line, cells, quoted, end + 1)
            line += text.count("\n", start, end)
        else:
            row = text[start:end]
            if row and not row.isspace():
                yield Record(line, row.split(delimiter), False, end + 1)
        line += 1
        start = end + 1


class _QuotedCells:
    """Reads records with quotes, and treats quotes as ordinary characters after too many that do not match."""

    def __init__(self, text: str, dialect: Dialect) -> None:
        self._text = text
        self._dialect = dialect
        # A cell within one line, with matching quotes or without quotes.
        between, quote = re.escape(dialect.delimiter), re.escape(dialect.quote)
        inside = rf" *{quote}((?:[^{quote}]++|{quote}{quote})*+){quote} *(?={between}|\Z)"
        self._cell = re.compile(rf"(?:^|{between})(?:{inside}|([^{between}]*+))")
        # Characters that may be scanned in vain; after that the text's quotes are ordinary characters.
        self._patience = 4 * len(text) + 100_000

    def record(self, start: int, line_end: int) -> tuple[list[str], int, bool]:
        """(cells, end, whether one was quoted) of the record at `start`; `end` is the place of its line end."""
        text, delimiter, quote = self._text, self._dialect.delimiter, self._dialect.quote
        pairs = self._cell.findall(text[start:line_end])
        if self._patience >= 0 and not any(bare and bare.lstrip(" ").startswith(quote) for _, bare in pairs):
            double = quote + quote
            return [inner.replace(double, quote) or bare for inner, bare in pairs], line_end, any(map(_FIRST, pairs))
        cells: list[str] = []
        quoted = False
        place = start
        while True:
            cell = self._quoted(start, place, trusted=quoted)
            if cell is not None:
                value, place = cell
                quoted = True
                if place > line_end:
                    line_end = text.find("\n", place)
                    line_end = len(text) if line_end < 0 else line_end
            else:
                end = text.find(delimiter, place, line_end)
                end = line_end if end < 0 else end
                value, place = text[place:end], end
            cells.append(value)
            if place >= line_end:
                return cells, line_end, quoted
            place += len(delimiter)

    def _quoted(self, start: int, place: int, *, trusted: bool) -> tuple[str, int] | None:
        """(value, place of its delimiter or line end) of a quoted cell at `place`, None if it is not quoted.

        `trusted`: an earlier cell of its record was quoted, so a quote here is not taken for a stray one.
        """
        text, quote = self._text, self._dialect.quote
        while text.startswith(" ", place):
            place += 1
        if not text.startswith(quote, place) or self._patience < 0:
            return None
        first = place + 1
        search, escaped = first, False
        while True:
            found = text.find(quote, search)
            if found < 0:
                self._patience -= len(text) - first
                return None
            if text.startswith(quote, found + 1):
                search = found + 2
                continue
            after = self._after(found + 1)
            if after >= 0:
                break
            if text[found - 1] != "\\" or found == first:
                self._patience -= found - first
                return None
            escaped = True
            search = found + 1
        trusted = trusted or text.startswith(self._dialect.delimiter + quote, after)
        if not trusted and "\n" in text[first:found] and self._is_stray(start, after):
            self._patience -= after - start
            return None
        value = text[first:found].replace(quote + quote, quote)
        return value.replace("\\" + quote, quote) if escaped else value, after

    def _after(self, place: int) -> int:
        """The place of the delimiter or line end after a closing quote, -1 if something else comes first."""
        text = self._text
        while text.startswith(" ", place):
            place += 1
        at_end = place >= len(text) or text[place] == "\n" or text.startswith(self._dialect.delimiter, place)
        return place if at_end else -1

    def _is_stray(self, start: int, end: int) -> bool:
        """Whether a cell over several lines is really several complete rows between two stray quotes."""
        text, delimiter = self._text, self._dialect.delimiter
        line_end = text.find("\n", end)
        lines = text[start : len(text) if line_end < 0 else line_end].split("\n")
        if delimiter == "\t":
            counts = {line.count(delimiter) for line in lines if line.strip()}
        else:
            if len(lines) < 3:
                return False
            # A comma before a space is one of prose, not a delimiter.
            counts = {line.count(delimiter) - line.count(delimiter + " ") for line in lines if line.strip()}
        width = self._dialect.width or max(counts) + 1
        return width > 1 and counts == {width - 1}
