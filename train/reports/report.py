"""An evaluation as a folder to read and pass on: report.md, results.json and pictures."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...engine.errors import DataError
from ...engine.files import write_text
from ..benchmarks import systems_on
from . import svg

if TYPE_CHECKING:
    from ..measure import Evaluation, Result, Tail

SCHEMA = 1
MOST_DIFFERENCES = 6
MOST_CHARACTERS = 160
SUMMARY = (
    ("mono", "mono mAP", 4),
    ("cross", "cross mAP", 4),
    ("multi", "multi mAP", 4),
    ("mono_recall_at_1", "mono R@1", 4),
    ("cross_recall_at_1", "cross R@1", 4),
    ("multi_recall_at_10", "multi R@10", 4),
    ("ndcg_at_10", "mono nDCG@10", 4),
    ("recall_at_100", "mono R@100", 4),
    ("rank_distance", "rank distance", 1),
    ("same_language_share", "own language in top 20", 3),
)
BIAS = (
    ("rank_distance_median", "rank distance, median", 1),
    ("max_at_r", "Max@R", 1),
    ("complete_at_20", "Complete@20", 4),
    ("complete_at_100", "Complete@100", 4),
    ("language_preference", "own language first", 4),
    ("peer_at_100", "PEER@100", 4),
    ("rank_explained_by_language", "rank explained by language", 4),
)
ALIGNMENT = (
    ("translation_retrieval", "translations found", 4),
    ("alignment", "alignment", 4),
    ("uniformity", "uniformity", 4),
    ("same_language_gap", "language gap", 4),
    ("language_probe", "language told", 4),
    ("language_chance", "by chance", 4),
)
WORDS = """\
**mono**: queries and pool in one language. **cross**: a pool of one other language. **multi**: one pool of all \
languages, every parallel answer relevant. mAP over the whole ranking, exact search; macro means over languages \
(language pairs for cross). Tied candidates all get the last rank of their tie. **Rank distance**: worst less best \
rank of a query's relevant candidates in the multi pool; it mixes bias with quality, hence also: **own language in \
top 20**, **own language first** (which of the parallel answers comes first), **Complete@k** (all parallel answers \
among the first k), **Max@R** (the rank of the last of them), **PEER@100** (p-value of the test \
that a relevant candidate's language tells nothing about its rank: 1 is fair) and **rank explained by language** (how \
much it tells: 0 nothing, 1 everything; ranks beyond 100 count as one tail)."""
ALIGNMENT_WORDS = """\
**translations found**: nearest sentence of another language is the translation. **alignment**: mean squared distance \
of translations, lower is closer. **uniformity**: lower is more evenly spread. **language gap**: how much closer \
unrelated sentences of one language lie than those of two. **language told**: accuracy of a linear probe that reads \
the language off a vector."""
Palette = Mapping[str, str]


def write_report(found: Evaluation, folder: Path, colours: Palette | None = None) -> list[Path]:
    """Write everything about an evaluation into a folder, made where it is missing; same-named files are replaced.

    Args:
        found: what was measured.
        folder: where to.
        colours: #rrggbb by language, for the map; a palette of its own by default.

    Returns:
        The files written, report.md first.

    Raises:
        DataError: the folder cannot be written to.
    """
    pictures = _pictures(found, colours or _palette(found.benchmark.languages))
    files = {
        "report.md": _markdown(found, pictures),
        "results.json": json.dumps({"schema": SCHEMA, **found.as_dict()}, ensure_ascii=False, indent=1) + "\n",
        **{name: text for name, _, text in pictures},
    }
    try:
        for name, text in files.items():
            write_text(folder / name, text)
    except OSError as error:
        raise DataError(f"The report cannot be written to {folder} ({error}).", hint="Name another folder.") from error
    return [folder / name for name in files]


def _pictures(found: Evaluation, colours: Palette) -> list[tuple[str, str, str]]:
    """(file name, what it shows, SVG)."""
    pictures: list[tuple[str, str, str]] = []
    results = list(found.results.values())
    if not results:
        return pictures
    matrices = {result.encoder: result.matrix() for result in results}
    known = np.concatenate([matrix[~np.isnan(matrix)] for matrix in matrices.values()])
    span = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if any((~np.isnan(matrix)).sum() > len(matrix) for matrix in matrices.values()):
        for name, matrix in matrices.items():
            asked, held = _axes(results[0])
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
            asked, held = _axes(results[0])
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
            "worst less best rank of a query's relevant candidates (logarithmic)",
            caption="Further left is less biased, or better: the measure mixes both. Dots: medians.",
        )
        pictures.append(("rank-distance.svg", "How rank distances are spread over queries", picture))
    if found.maps:
        groups = [found.benchmark.pool[row].language for row in found.sample]
        picture = svg.scatter(
            found.maps,
            groups,
            colours,
            f"The same sentences of {found.benchmark.name} in every language",
            caption="Two principal components of each encoder's own space. Islands of one colour: language decides "
            "where a text lies.",
        )
        pictures.append(("map.svg", "Passages in the plane, coloured by language", picture))
    return pictures


def _axes(result: Result) -> tuple[list[int], list[int]]:
    size = range(len(result.languages))
    asked = [i for i in size if (result.query_languages == i).any()]
    return asked, [i for i in size if result.pool_share[i] > 0]


def _markdown(found: Evaluation, pictures: Sequence[tuple[str, str, str]]) -> str:
    benchmark, results = found.benchmark, list(found.results.values())
    questions = len({query.id for query in benchmark.queries})
    lines = [
        f"# {benchmark.name}",
        "",
        f"{len(benchmark.queries):,} queries ({questions:,} questions) and {len(benchmark.pool):,} candidates in "
        f"{len(benchmark.languages)} languages: {', '.join(benchmark.languages)}.",
        "",
        *(f"> {note}" for note in (*benchmark.notes, *found.notes)),
        "",
        *_table(
            "encoder",
            SUMMARY,
            [(result.encoder, result.summary()) for result in results]
            + [(system.name, system.summary(benchmark.name)) for system in systems_on(benchmark.name)],
        ),
        "",
        WORDS,
        "",
        "## What may be said",
        "",
    ]
    comparisons = found.comparisons()
    nothing = found.refusal() or "One encoder was measured: nothing to compare."
    lines += [f"- {item.verdict()}" for item in comparisons if item.difference.significant()] or (
        [] if comparisons else [nothing]
    )
    unclear = [item for item in comparisons if not item.difference.significant()]
    if unclear:
        lines += ["", "No difference was shown (which is not to say that there is none):", ""]
        lines += [f"- {item.verdict()}" for item in unclear]
    if comparisons:
        lines += [
            "",
            "Sign-flip randomisation over questions (translations of one question are one observation), p-values "
            "Holm-corrected over all comparisons above; 95 % bootstrap intervals.",
        ]
    if any("multi" in result.settings for result in results):
        lines += ["", "## Language bias", ""]
        lines += _table("encoder", BIAS, [(each.encoder, {**each.summary(), **each.bias()}) for each in results])
    if found.alignments:
        lines += ["", "## How close translations are", ""]
        rows = [(name, each.as_dict()) for name, each in found.alignments.items()]
        lines += [*_table("encoder", ALIGNMENT, rows), "", ALIGNMENT_WORDS]
    for name, words, _ in pictures:
        lines += ["", f"![{words}]({name})"]
    tails = found.tails()
    for result in results:
        lines += _by_language(result)
        if result.encoder in tails:
            lines += _tail(tails[result.encoder])
    return "\n".join(lines) + "\n"


def _by_language(result: Result) -> list[str]:
    """Every setting of one encoder: a table by query language, and one of all pairs."""
    found = result.as_dict()
    asked = [code for code, count in found["queries"].items() if count]
    columns = [
        ("mono", "mono mAP", 4),
        ("cross_mean", "cross mAP", 4),
        ("multi", "multi mAP", 4),
        ("mono_recall_at_1", "mono R@1", 4),
        ("multi_recall_at_10", "multi R@10", 4),
        ("rank_distance", "rank distance", 1),
        ("same_language_share", "own language in top 20", 3),
    ]
    rows = []
    for code in asked:
        own = {key: found.get(key, {}).get(code) for key, _, _ in columns}
        pairs = [found.get("cross", {}).get(f"{code}-{other}") for other in result.languages]
        cross = [value for value in pairs if value is not None]
        rows.append((code, {**own, "cross_mean": sum(cross) / len(cross) if cross else None}))
    lines = ["", f"## {result.encoder}, by query language", "", *_table("query language", columns, rows)]
    matrix = result.matrix()
    queried, held = _axes(result)
    if len(queried) > 1:
        cells = [(result.languages[j], result.languages[j], 4) for j in held]
        by_pair = [(result.languages[i], {result.languages[j]: float(matrix[i, j]) for j in held}) for i in queried]
        lines += ["", "mAP, query language down, passage language across:", "", *_table("", cells, by_pair)]
    if result.skipped():
        lines += ["", f"Queries without an answer in the pool language were skipped: {_counts(result.skipped())}."]
    return lines


def _tail(tail: Tail) -> list[str]:
    """Where the mean rank distance comes from, with the questions that weigh most: some are faults of the data."""
    columns = [("last", "share of the sum with the last answer in it", 3), ("without", "rank distance without it", 1)]
    rows = [(code, {"last": share, "without": tail.without.get(code)}) for code, share in tail.last.items()]
    lines = ["", tail.words(), "", *_table("language", columns, rows), "", "The questions that hold most of it:", ""]
    for each in tail.hardest:
        lines.append(
            f"- {each.share:.1%}: {_quoted(each.query)} finds an answer at rank {each.best:,} and the last, in "
            f"{each.language}, at {each.worst:,}: {_quoted(each.text)}"
        )
    return lines


def _quoted(text: str) -> str:
    """A person's text as code, so that nothing in it is markup."""
    plain = " ".join(text.split()).replace("`", "'")
    return f"`{plain[:MOST_CHARACTERS]}…`" if len(plain) > MOST_CHARACTERS else f"`{plain}`"


