"""The languages of passages as one stacked bar: coloured blocks with codes, and counts if they fit."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from ...display import block, cut, fit

_LEAST = 3


def blocks(counts: Mapping[str, int], width: int) -> list[tuple[str, str]]:
    """(code, label) of the blocks of a bar of `width` cells; a label's length is proportional to its count.

    A block is never narrower than its code; a last block ("", "+3") counts the languages that do not fit.
    """
    items = sorted(((code, number) for code, number in counts.items() if number > 0), key=lambda item: -item[1])
    if not items or width < _LEAST:
        return []
    room = width // _LEAST
    shown, hidden = (items, []) if len(items) <= room else (items[: room - 1], items[room - 1 :])
    entries = [(code, number) for code, number in shown]
    if hidden:
        entries.append(("", sum(number for _, number in hidden)))
    widths = _proportional([number for _, number in entries], width)
    result = []
    for (code, number), cells in zip(entries, widths, strict=True):
        label = code or f"+{len(hidden)}"
        counted = f" {label} {number}" if code else label
        result.append(
            (code, fit(counted if len(counted) < cells else f" {label}" if len(label) < cells else label, cells))
        )
    return result


def _proportional(numbers: list[int], width: int) -> list[int]:
    """Cells for each number: at least `_LEAST`, otherwise in proportion, `width` in all."""
    total = sum(numbers)
    free = width - _LEAST * len(numbers)
    ideal = [max(0.0, number / total * width - _LEAST) for number in numbers]
    scale = free / sum(ideal) if sum(ideal) else 0.0
    shares = [each * scale for each in ideal]
    cells = [int(each) for each in shares]
    order = sorted(range(len(numbers)), key=lambda index: cells[index] - shares[index])
    for index in (order * (free + 1))[: free - sum(cells)]:
        cells[index] += 1
    return [_LEAST + each for each in cells]


class LanguageBar(Widget):
    """The bar; empty if there is nothing to count."""

    DEFAULT_CSS = "LanguageBar { height: 1; }"
    counts: reactive[Mapping[str, int]] = reactive(dict)

    def render(self) -> Text:
        """The blocks, side by side."""
        text = Text(no_wrap=True, overflow="crop", end="")
        for code, label in blocks(self.counts, self.content_size.width):
            text.append(label, block(code) if code else Style(dim=True))
        return text


def tag(code: str) -> tuple[str, Style]:
    """A language's tag: its code on its colour, four cells wide."""
    return fit(f" {cut(code, 3)}", 4), block(code)
