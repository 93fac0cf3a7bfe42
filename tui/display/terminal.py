"""Measures at start how many cells the terminal gives to marks and emoji, by cursor reports, and counts like it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import rich.cells

from ...engine import paths
from ...engine.files import read_regular, write_text
from . import cells

# Seconds to wait for the first answer and for all: a terminal that never answers must not delay the app.
FIRST, ALL = 0.1, 0.4
# Terminals disagree about marks: the first mark of each kind in a block is tried on the block's first letter.
BLOCKS = (
    (0x0300, 0x036F),  # Latin, Greek, Cyrillic
    (0x0590, 0x05FF),  # Hebrew
    (0x0600, 0x06FF),  # Arabic
    (0x0900, 0x097F),  # Devanagari
    (0x0980, 0x09FF),  # Bengali
    (0x0A00, 0x0A7F),  # Gurmukhi
    (0x0A80, 0x0AFF),  # Gujarati
    (0x0B00, 0x0B7F),  # Odia
    (0x0B80, 0x0BFF),  # Tamil
    (0x0C00, 0x0C7F),  # Telugu
    (0x0C80, 0x0CFF),  # Kannada
    (0x0D00, 0x0D7F),  # Malayalam
    (0x0D80, 0x0DFF),  # Sinhala
    (0x0E00, 0x0E7F),  # Thai
    (0x0E80, 0x0EFF),  # Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
)
HEART = "\u2764\ufe0f"
# What joins: emoji, a skin tone, a conjunct.
JOINED = ("\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd", "\u0915\u094d\u200d\u0937")
_REPORT = re.compile(rb"\x1b\[(\d+);(\d+)R")
_ASK = b"\x1b[6n"
# Errors that reading a damaged or foreign file may raise.
_DAMAGE = (OSError, ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)
# The function of Rich that loads its table of widths.
_TABLE = "load_cell_table"


@dataclass(frozen=True)
class Widths:
    """How one terminal counts cells.

    Args:
        marks: cells of a mark by "block:category", such as "0900:Mc".
        widens: whether a character followed by U+FE0F (emoji presentation) is two cells wide.
        joins: whether characters joined by U+200D or a skin tone are as wide as Rich counts them.
    """

    marks: dict[str, int] = field(default_factory=dict)
    widens: bool = True
    joins: bool = True


def _kinds() -> Iterator[tuple[str, str, str]]:
    """(name, base letter, base letter with a mark) of each kind of mark to try."""
    for first, last in BLOCKS:
        block = [chr(code) for code in range(first, last + 1)]
        base = next((each for each in block if unicodedata.category(each) == "Lo"), "a")
        for category in ("Mn", "Mc"):
            mark = next((each for each in block if unicodedata.category(each) == category), None)
            if mark is not None:
                yield f"{first:04X}:{category}", base, base + mark


def of_browsers() -> Widths:
    """The widths of `serve`'s page, which cannot be asked: xterm.js joins nothing and counts every spacing mark."""
    return Widths({name: int(name.endswith("Mc")) for name, _, _ in _kinds()}, widens=False, joins=False)


def measure(reading: int, writing: int) -> Widths | None:
    """Ask the terminal at two file descriptors; None if it is not a terminal or does not answer in time.

    Keys typed meanwhile are lost: they cannot be told from the answers.
    """
    try:
        import termios
        import tty

        before = termios.tcgetattr(reading)
    except (ImportError, OSError, termios.error):
        return None
    kinds = list(_kinds())
    tried = [text for _, base, marked in kinds for text in (base, marked)] + [HEART, *JOINED]
    try:
        tty.setcbreak(reading, termios.TCSANOW)
        asked = b"".join(b"\r" + text.encode() + _ASK for text in tried)
        columns = _answers(reading, writing, asked + b"\r\x1b[K", len(tried))
    except (OSError, termios.error):
        return None
    finally:
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(reading, termios.TCSANOW, before)
    if columns is None:
        return None
    marks = {
        name: max(0, min(2, columns[2 * place + 1] - columns[2 * place])) for place, (name, _, _) in enumerate(kinds)
    }
    heart, *joined = columns[2 * len(kinds) :]
    as_counted = joined == [rich.cells.cell_len(each) for each in JOINED]
    return Widths(marks, widens=heart == 2, joins=as_counted)