def _counts(skipped: Mapping[str, int]) -> str:
    return ", ".join(f"{pair} {count}" for pair, count in skipped.items())


def _table(
    first: str,
    columns: Sequence[tuple[str, str, int]],
    rows: Sequence[tuple[str, Mapping[str, float | None]]],
) -> list[str]:
    shown = [column for column in columns if any(_is_known(values.get(column[0])) for _, values in rows)]
    return [
        f"| {first} | " + " | ".join(heading for _, heading, _ in shown) + " |",
        "|---|" + "---:|" * len(shown),
        *(
            f"| {_escaped(name)} | " + " | ".join(_figure(values.get(key), digits) for key, _, digits in shown) + " |"
            for name, values in rows
        ),
    ]


def _is_known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _figure(value: float | None, digits: int) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:,.{digits}f}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def slug(name: str) -> str:
    """A name as a part of a file name."""
    return re.sub(r"[^\w+.-]+", "-", name).strip("-.") or "encoder"


def _palette(languages: Sequence[str]) -> Palette:
    """Colours evenly around the wheel, alternating in lightness so that neighbours are told apart."""
    found = {}
    for number, code in enumerate(languages):
        hue, light = number / max(1, len(languages)), (0.42, 0.58)[number % 2]
        found[code] = _hex(hue, light, 0.65)
    return found


def _hex(hue: float, light: float, saturation: float) -> str:
    import colorsys

    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, light, saturation))
