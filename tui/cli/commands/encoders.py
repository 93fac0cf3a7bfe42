"""`hybrid-search encoders`: what there is, one as a folder of its own, the mean of several, or one calibrated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .. import common
from ..paths import PathType


@click.group(invoke_without_command=True, short_help="List encoders, export, average or calibrate them.")
@common.json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """List encoders (bundled ones and those you trained), export one, average several, or calibrate one."""
    if context.invoked_subcommand is None:
        return _list(as_json)
    return 0


@command.command("list")
@common.json_option
@click.pass_context
def list_command(context: click.Context, as_json: bool) -> int:
    """The encoders that can be used by name here."""
    return _list(as_json or bool(context.parent and context.parent.params["as_json"]))


@command.command("export")
@click.argument("name")
@click.argument("folder", type=PathType(file_okay=False))
def export_command(name: str, folder: Path) -> int:
    """Write encoder NAME to FOLDER as a SentenceTransformer that stands on its own."""
    from ....engine import encoders
    from ....engine.documents import storable
    from ....engine.errors import HybridSearchError

    if folder.exists() and any(folder.iterdir()):
        raise HybridSearchError(
            f"{storable(folder)} is not empty.", hint="Name a new folder: nothing that exists is written over."
        )
    encoders.export(name, folder)
    common.say(f"Wrote {name}. Load it with SentenceTransformer({str(storable(folder))!r}).")
    click.echo(storable(folder))
    return 0


@command.command("average")
@click.argument("name")
@click.argument("encoders", nargs=-1, required=True, metavar="ENCODER...")
@click.option("--rank", type=click.IntRange(1), help="Of the new adapter. Default: the largest among ENCODERs.")
@common.json_option
def average_command(name: str, encoders: tuple[str, ...], rank: int | None, as_json: bool) -> int:
    """Register the mean of ENCODERs, trained from one base with different seeds or settings, as NAME."""
    from ....engine.encoders import average

    made = average(name, encoders, rank=rank)
    if as_json:
        common.write_json({"name": made.name, "path": str(made.path), "rank": made.rank, "kept": made.kept})
        return 0
    common.say(f"{made.name} is the mean of {len(encoders)} encoders; rank {made.rank} keeps {made.kept:.1%} of it.")
    click.echo(made.path)
    return 0


@command.command("calibrate")
@click.argument("name")
@click.argument("encoder")
@click.argument("data", nargs=-1)
@click.option("--recipe", type=PathType(dir_okay=False), help="A recipe whose data and sampling to use.")
@click.option("--batches", type=click.Choice(["mono", "cross", "hybrid"]), help="Default: what ENCODER says.")
@click.option("--pairs", type=click.IntRange(16), help="Drawn from its data. Default: 4800.")
@click.option("--steps", type=click.IntRange(1), help="Updates of the map. Default: 300.")
@click.option("--keep", type=click.FloatRange(0), help="Weight of staying as it was. Default: 20.")
@click.option("--agree", type=click.FloatRange(0), help="Weight of languages agreeing; 0 is off. Default: 60.")
@click.option(
    "--translations", type=click.IntRange(0), help="Languages besides its own that a pair is read in. Default: 13."
)
@click.option("--seed", type=int, help="Of what is drawn. Default: the recipe's.")
@common.json_option
def calibrate_command(
    name: str,
    encoder: str,
    data: tuple[str, ...],
    recipe: Path | None,
    batches: str | None,
    pairs: int | None,
    steps: int | None,
    keep: float | None,
    agree: float | None,
    translations: int | None,
    seed: int | None,
    as_json: bool,
) -> int:
    """Register ENCODER as NAME with a map behind it that keeps texts of few words from being buried.

    It also has languages agree: a question ranks more as its translations do together. The map is fitted on DATA or the
    recipe's sources, drawn as ENCODER's batches were, cross batches with translations; without either, on the bundled
    pairs. Measure it with `evaluate`, also with `--fragments`.
    """
    from ....engine.encoders import resolve
    from ....engine.encoders.weights import read_json
    from .train import configured

    folder = resolve(encoder).path
    told = read_json(folder / "encoder.json") if folder is not None and (folder / "encoder.json").is_file() else {}
    sampling = batches or str(told.get("batches") or "hybrid")
    options = {"batches": sampling, **({} if seed is None else {"seed": seed})}
    config = configured(data, recipe, options)
    from ....train.calibration import Settings, calibrate

    given: dict[str, Any] = {"pairs": pairs, "steps": steps, "keep": keep, "agree": agree, "translations": translations}
    settings = Settings(**{key: value for key, value in given.items() if value is not None})
    with common.ProgressBars() as bars:
        path, made = calibrate(name, encoder, config, settings, bars.show)
    if as_json:
        common.write_json(
            {
                "name": name,
                "path": str(path),
                "fragment_rank": {"before": made.before, "after": made.after, "passages": made.passages},
            }
        )
        return 0
    common.say(
        f"{name}: the median rank of a passage's fragment among {made.passages:,} other passages went from "
        f"{made.before:,.0f} to {made.after:,.0f}."
    )
    click.echo(path)
    return 0


def _list(as_json: bool) -> int:
    from ....engine import encoders

    found = encoders.available()
    if as_json:
        common.write_json(
            {
                "encoders": [
                    {
                        "name": each.name,
                        "kind": each.kind,
                        "dimension": each.dimension,
                        "fingerprint": each.fingerprint,
                        "path": str(each.path) if each.path else None,
                        "description": each.description,
                    }
                    for each in found
                ]
            }
        )
        return 0
    from rich.table import Table

    console = common.out()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("name", header_style="bold", max_width=24, overflow="fold")
    table.add_column("kind", header_style="bold")
    table.add_column("dim", justify="right", header_style="bold")
    table.add_column("what it is", header_style="bold", ratio=1)
    for each in found:
        table.add_row(common.cell(each.name), each.kind, str(each.dimension or "?"), common.cell(each.description))
    console.print(table)
    common.say("Any SentenceTransformer folder or Hugging Face id can be used by its path or id too.")
    return 0