def _answers(reading: int, writing: int, asked: bytes, number: int) -> list[int] | None:
    """The widths in the first `number` cursor reports, in order; None if they do not come in time."""
    os.write(writing, asked)
    began, got = time.monotonic(), b""
    while len(found := _REPORT.findall(got)) < number:
        left = began + (ALL if found else FIRST) - time.monotonic()
        if left <= 0 or not select.select([reading], [], [], left)[0]:
            return None
        got += os.read(reading, 4096)
    return [int(column) - 1 for _, column in found[:number]]


def adopt(widths: Widths) -> Callable[[], None]:
    """Count cells as the terminal does from now on; the returned function undoes it."""
    usual = getattr(rich.cells, _TABLE, None)
    if usual is None:
        # Another version of Rich, whose table is elsewhere: its counting stays as it is.
        return lambda: None
    table = usual("auto")
    other = {
        code: width
        for name, width in widths.marks.items()
        for code in _codes(name)
        if rich.cells.get_character_cell_size(chr(code)) != width
    }
    changed = rich.cells.CellTable(
        table.unicode_version,
        _with(table.widths, other),
        table.narrow_to_wide if widths.widens else frozenset(),
    )
    joins = cells.joins()

    def use(load: Callable[[str], rich.cells.CellTable], joined: bool) -> None:
        setattr(rich.cells, _TABLE, load)
        rich.cells.get_character_cell_size.cache_clear()
        rich.cells.cached_cell_len.cache_clear()
        cells.set_joins(joined)

    use(lambda _: changed, widths.joins)
    return lambda: use(usual, joins)


def _codes(name: str) -> Iterator[int]:
    """The code points of a kind of mark."""
    block, _, category = name.partition(":")
    for first, last in BLOCKS:
        if f"{first:04X}" == block:
            yield from (code for code in range(first, last + 1) if unicodedata.category(chr(code)) == category)


def _with(ranges: Sequence[tuple[int, int, int]], other: dict[int, int]) -> list[tuple[int, int, int]]:
    """A table of (first, last, width) with other widths for some characters."""
    found = [(code, code, width) for code, width in other.items()]
    for first, last, width in ranges:
        start = first
        for code in sorted(code for code in other if first <= code <= last):
            if code > start:
                found.append((start, code - 1, width))
            start = code + 1
        if start <= last:
            found.append((start, last, width))
    return sorted(found)


# -- stored measurements


def _file() -> Path:
    return paths.cache_folder() / "terminals.json"


def name_of() -> str:
    """The name of this kind of terminal, as far as the environment gives it."""
    known = (os.environ.get(name, "") for name in ("TERM_PROGRAM", "TERM_PROGRAM_VERSION", "TERM"))
    return " ".join(each for each in known if each)


def learn(reading: int, writing: int, *, browser: bool = False) -> Widths | None:
    """Count cells as the terminal does: measured now, or if it does not answer, as stored for its kind.

    Args:
        reading: a file descriptor to read from the terminal.
        writing: one to write to it.
        browser: whether the terminal is `serve`'s page in a browser.
    """
    if browser:
        adopt(of_browsers())
        return of_browsers()
    found = measure(reading, writing)
    kept = _kept()
    if found is None:
        found = kept.get(name_of())
    elif kept.get(name_of()) != found:
        with contextlib.suppress(OSError):
            table = {name: asdict(each) for name, each in {**kept, name_of(): found}.items()}
            write_text(_file(), json.dumps(table, indent=1) + "\n")
    if found is not None:
        adopt(found)
    return found


def _kept() -> dict[str, Widths]:
    found: dict[str, Widths] = {}
    with contextlib.suppress(*_DAMAGE):
        for name, each in json.loads(read_regular(_file())).items():
            marks = {str(kind): int(width) for kind, width in each["marks"].items() if 0 <= int(width) <= 2}
            found[name] = Widths(marks, bool(each["widens"]), bool(each["joins"]))
    return found
