"""Text measured in terminal cells: cut, pad and flatten without breaking a character of any script."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size, split_graphemes

from ...engine.shown import lines, one_line

# The zero-width joiner, and the skin tones, which join the emoji before them.
_JOINERS = dict.fromkeys((0x200D, *range(0x1F3FB, 0x1F400)))
_joins = True


def joins() -> bool:
    """Whether joiners are shown."""
    return _joins


def set_joins(shown: bool) -> None:
    """Show joiners, or drop them for a terminal that counts what some of them join separately."""
    global _joins
    _joins = shown


def _joined(text: str) -> str:
    return text if _joins else text.translate(_JOINERS)


def flat(text: str) -> str:
    """The text on one line: each run of white space is one space; no control characters or stray directions."""
    return _joined(one_line(text))


def plain(text: str) -> str:
    """The text with its lines, without control characters, for a pane that wraps."""
    return _joined("\n".join(lines(line.expandtabs(4)).rstrip() for line in text.splitlines()))


def cut(text: str, width: int) -> str:
    """The text in at most `width` cells, with an ellipsis if it was cut."""
    if width <= 0:
        return ""
    # Measures only as much of a long text as could be seen: a character has at most a dozen code points.
    text = text[: width * 12 + 12]
    if cell_len(text) <= width:
        return text
    kept, used = 0, 0
    for _, end, size in split_graphemes(text)[0]:
        if used + size > width - 1:
            break
        used += size
        kept = end
    return text[:kept].rstrip() + "…"


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells: cut or padded."""
    return set_cell_size(cut(text, width), max(0, width))


def around(text: str, start: int, end: int, width: int) -> tuple[str, int, int]:
    """A line of at most `width` cells that shows text[start:end], and the span's new start and end.

    If the span does not fit together with the text before it, it begins the line.
    """
    seen = width * 4
    before, span, after = flat(text[max(0, start - seen) : start]), flat(text[start:end]), flat(text[end : end + seen])
    lead = f"{before} " if before and (span or after) else before
    rest = f"{span} {after}".strip()
    if cell_len(lead + rest) <= width:
        return lead + rest, len(lead), len(lead) + len(span)
    if lead:
        lead = "… "
    line = cut(lead + rest, width)
    return line, len(lead), min(len(line), len(lead) + len(span))
