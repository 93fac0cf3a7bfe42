"""Reads Excel workbooks (xlsx, xlsm, xltx) as a stream: a heading per sheet, a line per row, tabs between cells.

A row without words (only numbers, dates and truth values) is not prose and left out. In rows with words, numbers are
kept about as the cell shows them: dates as dates, other numbers plainly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from ...errors import UnreadableDocument
from ..building import Builder
from ..model import Document, Source
from ..tables import by_language
from .drawing import shapes_of
from .events import Events
from .names import attribute, number
from .package import Package, missing

_DATE, _ELAPSED, _PERCENT = "date", "elapsed", "percent"
_BUILT_IN = {
    **dict.fromkeys((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)), _DATE),
    **{46: _ELAPSED, 9: _PERCENT, 10: _PERCENT},
}
# A number of hours, minutes or seconds that may be more than a day.
_COUNTED = re.compile(r"\[(?:h+|m+|s+)\]")
# How the format writes a character that XML cannot hold, such as a carriage return, and the mark before such a code.
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_NO_FORMAT = re.compile(r'"[^"]*+"|\[[^\]]*+\]|\\.')
_LATEST_DAY = 2_958_465  # 31 December 9999


def read_xlsx(source: Source) -> Iterator[Document]:
    """The sheets of an Excel workbook, hidden ones included."""
    package = Package(source.data, source.limit)
    main = package.main("xl/workbook.xml", "spreadsheetml")
    book = _Book()
    package.read(main, book)
    related = package.related(main)
    sheets = [(name, related[each].target) for name, each in book.sheets if each in related]
    if not sheets and not book.sheets:
        sheets = [("", part) for part in package.numbered(r"xl/worksheets/sheet([0-9]*)\.xml")]
    if not sheets and not package.archive.find(main):
        raise missing(main)
    strings = _Strings()
    for part in package.of_type(main, "sharedStrings") or ["xl/sharedStrings.xml"]:
        package.read(part, strings)
    styles = _Formats()
    for part in package.of_type(main, "styles") or ["xl/styles.xml"]:
        package.look(part, styles)
    builder = Builder()
    room, numbers = source.limit, False
    for name, part in {part: (name, part) for name, part in sheets}.values():
        sheet = _Sheet(strings.found, styles.kinds, book.start, room)
        package.read(part, sheet)
        room, numbers = sheet.room, numbers or sheet.numbers
        if sheet.lines:
            builder.heading(1, name)
            for text in by_language(sheet.lines):
                builder.paragraph(text)
        for block in (block for shapes in package.of_type(part, "drawing") for block in shapes_of(package, shapes)):
            if not sheet.lines:
                builder.heading(1, name)
                sheet.lines.append("")
            builder.paragraph(block.text)
    yield package.document(source, builder, numbers=numbers)


class _Book(Events):
    """The names of the sheets in order, and the day that dates count from."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.start = datetime(1899, 12, 30)
        self.opening["x:sheet"] = self._sheet
        self.opening["x:workbookPr"] = self._properties

    def _sheet(self, facts: dict[str, str]) -> None:
        self.sheets.append((facts.get("name", ""), attribute(facts, "r:id")))

    def _properties(self, facts: dict[str, str]) -> None:
        if facts.get("date1904", "") in ("1", "true"):
            self.start = datetime(1904, 1, 1)


