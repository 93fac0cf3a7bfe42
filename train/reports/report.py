"""Writes an evaluation to a folder: report.md, results.json and pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...engine.errors import DataError
from ...engine.files import write_text
from ...engine.shown import as_json
from . import svg
from .markdown import axes, markdown

if TYPE_CHECKING:
    from ..measure import Evaluation

SCHEMA = 1
MOST_DIFFERENCES = 6
Palette = Mapping[str, str]


def write_report(found: Evaluation, folder: Path, colours: Palette | None = None) -> list[Path]:
    """Write an evaluation to a folder, which is created if missing; existing files are replaced.

    Args:
        found: the evaluation.
        folder: the folder.
        colours: #rrggbb by language, for the map; by default generated colours.

    Returns:
        The files written, report.md first.

    Raises:
        DataError: the folder cannot be written to.
    """
    pictures = _pictures(found, colours or _palette(found.benchmark.languages))
    files = {
        "report.md": markdown(found, pictures),
        "results.json": as_json({"schema": SCHEMA, **found.as_dict()}, indent=1) + "\n",
        **{name: text for name, _, text in pictures},
    }
    try:
        for name, text in files.items():
            write_text(folder / name, text)
    except OSError as error:
        raise DataError(
            f"The report cannot be written to {folder} ({error.strerror or error}).", hint="Name another folder."
        ) from error
    return [folder / name for name in files]


def _pictures(found: Evaluation, colours: Palette) -> list[tuple[str, str, str]]:
    """(file name, description, SVG) of each picture."""
    pictures: list[tuple[str, str, str]] = []
    results = list(found.results.values())
    if not results:
        return pictures
    matrices = {result.encoder: result.matrix() for result in results}
    known = np.concatenate([matrix[~np.isnan(matrix)] for matrix in matrices.values()])
    span = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if any((~np.isnan(matrix)).sum() > len(matrix) for matrix in matrices.values()):
        for name, matrix in matrices.items():
            asked, held = axes(results[0])
            picture = svg.heat_map(
                matrix[np.ix_(asked, held)],
                [results[0].languages[i] for i in asked],
                [results[0].languages[i] for i in held],
                f"{name} on {found.benchmark.name}: mAP",
                span=span,
                caption="Diagonal: mono. Elsewhere: cross. One colour scale for all encoders.",
            )
            pictures.append((f"heat-{slug(name)}.svg", f"mAP of {name} by query and passage language", picture))
        for first, second in list(combinations(matrices, 2))[:MOST_DIFFERENCES]:
            asked, held = axes(results[0])
            picture = svg.heat_map(
                (matrices[first] - matrices[second])[np.ix_(asked, held)],
                [results[0].languages[i] for i in asked],
                [results[0].languages[i] for i in held],
                f"{first} less {second} on {found.benchmark.name}: mAP",
                diverging=True,
                caption=f"Above zero: {first} is better there.",
            )
            pictures.append((f"heat-{slug(first)}-less-{slug(second)}.svg", f"{first} less {second}", picture))
    distances = {result.encoder: result.rank_distances() for result in results if "multi" in result.settings}
    distances = {name: values for name, values in distances.items() if not np.isnan(values).all()}
    if distances:
        picture = svg.distributions(
            distances,
            f"Rank distance on {found.benchmark.name}",
            "worst minus best rank of a query's relevant candidates (logarithmic)",
            caption="Further left is less biased or more accurate: the measure mixes both. Dots: medians.",
        )
        pictures.append(("rank-distance.svg", "How rank distances are spread over queries", picture))
    if found.maps:
        groups = [found.benchmark.pool[row].language for row in found.sample]
        picture = svg.scatter(
            found.maps,
            groups,
            colours,
            f"The same sentences of {found.benchmark.name} in every language",
            caption="Two principal components of each encoder's own space. Islands of one colour mean that language "
            "decides where a text lies.",
        )
        pictures.append(("map.svg", "Passages in the plane, coloured by language", picture))
    return pictures


def slug(name: str) -> str:
    """A name as a part of a file name."""
    return re.sub(r"[^\w+.-]+", "-", name).strip("-.") or "encoder"


def _palette(languages: Sequence[str]) -> Palette:
    """Evenly spaced hues, alternating in lightness so that neighbours can be distinguished."""
    found = {}
    for number, code in enumerate(languages):
        hue, light = number / max(1, len(languages)), (0.42, 0.58)[number % 2]
        found[code] = _hex(hue, light, 0.65)
    return found


def _hex(hue: float, light: float, saturation: float) -> str:
    import colorsys

    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, light, saturation))
