"""`hybrid-search validate`: measures encoders over a suite of benchmarks, with one number to choose by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ....engine.encoders import TRIO
from .. import common
from ..paths import PathType

if TYPE_CHECKING:
    from ....train.suite import Chosen, Part


@click.command(short_help="Measure encoders over several benchmarks and rank them by one number.")
@click.argument("encoders", nargs=-1, metavar="[ENCODER]...")
@click.option(
    "--suite",
    type=PathType(exists=True, dir_okay=False),
    help="A TOML file of parts; by default the one that the bundled encoders were chosen by, whose data are in the "
    "folder that HYBRID_SEARCH_DATA names.",
)
@click.option("--part", "only", multiple=True, metavar="NAME", help="Measure only this part; may be given again.")
@click.option("--seed", default=0, show_default=True, help="Seed of the draws of rows.")
@click.option("--languages", "by_language", is_flag=True, help="Show cross mAP of the questions of each language.")
@common.encoder_options
@common.long_json_options
def command(
    encoders: tuple[str, ...],
    suite: Path | None,
    only: tuple[str, ...],
    seed: int,
    by_language: bool,
    device: str,
    precision: str,
    threads: int | None,
    as_json: bool,
) -> int:
    """Measure each ENCODER on every part of a suite, on rows that training keeps out.

    The number is the mean over the parts of what counts in them (mAP of mono, cross and multi); the best encoder comes
    first. Choose by it, and report with `evaluate` on benchmarks that nothing was chosen by.
    """
    from ....train.suite import default_suite, measure_suite, read_suite

    parts = read_suite(suite or default_suite(), only, seed)
    load = common.loader(device=device, precision=precision, threads=threads)
    with common.ProgressBars() as bars:
        found = measure_suite(parts, encoders or TRIO, load, bars.show)
    if as_json:
        sizes = {
            part.name: {"queries": len(part.benchmark.queries), "pool": len(part.benchmark.pool)} for part in parts
        }
        common.write_json({"seed": seed, "parts": sizes, "encoders": [each.as_dict() for each in found]})
    else:
        _show(parts, found, by_language=by_language)
    return 0


def _show(parts: Sequence[Part], found: Sequence[Chosen], *, by_language: bool) -> None:
    """Print a table of the numbers, one of each part, and with `by_language` the languages of questions."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from ....train.measure import registry
    from ....train.suite import SHOWN

    console = common.out()
    measures = [registry.named(key) for key in SHOWN]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("part", no_wrap=True)
    table.add_column("encoder", no_wrap=True)
    for measure in measures:
        table.add_column(measure.heading, justify="right")
    for each in found:
        table.add_row("number", Text(common.fitted(each.encoder, 28)), f"{each.number:.4f}", "", "", "", style="bold")
    for part in parts:
        table.add_section()
        for each in found:
            figures = each.parts[part.name]
            cells = [measure.text(figures.get(measure.key)) for measure in measures]
            table.add_row(Text(part.name), Text(common.fitted(each.encoder, 28)), *cells)
    console.print(table)
    for part in parts:
        counted = ", ".join(part.counted) or "nothing, it is only shown"
        console.print(
            f"{part.name}: {len(part.benchmark.queries):,} questions, {len(part.benchmark.pool):,} candidates; "
            f"counts {counted}.",
            style="dim",
            markup=False,
            highlight=False,
        )
    if by_language:
        for each in found:
            for name, languages in each.by_language.items():
                words = "  ".join(f"{code} {value:.3f}" for code, value in languages.items())
                console.print(f"{each.encoder}, {name}: {words}", markup=False, highlight=False, soft_wrap=True)
