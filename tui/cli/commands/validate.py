"""`hybrid-search validate`: encoders over a suite of benchmarks, with one number to choose by."""

from __future__ import annotations

from pathlib import Path

import click

from ....engine.encoders import TRIO
from .. import common
from ..paths import PathType


@click.command(short_help="Measure encoders over several benchmarks, and give one number to choose by.")
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
@common.json_option
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
        from ..validate_tables import show

        show(parts, found, by_language=by_language)
    return 0
