"""Reads RTF in one pass over its words, with each font's code page, notes, boxes, tables, headings and the title.

The library striprtf handles no notes, text boxes, deletions, headings or old Mac files, and reads unescaped bytes as
Latin-1.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ....errors import UnreadableDocument
from ...building import Builder
from ...model import Document, Source
from ..package import finished
from ..styles import CONTENTS, level_of_name
from . import words
from .assembly import Assembly

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})?+ ?"
    rb"|\\'([0-9a-fA-F]{2})"
    rb"|\\(.)"
    rb"|([{}])"
    rb"|([^\\{}\r\n]+)"
    rb"|[\r\n]+",
    re.DOTALL,
)
_MOST_OPEN = 1_000_000
_MOST_DEFINED = 10_000


@dataclass(frozen=True, slots=True)
class _State:
    """The state that a group inherits: where its text goes, and how its bytes are decoded."""

    destination: str = ""
    left_out: bool = False
    font: int = -1
    fallback: int = 1
    deleted: bool = False
    story: int = 0
    style: int = -1
    level: int = 0
    in_table: bool = False


def read_rtf(source: Source) -> Iterator[Document]:
    """A document in Rich Text Format."""
    builder, title, pictures = _Reader(source.data).result()
    yield finished(source, builder, title, pictures=pictures)


def rtf_builder(data: bytes) -> tuple[Builder, str]:
    """(text with headings, title) of a document in Rich Text Format."""
    builder, title, _ = _Reader(data).result()
    return builder, title


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._assembly = Assembly()
        self._title: list[str] = []
        self._pictures = False
        self._state = _State()
        self._open: list[_State] = []
        self._bytes = bytearray()
        self._page = "cp1252"
        self._fonts: dict[int, int] = {}
        self._default_font = -1
        self._to_skip = 0
        self._starred = False
        self._styles: dict[int, int] = {}
        self._style_name: list[str] = []
        self._page_is_named = False

    def result(self) -> tuple[Builder, str, bool]:
        """(the text with headings, the title, whether there are pictures)."""
        if not self._data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
            raise UnreadableDocument("it is damaged: it does not begin as RTF does")
        position, end = 0, len(self._data)
        while position < end:
            match = _TOKEN.match(self._data, position)
            if match is None:
                position += 1
                continue
            position = match.end()
            word, number, escaped, symbol, brace, run = match.groups()
            if run is not None:
                self._run(run)
            elif escaped is not None:
                self._run(bytes.fromhex(escaped.decode("ascii")))
            elif brace is not None:
                self._brace(brace)
            elif symbol is not None:
                self._symbol(symbol)
            elif word is not None:
                value = int(number) if number is not None else None
                if word == b"bin":
                    position += max(0, value or 0)
                else:
                    self._word(word.decode("ascii"), value)
        self._flush()
        self._assembly.finish(self._heading_level)
        return self._assembly.builder, "".join(self._title), self._pictures

    # Text

    def _run(self, run: bytes) -> None:
        if self._to_skip:
            skipped = min(self._to_skip, len(run))
            self._to_skip -= skipped
            run = run[skipped:]
        self._starred = False
        if not self._state.left_out:
            self._bytes += run

    def _flush(self) -> None:
        """Decode the bytes so far: the next ones are in another encoding, or belong elsewhere."""
        if not self._bytes:
            return
        data, self._bytes = bytes(self._bytes), bytearray()
        encoding = self._encoding()
        if encoding:
            self._put(data.decode(encoding, errors="replace"))

    def _put(self, text: str) -> None:
        state = self._state
        if state.left_out or state.deleted:
            return
        if not state.destination:
            self._assembly.write(text)
        elif state.destination == "title":
            self._title.append(text)
        elif state.destination == "stylesheet":
            self._style_name.append(text)
            if ";" in text:
                self._end_style()

    def _encoding(self) -> str:
        """The encoding of the current bytes, "" if they are glyphs of a symbol font."""
        font = self._state.font if self._state.font >= 0 else self._default_font
        charset = self._fonts.get(font, 1)
        if charset == words.SYMBOL_FONT:
            return ""
        if charset not in words.WESTERN:
            return words.CHARSETS.get(charset, self._page)
        # Many programs mark every font as western, and mean the document's own code page.
        return "cp1252" if charset == 0 and self._page_is_named else self._page

    # Groups

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._to_skip = 0
        self._starred = False
        if brace == b"{":
            if len(self._open) >= _MOST_OPEN:
                raise UnreadableDocument("it is nested too deeply")
            self._open.append(self._state)
        elif self._open:
            self._state = self._open.pop()
            self._assembly.end_stories(self._state.story)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
            return
        if self._to_skip:
            self._to_skip -= 1
            return
        self._flush()
        if symbol in (b"\r", b"\n"):
            self._word("par", None)
        elif symbol == b"'":
            return
        elif text := words.SYMBOLS.get(symbol, ""):
            self._put(text)

    def _word(self, word: str, value: int | None) -> None:
        starred, self._starred = self._starred, False
        self._to_skip = 0
        if word == "u":
            self._unicode(value or 0)
            return
        self._flush()
        if word in words.LEFT_OUT or (starred and word not in words.READ):
            self._pictures |= word == "pict"
            self._state = replace(self._state, left_out=True)
        elif word in words.STORIES:
            self._open_story()
        else:
            self._property(word, value)

    def _property(self, word: str, value: int | None) -> None:
        """Handle a word that neither opens a story nor leaves text out."""
        if word in _DESTINATIONS:
            self._state = replace(self._state, destination=word)
        elif text := words.CHARACTERS.get(word):
            self._put(text)
        elif word in _NUMBERED and value is not None:
            _NUMBERED[word](self, value)
        elif word in _PLAIN and self._is_text:
            _PLAIN[word](self)
        elif word in _SWITCHES:
            _SWITCHES[word](self, value)
        elif word in words.SETS:
            self._use_page(words.SETS[word])

    @property
    def _is_text(self) -> bool:
        return not self._state.left_out and not self._state.destination

    def _open_story(self) -> None:
        if self._is_text:
            self._state = replace(self._state, story=self._assembly.open_story())

    def _unicode(self, value: int) -> None:
        if not self._state.left_out:
            self._flush()
            self._put(chr(value & 0xFFFF))
        self._to_skip = self._state.fallback

    # Paragraphs, rows, stories

    def _end_paragraph(self) -> None:
        self._assembly.end_paragraph(self._heading_level, in_table=self._state.in_table)

    @property
    def _heading_level(self) -> int:
        named = self._styles.get(self._state.style, 0)
        return named if named == CONTENTS else self._state.level or named

    def _end_cell(self) -> None:
        self._assembly.end_cell()

    def _end_row(self) -> None:
        self._assembly.end_row()

    def _reset_paragraph(self) -> None:
        self._state = replace(self._state, in_table=False, style=-1, level=0)

    def _plain(self) -> None:
        self._state = replace(self._state, deleted=False, font=self._default_font)

    def _enter_table(self) -> None:
        self._state = replace(self._state, in_table=True)

    # Words with a number

    def _set_font(self, value: int) -> None:
        self._state = replace(self._state, font=value)

    def _set_charset(self, value: int) -> None:
        if self._state.destination == "fonttbl" and len(self._fonts) < _MOST_DEFINED:
            self._fonts[self._state.font] = value
            self._page_is_named |= words.CHARSETS.get(value) == self._page

    def _set_default_font(self, value: int) -> None:
        self._default_font = value

    def _set_page(self, value: int) -> None:
        name = words.PAGES.get(value, f"cp{value}")
        try:
            codecs.lookup(name)
        except LookupError:
            return
        self._use_page(name)

    def _use_page(self, name: str) -> None:
        self._page = name
        self._page_is_named = any(words.CHARSETS.get(each) == name for each in self._fonts.values())

    def _read_again(self, _: int | None) -> None:
        self._state = replace(self._state, left_out=False)

    def _set_deleted(self, value: int | None) -> None:
        self._state = replace(self._state, deleted=value != 0)

    def _set_fallback(self, value: int) -> None:
        self._state = replace(self._state, fallback=max(0, min(value, 10)))

    def _set_style(self, value: int) -> None:
        self._state = replace(self._state, style=value)

    def _set_level(self, value: int) -> None:
        self._state = replace(self._state, level=value + 1 if 0 <= value < 9 else 0)

    def _end_style(self) -> None:
        # Other names of the style may follow the first.
        named = level_of_name(re.split("[,;]", "".join(self._style_name))[0].strip())
        self._style_name.clear()
        level = named if named == CONTENTS else self._state.level or named
        if level and len(self._styles) < _MOST_DEFINED:
            self._styles[self._state.style] = level


_DESTINATIONS = frozenset(("fonttbl", "stylesheet", "info", "title"))
_SWITCHES: dict[str, Callable[[_Reader, int | None], None]] = {
    "deleted": _Reader._set_deleted,
    "ud": _Reader._read_again,
}
_NUMBERED = {
    "f": _Reader._set_font,
    "fcharset": _Reader._set_charset,
    "deff": _Reader._set_default_font,
    "ansicpg": _Reader._set_page,
    "uc": _Reader._set_fallback,
    "s": _Reader._set_style,
    "outlinelevel": _Reader._set_level,
}
_PLAIN = {
    "par": _Reader._end_paragraph,
    "sect": _Reader._end_paragraph,
    "page": _Reader._end_paragraph,
    "pard": _Reader._reset_paragraph,
    "plain": _Reader._plain,
    "intbl": _Reader._enter_table,
    "cell": _Reader._end_cell,
    "nestcell": _Reader._end_cell,
    "row": _Reader._end_row,
    "nestrow": _Reader._end_row,
}
