"""Draws heat maps, distributions, scatter plots and intervals as SVG text, without a drawing library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...engine.shown import in_xml

Figures = NDArray[np.float64]

MOST_ACROSS = 3
FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif"
INK, SOFT, PAPER, GRID = "#1b2230", "#5a6475", "#ffffff", "#dfe3ea"
SEQUENTIAL = ("#f7f4ec", "#d9e3d6", "#a4cdbf", "#5fa8a8", "#2f7793", "#1d3f6e")
# Classes by colour, so that a page can restyle a picture for a dark background.
_CLASSES = {INK: ' class="ink"', SOFT: ' class="soft"'}
DIVERGING = ("#9c2f2f", "#d98a6a", "#f5f2ec", "#7fb0a8", "#1f6a6a")
SERIES = ("#1d5fa8", "#d1662a", "#2f8f5b", "#8a4fae", "#a98a17", "#b23a5e", "#3b3f4a", "#4ba3b8")


def heat_map(
    values: Figures,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    *,
    row_title: str = "query language",
    column_title: str = "passage language",
    span: tuple[float, float] | None = None,
    diverging: bool = False,
    caption: str = "",
) -> str:
    """A matrix as coloured cells with their figures; NaN cells show a dash.

    Args:
        values: shape (rows, columns).
        rows: labels, top to bottom.
        columns: labels, left to right.
        title: above the picture.
        row_title: what rows are.
        column_title: what columns are.
        span: figures at the ends of the colour scale; the data's own by default, symmetric when diverging.
        diverging: for differences: one colour below zero, another above.
        caption: a line under the picture.
    """
    known = values[~np.isnan(values)]
    low, high = span or ((float(known.min()), float(known.max())) if len(known) else (0.0, 1.0))
    if diverging:
        reach = max(abs(low), abs(high), 1e-9)
        low, high = -reach, reach
    colours = DIVERGING if diverging else SEQUENTIAL
    cell_width, cell_height, left, top = 46, 26, 74, 84
    width = max(left + cell_width * len(columns) + 96, 460)
    height = top + cell_height * len(rows) + 46
    parts = [_text(20, 30, title, size=16, weight=600)]
    parts.append(_text(left + cell_width * len(columns) / 2, 56, column_title, size=12, fill=SOFT, anchor="middle"))
    parts.append(_turned(22, top + cell_height * len(rows) / 2, row_title))
    for column, label in enumerate(columns):
        parts.append(_text(left + cell_width * (column + 0.5), top - 8, label, anchor="middle"))
    for row, label in enumerate(rows):
        middle = top + cell_height * (row + 0.5)
        parts.append(_text(left - 8, middle + 4, label, anchor="end"))
        for column in range(len(columns)):
            parts += _cell(
                values[row, column], left + cell_width * column, top + cell_height * row, low, high, colours, diverging
            )
    parts += _scale(left + cell_width * len(columns) + 18, top, cell_height * len(rows), low, high, colours, diverging)
    if caption:
        parts.append(_text(20, height - 14, caption, size=11, fill=SOFT))
    return _document(width, height, parts, title)


def _cell(value: float, x: float, y: float, low: float, high: float, colours: Sequence[str], signed: bool) -> list[str]:
    if math.isnan(value):
        # On a dark background, empty cells look like the highest figures; the dash distinguishes them.
        blank = f'<rect x="{x}" y="{y}" width="45" height="25" fill="{GRID}" fill-opacity=".35" class="none"/>'
        return [blank, _text(x + 22.5, y + 17, "–", size=11, fill=SOFT, anchor="middle")]
    fill = blend(colours, (value - low) / (high - low) if high > low else 0.5)
    return [
        f'<rect x="{x}" y="{y}" width="45" height="25" fill="{fill}"/>',
        _text(
            x + 22.5,
            y + 17,
            figure(value, signed),
            size=11,
            fill=INK if bright(fill) else PAPER,
            anchor="middle",
            own=False,
        ),
    ]


def _scale(
    x: float, y: float, height: float, low: float, high: float, colours: Sequence[str], signed: bool
) -> list[str]:
    steps = 40
    parts = [
        f'<rect x="{x}" y="{y + height * step / steps:.2f}" width="14" height="{height / steps + 0.6:.2f}" '
        f'fill="{blend(colours, 1 - (step + 0.5) / steps)}"/>'
        for step in range(steps)
    ]
    return [
        *parts,
        _text(x + 20, y + 10, figure(high, signed), size=11, fill=SOFT),
        _text(x + 20, y + height, figure(low, signed), size=11, fill=SOFT),
    ]


def distributions(samples: Mapping[str, Figures], title: str, axis: str, *, caption: str = "") -> str:
    """Distributions of per-query figures: one cumulative curve per name on a logarithmic axis, its median marked.

    Cumulative curves need no bins, and several fit into one picture.

    Args:
        samples: figures by name, at least 0; NaN are left out.
        title: above the picture.
        axis: what the figures are.
        caption: a line under the picture.
    """
    width, height, left, right, top, bottom = 760, 420, 66, 24, 56, 92
    known = {name: np.sort(values[~np.isnan(values)]) for name, values in samples.items()}
    known = {name: values for name, values in known.items() if len(values)}
    largest = max((float(values[-1]) for values in known.values()), default=1.0)
    decades = max(1, math.ceil(math.log10(max(largest, 1.0) + 1)))
    plot_width, plot_height = width - left - right, height - top - bottom

    def place(value: float) -> float:
        return left + plot_width * math.log10(value + 1) / decades

    parts = [_text(20, 30, title, size=16, weight=600)]
    for decade in range(decades + 1):
        x = left + plot_width * decade / decades
        parts.append(f'<path d="M{x:.1f} {top}V{top + plot_height}" stroke="{GRID}" class="grid"/>')
        parts.append(_text(x, top + plot_height + 18, f"{10**decade - (decade == 0):,}", anchor="middle", fill=SOFT))
    for share in (0, 25, 50, 75, 100):
        y = top + plot_height * (1 - share / 100)
        parts.append(f'<path d="M{left} {y:.1f}H{width - right}" stroke="{GRID}" class="grid"/>')
        parts.append(_text(left - 8, y + 4, f"{share} %", anchor="end", fill=SOFT))
    parts.append(_text(left + plot_width / 2, top + plot_height + 38, axis, anchor="middle", fill=SOFT))
    parts.append(_turned(16, top + plot_height / 2, "share of queries"))
    legend = float(left)
    for number, (name, values) in enumerate(known.items()):
        colour = SERIES[number % len(SERIES)]
        shares = np.linspace(0, 1, 101)
        points = " ".join(
            f"{place(float(value)):.1f},{top + plot_height * (1 - share):.1f}"
            for value, share in zip(np.quantile(values, shares), shares, strict=True)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.2"/>')
        median = float(np.median(values))
        parts.append(f'<circle cx="{place(median):.1f}" cy="{top + plot_height / 2:.1f}" r="4.5" fill="{colour}"/>')
        label = f"{name} (median {median:,.0f})"
        parts.append(f'<rect x="{legend}" y="{height - 44}" width="14" height="5" fill="{colour}"/>')
        parts.append(_text(legend + 20, height - 38, label))
        legend += 34 + 7.0 * len(label)
    if caption:
        parts.append(_text(20, height - 12, caption, size=11, fill=SOFT))
    return _document(max(width, int(legend) + 10), height, parts, title)


def scatter(
    panels: Mapping[str, Figures],
    groups: Sequence[str],
    colours: Mapping[str, str],
    title: str,
    *,
    caption: str = "",
) -> str:
    """Points in the plane, one panel per name, coloured by group.

    Args:
        panels: coordinates by name, shape (points, 2), the same points in the same order.
        groups: a group for each point.
        colours: #rrggbb by group.
        title: above the picture.
        caption: a line under the picture.
    """
    side, gap, left, top = 360, 24, 20, 70
    across = min(len(panels), MOST_ACROSS)
    down = -(-len(panels) // MOST_ACROSS)
    width = left * 2 + across * side + (across - 1) * gap
    bottom = top + down * (side + 2 * gap) - 2 * gap
    height = bottom + 78
    parts = [_text(20, 30, title, size=16, weight=600)]
    for number, (name, places) in enumerate(panels.items()):
        x0 = left + number % MOST_ACROSS * (side + gap)
        y0 = top + number // MOST_ACROSS * (side + 2 * gap)
        parts.append(_text(x0, y0 - 10, name, size=13, weight=600))
        parts.append(
            f'<rect x="{x0}" y="{y0}" width="{side}" height="{side}" fill="#fafbfc" stroke="{GRID}" class="grid"/>'
        )
        low, high = places.min(axis=0), places.max(axis=0)
        scale = (side - 24) / max(float((high - low).max()), 1e-9)
        shift = (side - (high - low) * scale) / 2
        for (x, y), group in zip((places - low) * scale + shift, groups, strict=True):
            parts.append(
                f'<circle cx="{x0 + x:.1f}" cy="{y0 + side - y:.1f}" r="2.4" fill="{colours.get(group, SOFT)}" '
                'fill-opacity=".72"/>'
            )
    x = float(left)
    for group in dict.fromkeys(groups):
        parts.append(f'<circle cx="{x + 5:.1f}" cy="{bottom + 24}" r="5" fill="{colours.get(group, SOFT)}"/>')
        parts.append(_text(x + 14, bottom + 28, group))
        x += 24 + 8 * len(group)
    if caption:
        parts.append(_text(20, height - 16, caption, size=11, fill=SOFT))
    return _document(width, height, parts, title)


def intervals(items: Mapping[str, tuple[float, float, float]], title: str, axis: str) -> str:
    """Figures with their intervals, one per row, around a line at 0.

    Args:
        items: by name, the figure and both ends of its interval, which may be NaN.
        title: above the picture.
        axis: what the figures are.
    """
    left, right, top, row = 74, 40, 56, 26
    width, height = 620, top + row * len(items) + 64
    ends = [value for triple in items.values() for value in triple if not math.isnan(value)]
    marks = _round_marks(min([0.0, *ends]), max([0.0, *ends]))

    def place(value: float) -> float:
        return left + (width - left - right) * (value - marks[0]) / (marks[-1] - marks[0])

    bottom = top + row * len(items)
    parts = [_text(20, 30, title, size=16, weight=600)]
    for value in marks:
        parts.append(f'<path d="M{place(value):.1f} {top}V{bottom}" stroke="{GRID}" class="grid"/>')
        parts.append(_text(place(value), bottom + 18, figure(value), size=11, fill=SOFT, anchor="middle"))
    parts.append(f'<path d="M{place(0):.1f} {top}V{bottom}" stroke="{SOFT}"/>')
    for number, (name, (value, start, end)) in enumerate(items.items()):
        y = top + row * (number + 0.5)
        parts.append(_text(left - 8, y + 4, name, anchor="end"))
        if not math.isnan(start + end):
            parts.append(
                f'<path d="M{place(start):.1f} {y:.1f}H{place(end):.1f}" stroke="{SERIES[0]}" stroke-width="3" '
                'stroke-opacity=".45" class="span"/>'
            )
        parts.append(f'<circle cx="{place(value):.1f}" cy="{y:.1f}" r="4.5" fill="{SERIES[0]}" class="mark"/>')
    parts.append(_text((left + width - right) / 2, bottom + 40, axis, fill=SOFT, anchor="middle"))
    return _document(width, height, parts, title)


def _round_marks(low: float, high: float) -> list[float]:
    """Four to seven round numbers in even steps from at most `low` to at least `high`."""
    reach = (high - low) or 1.0
    power: float = 10.0 ** math.floor(math.log10(reach / 4))
    step = next(times * power for times in (1, 2, 5, 10) if reach <= 5 * times * power)
    return [number * step for number in range(math.floor(low / step), max(math.ceil(high / step), 1) + 1)]


def blend(colours: Sequence[str], share: float) -> str:
    """The colour at a share (0 to 1) of the way along a scale of #rrggbb stops."""
    position = min(max(share, 0.0), 1.0) * (len(colours) - 1)
    index = min(int(position), len(colours) - 2)
    start, end = _parts(colours[index]), _parts(colours[index + 1])
    mixed = (round(a + (b - a) * (position - index)) for a, b in zip(start, end, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def bright(colour: str) -> bool:
    """Whether dark text is more legible on a colour than light text."""
    red, green, blue = _parts(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140


def figure(value: float, signed: bool = False) -> str:
    """A figure as short as a cell needs: .798, +.021, 1,214."""
    if abs(value) >= 1000:
        return f"{value:{'+' if signed else ''},.0f}"
    if abs(value) >= 10:
        return f"{value:{'+' if signed else ''}.0f}"
    return f"{value:{'+' if signed else ''}.3f}".replace("0.", ".", 1)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    fill: str = INK,
    anchor: str = "start",
    weight: int = 400,
    own: bool = True,
) -> str:
    """Text at a position; with `own=False`, for text on a coloured cell, pages cannot restyle its colour."""
    kind = _CLASSES.get(fill, "") if own else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}"{kind} text-anchor="{anchor}" '
        f'font-weight="{weight}">{in_xml(words)}</text>'
    )


def _turned(x: float, y: float, words: str) -> str:
    return (
        f'<text transform="translate({x:.1f} {y:.1f}) rotate(-90)" font-size="12" fill="{SOFT}" class="soft" '
        f'text-anchor="middle">{in_xml(words)}</text>'
    )


def _document(width: float, height: float, parts: Sequence[str], title: str) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" font-family="{in_xml(FONT)}" role="img" aria-label="{in_xml(title)}">\n'
        f'<rect width="100%" height="100%" fill="{PAPER}" class="paper"/>\n{body}\n</svg>\n'
    )
