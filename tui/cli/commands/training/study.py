"""`hybrid-search study`: measures how alpha and the pairing, or methods, change trained encoders, over seeds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from .....train.settings import BUNDLED, RunConfig, SourceConfig, StudySettings, settings_of
from ... import common
from ...paths import PathType
from ...setting_options import SettingsCommand, given, setting_options

# Settings that a study varies itself, or that its runs do not need because they keep no encoder.
_OWN = ("name", "batches", "alpha", "pairing", "checkpoint_every")
_SHARED = tuple(name for name in settings_of(RunConfig) if name not in _OWN)


@click.command(cls=SettingsCommand, short_help="Measure how alpha, the pairing or methods change trained encoders.")
@click.argument("data", nargs=-1, metavar="[DATA]...")
@click.option("--recipe", type=PathType(exists=True, dir_okay=False), help="A TOML file of settings.")
@click.option(
    "--methods",
    type=PathType(exists=True, dir_okay=False),
    help="Compare methods instead of alphas and pairings: a TOML file with a table for each, which has the settings in "
    "which it differs from the recipe.",
)
@click.option(
    "--suite",
    type=PathType(exists=True, dir_okay=False),
    help="With --methods: measure on a suite of benchmarks as `validate` does, instead of the run's validation set.",
)
@setting_options(StudySettings)
@click.option(
    "--out",
    "folder",
    type=PathType(file_okay=False),
    required=True,
    help="Folder for tables and picture.",
)
@setting_options(RunConfig, _SHARED, elsewhere=BUNDLED, where="on the bundled pairs")
@setting_options(SourceConfig)
@common.event_options
@click.pass_context
def command(
    context: click.Context,
    /,
    data: tuple[str, ...],
    recipe: Path | None,
    methods: Path | None,
    suite: Path | None,
    folder: Path,
    as_json: bool,
    **_settings: Any,
) -> int:
    """Train on DATA with every alpha, pairing and seed on equal terms, and write tables and a picture to --out.

    With --methods, methods replace alphas and pairings; each is compared with the first.

    A stopped study continues where it was when it is called again.
    """
    from .....train.run import listen

    varied = given(context, StudySettings)
    if methods is not None and set(varied) - {"seeds"}:
        raise click.UsageError("--methods replaces --alphas and --pairings; a method may set alpha itself.")
    if suite is not None and methods is None:
        raise click.UsageError("--suite needs --methods.")

    listen()
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8192")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from .....train.measure import registry
    from .....train.study import compare_methods, read_methods, study
    from .....train.suite import read_suite
    from ...configured import HELD_OUT_ROWS, configured

    compared = StudySettings(**varied)
    config = configured(data, recipe, given(context), validation="" if suite else HELD_OUT_ROWS).config
    with common.ProgressBars() as bars:

        def tell(event: dict[str, Any]) -> None:
            if as_json:
                common.write_event(event)
            elif event["event"] == "run":
                figures = registry.in_words(event["scores"])
                common.say(f"alpha {event['alpha']:g}, per {event['pairing']}, seed {event['seed']}: {figures}")
                bars.show("runs", event["run"], event["runs"])
            elif event["event"] == "method":
                for part, scores in event["scores"].items():
                    common.say(f"{event['method']}, seed {event['seed']}, {part}: {registry.in_words(scores)}")
                bars.show("runs", event["run"], event["runs"])

        if methods is not None:
            parts = read_suite(suite) if suite is not None else ()
            compare_methods(config, read_methods(methods), folder, seeds=compared.seeds, suite=parts, on_event=tell)
        else:
            study(
                config,
                folder,
                alphas=compared.alphas,
                pairings=compared.pairings,
                seeds=compared.seeds,
                on_event=tell,
            )
    if not as_json:
        click.echo((folder / "study.md").read_text("utf-8"))
    common.say(f"Tables: {folder}" if methods is not None else f"Tables and picture: {folder}")
    return 0