class _Strings(Events):
    """The strings that cells refer to by number; phonetic readings of Japanese words are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._pieces: list[str] = []
        self.opening["x:si"] = lambda _: self._pieces.clear()
        self.closing["x:si"] = lambda: self.found.append(_words(self._pieces))
        self.ignore("x:rPh", "x:phoneticPr")
        self.take("x:t")

    def text(self, data: str) -> None:
        self._pieces.append(data)


class _Formats(Events):
    """What cell formats show a number as: a date, a time elapsed, a percentage; "" for others."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[str] = []
        self._codes = dict(_BUILT_IN)
        self._in_cells = False
        self.opening["x:numFmt"] = self._format
        self.opening["x:cellXfs"] = lambda _: self._set(True)
        self.closing["x:cellXfs"] = lambda: self._set(False)
        self.opening["x:xf"] = self._cell_format

    def _set(self, inside: bool) -> None:
        self._in_cells = inside

    def _format(self, facts: dict[str, str]) -> None:
        told = facts.get("formatCode", "").lower()
        code = _NO_FORMAT.sub("", told)
        is_date = code != "general" and re.search("[ymdhs]", code)
        kind = _ELAPSED if _COUNTED.search(told) else _DATE if is_date else _PERCENT if "%" in code else ""
        self._codes[number(facts.get("numFmtId", ""), -1)] = kind

    def _cell_format(self, facts: dict[str, str]) -> None:
        if self._in_cells:
            self.kinds.append(self._codes.get(number(facts.get("numFmtId", ""), 0), ""))


class _Sheet(Events):
    """The rows of a sheet that hold words. `room`: the characters that all sheets together may still add."""

    def __init__(self, strings: list[str], kinds: list[str], start: datetime, room: int) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.numbers = False
        self.room = room
        self._strings = strings
        self._kinds = kinds
        self._start_day = start
        self._cells: list[str] = []
        self._has_words = False
        self._type = ""
        self._kind = ""
        self._pieces: list[str] = []
        self.opening["x:row"] = self._open_row
        self.closing["x:row"] = self._close_row
        self.opening["x:c"] = self._open_cell
        self.closing["x:c"] = self._close_cell
        self.ignore("x:rPh", "x:f", "x:headerFooter", "x:extLst", "x:conditionalFormatting", "x:dataValidations")
        self.take("x:v", "x:t")

    def text(self, data: str) -> None:
        self._pieces.append(data)

    def _open_row(self, _: dict[str, str]) -> None:
        self._cells.clear()
        self._has_words = False

    def _close_row(self) -> None:
        if self._has_words:
            self.lines.append("\t".join(self._cells))

    def _open_cell(self, facts: dict[str, str]) -> None:
        self._pieces.clear()
        self._type = facts.get("t", "n")
        style = number(facts.get("s", ""), 0)
        self._kind = self._kinds[style] if style < len(self._kinds) else ""

    def _close_cell(self) -> None:
        text = _words(self._pieces)
        match self._type:
            case "s":
                place = number(text, -1)
                text = self._strings[place] if 0 <= place < len(self._strings) else ""
            case "b":
                text = "TRUE" if text == "1" else "FALSE"
            case "e":
                text = ""
            case "n":
                text = self._shown(text)
        if not text:
            return
        if self._type in ("s", "str", "inlineStr") and any(map(str.isalpha, text)):
            self._has_words = True
        else:
            self.numbers = True
        self.room -= len(text)
        if self.room < 0:
            raise UnreadableDocument("it unpacks to more than the size limit")
        self._cells.append(text)

    def _shown(self, text: str) -> str:
        if len(text) > 40:
            return ""
        try:
            value = float(text)
        except ValueError:
            return ""
        if self._kind == _PERCENT:
            return f"{value * 100:.15g}%"
        if self._kind == _ELAPSED and 0 <= value < _LATEST_DAY:
            minutes = round(value * 24 * 60)
            return f"{minutes // 60}:{minutes % 60:02}"
        if self._kind == _DATE and 0 <= value < _LATEST_DAY:
            moment = (self._start_day + timedelta(days=value) + timedelta(milliseconds=500)).replace(microsecond=0)
            if value < 1:
                return moment.strftime("%H:%M")
            return moment.date().isoformat() if value == int(value) else moment.isoformat(" ", "minutes")
        return f"{value:.15g}"


def _words(pieces: list[str]) -> str:
    """A cell's text on one line, without escapes."""
    text = "".join(pieces)
    if "_x" in text:
        text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    return " ".join(text.split())
