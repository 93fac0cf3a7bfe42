"""`hybrid-search study`: how alpha and the pairing change what training gives, over seeds."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from .. import common
from ..paths import PathType


def _numbers(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter("give numbers such as 0,0.5,1.") from None
    if not all(0 <= number <= 1 for number in found):
        raise click.BadParameter("each lies between 0 and 1.")
    return found


@click.command(short_help="Measure how alpha and the pairing change what training gives.")
@click.argument("data", nargs=-1, metavar="[DATA]...")
@click.option("--recipe", type=PathType(exists=True, dir_okay=False), help="A TOML file of settings.")
@click.option("--alphas", default="0,0.25,0.4,0.5,0.6,0.75,1", show_default=True, callback=_numbers, help="To compare.")
@click.option(
    "--pairings", default="example,batch", show_default=True, help="Languages of cross pairs drawn per pair or batch."
)
@click.option("--seeds", type=click.IntRange(1), default=3, show_default=True, help="Runs of each setting.")
@click.option("--out", "folder", type=PathType(file_okay=False), required=True, help="Folder.")
@click.option("--base", metavar="NAME", help="Encoder to start from.")
@click.option("--steps", type=click.IntRange(1), help="Updates of each run.")
@click.option("--batch-size", type=click.IntRange(2), help="Pairs in a batch.")
@click.option("--learning-rate", type=click.FloatRange(0, 10), help="Of each run.")
@click.option("--validation", metavar="BENCHMARK", help="What to measure, if not the recipe's; or held-out rows.")
@click.option("--validation-questions", type=click.IntRange(1), help="How many of its questions. Default: 150.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), help="Default: auto.")
@common.json_option
def command(
    data: tuple[str, ...],
    recipe: Path | None,
    alphas: tuple[float, ...],
    pairings: str,
    seeds: int,
    folder: Path,
    as_json: bool,
    **options: Any,
) -> int:
    """Train on DATA with every alpha, pairing and seed on equal terms, and write tables and a picture to --out.

    A study that was stopped goes on where it was when it is called again.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8192")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from ....train.study import PAIRINGS, study
    from .train import configured

    chosen = tuple(part.strip() for part in pairings.split(","))
    if not set(chosen) <= set(PAIRINGS):
        raise click.BadParameter(f"pairings are {' and '.join(PAIRINGS)}.", param_hint="--pairings")
    config = configured(data, recipe, options, validation="held-out")
    with common.ProgressBars() as bars:

        def tell(event: dict[str, Any]) -> None:
            if as_json:
                import json

                sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
                sys.stdout.flush()
            elif event["event"] == "run":
                scores = ", ".join(f"{name} {value:.4f}" for name, value in event["scores"].items() if value <= 1)
                common.say(f"alpha {event['alpha']:g}, per {event['pairing']}, seed {event['seed']}: {scores}")
                bars.show("runs", event["run"], event["runs"])

        study(config, folder, alphas=alphas, pairings=chosen, seeds=seeds, on_event=tell)
    if not as_json:
        click.echo((folder / "study.md").read_text("utf-8"))
    common.say(f"Tables and picture: {folder}")
    return 0
