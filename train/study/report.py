"""Reports a study: means over seeds with intervals, tables, a verdict on how flat the curve is, and a chart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ...engine.files import write_text
from ..measure import Measure, registry
from ..reports import svg
from ..run import checkpoints
from ..settings import RunConfig
from . import over_seeds


@dataclass(frozen=True)
class Cell:
    """One setting of the study with its scores by measure, a value for each seed."""

    alpha: float
    pairing: str
    scores: Mapping[str, tuple[float, ...]]

    def mean(self, measure: str) -> float:
        """The mean over seeds."""
        return over_seeds.mean(self.scores[measure])

    def half_width(self, measure: str) -> float:
        """Half of the 95 % confidence interval of the mean; NaN for one seed."""
        return over_seeds.half_width(self.scores[measure])


def plateau(cells: Sequence[Cell], measure: str) -> tuple[float, float]:
    """The range of the means and the widest half interval for alpha from .4 to .6: whether the curve is flat."""
    inside = [cell for cell in cells if 0.4 <= cell.alpha <= 0.6 and measure in cell.scores]
    means = [cell.mean(measure) for cell in inside]
    widths = [cell.half_width(measure) for cell in inside]
    return (max(means) - min(means), max(widths)) if inside else (math.nan, math.nan)


def write_report(cells: Sequence[Cell], config: RunConfig, folder: Path, seeds: int) -> None:
    """Write a study's tables, chart and numbers."""
    values = [
        {"alpha": cell.alpha, "pairing": cell.pairing}
        | {name: over_seeds.summary(runs) for name, runs in cell.scores.items()}
        for cell in cells
    ]
    checkpoints.write_json(folder / "study.json", {"schema": 1, "config": config.as_dict(), "cells": values})
    lines = [
        "# Study: alpha and the pairing",
        "",
        f"{config.base}, {config.steps} updates of {config.batch_size} pairs each, {seeds} seeds; validation on "
        f"{config.validation.rstrip('/').rpartition('/')[2]}. Means over seeds with 95 % confidence intervals "
        "(Student's t). Alpha is the probability of a mono batch: 0 is cross, 1 is mono.",
        "",
    ]
    pairings = list(dict.fromkeys(cell.pairing for cell in cells))
    for pairing in pairings:
        of_pairing = [cell for cell in cells if cell.pairing == pairing]
        measures = measured(of_pairing)
        lines += [f"## Languages of cross pairs drawn per {pairing}", ""]
        lines.append("| alpha | " + " | ".join(each.label for each in measures) + " |")
        lines.append("|---|" + "---|" * len(measures))
        for cell in of_pairing:
            lines.append(f"| {cell.alpha:g} | " + " | ".join(_shown(cell, each) for each in measures) + " |")
        lines.append("")
        lines += [_flatness(of_pairing, each) for each in curves(of_pairing)]
        lines.append("")
    write_text(folder / "study.md", "\n".join(lines))
    write_text(folder / "study.svg", picture(cells))


def measured(cells: Sequence[Cell]) -> list[Measure]:
    """The headline measures for which every cell has a score."""
    return [each for each in registry.headlines() if all(each.key in cell.scores for cell in cells)]


def curves(cells: Sequence[Cell]) -> list[Measure]:
    """The headline measures that are drawn as curves: quality, not bias."""
    return [each for each in measured(cells) if each.compared and each.better == "higher"]


def _flatness(cells: Sequence[Cell], measure: Measure) -> str:
    """Checks the paper's claim that alpha from .4 to .6 is stable on these cells; "" if none is in that range."""
    spread, width = plateau(cells, measure.key)
    if math.isnan(spread):
        return ""
    told = f"For alpha from .4 to .6, {measure.label} differs by {measure.text(spread)}"
    if math.isnan(width):
        return f"{told} (one seed: no interval)."
    verdict = "within" if spread <= 2 * width else "beyond"
    return f"{told}, {verdict} what seeds alone change (intervals up to ± {measure.text(width)})."


def _shown(cell: Cell, measure: Measure) -> str:
    return over_seeds.interval(cell.scores[measure.key], measure.digits)


def picture(cells: Sequence[Cell]) -> str:
    """Curves over alpha as SVG: one panel per measure, one curve per pairing, bars for the intervals."""
    measures = curves(cells)
    width, height = 300, 260
    parts = []
    for place, measure in enumerate(measures):
        parts += _panel(cells, measure, 20 + place * width, width - 20, height)
    whole = max(1, len(measures)) * width + 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {height + 60}" width="{whole}" '
        f'height="{height + 60}" font-family="{escape(svg.FONT, quote=True)}" font-size="11">'
        f'<rect width="100%" height="100%" fill="{svg.PAPER}"/>{"".join(parts)}</svg>\n'
    )


def _panel(cells: Sequence[Cell], shown: Measure, x: float, width: float, height: float) -> list[str]:
    measure = shown.key
    left, right, top, bottom = x + 44, x + width, 40.0, height
    reach = [
        cell.mean(measure) + sign * (0 if math.isnan(cell.half_width(measure)) else cell.half_width(measure))
        for cell in cells
        for sign in (-1, 1)
    ]
    low, high = min(reach), max(reach)
    low, high = low - 0.05 * (high - low) - 1e-4, high + 0.05 * (high - low) + 1e-4

    def at(alpha: float, value: float) -> tuple[float, float]:
        return left + alpha * (right - left), bottom - (value - low) / (high - low) * (bottom - top)

    parts = [f'<text x="{left}" y="24" font-size="13" fill="{svg.INK}">{shown.label} over α</text>']
    for step in range(5):
        value = low + (high - low) * step / 4
        y = at(0, value)[1]
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{svg.GRID}"/>')
        told = shown.text(value, brief=True)
        parts.append(f'<text x="{left - 4}" y="{y + 4:.1f}" text-anchor="end" fill="{svg.SOFT}">{told}</text>')
    for alpha in sorted({cell.alpha for cell in cells}):
        px = at(alpha, low)[0]
        parts.append(f'<text x="{px:.1f}" y="{bottom + 16}" text-anchor="middle" fill="{svg.SOFT}">{alpha:g}</text>')
    for number, pairing in enumerate(dict.fromkeys(cell.pairing for cell in cells)):
        colour = svg.SERIES[number % len(svg.SERIES)]
        own = [cell for cell in cells if cell.pairing == pairing]
        places = [at(cell.alpha, cell.mean(measure)) for cell in own]
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for cell, (px, py) in zip(own, places, strict=True):
            parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>')
            half = cell.half_width(measure)
            if not math.isnan(half):
                ends = [at(cell.alpha, cell.mean(measure) + sign * half)[1] for sign in (-1, 1)]
                parts.append(
                    f'<line x1="{px:.1f}" y1="{ends[0]:.1f}" x2="{px:.1f}" y2="{ends[1]:.1f}" stroke="{colour}"/>'
                )
        parts.append(
            f'<text x="{left + number * 110}" y="{bottom + 36}" fill="{colour}">● pairs per {escape(pairing)}</text>'
        )
    return parts
