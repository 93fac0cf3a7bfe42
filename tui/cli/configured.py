"""Turns arguments and options into the run that they describe, with the origin of each setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click

from ...train.settings import (
    BUNDLED,
    FULL_LEARNING_RATE,
    HELD_OUT,
    RunConfig,
    SourceConfig,
    bundled_pairs,
    from_dict,
    read_recipe,
    settings_of,
)
from . import common

HELD_OUT_ROWS = "held-out"


@dataclass(frozen=True)
class Configured:
    """A run with the origin of each setting that is not at its default: `option`, `recipe` or `bundled pairs`."""

    config: RunConfig
    origins: Mapping[str, str]


def configured(
    data: Sequence[str], recipe: Path | None, given: Mapping[str, Any], *, full: bool = False, validation: str = ""
) -> Configured:
    """The run that arguments and options describe; options win over the recipe, and both over the `validation` given.

    Args:
        data: paths, instead of the recipe's sources.
        recipe: a file.
        given: settings that were given as options, whatever their value.
        full: train all weights of the layers, at a lower default learning rate than an adapter.
        validation: what to validate on if neither options nor recipe say.

    Raises:
        click.UsageError: options that contradict each other.
        DataError, TrainingError: an invalid recipe or value.
    """
    changes = dict(given)
    if full and changes.get("lora_rank"):
        raise click.UsageError("--full and --lora exclude each other.")
    if full or changes.get("lora_rank") == 0:
        changes["lora_rank"] = 0
        changes.setdefault("learning_rate", FULL_LEARNING_RATE)
    values = _values(data, recipe)
    if data:
        changes["sources"] = tuple(SourceConfig(path=path) for path in data)
    config = from_dict(values, origin=recipe, changes=changes)
    origin = "recipe" if recipe is not None else "bundled pairs"
    origins = {**dict.fromkeys(values, origin), **dict.fromkeys(changes, "option")}
    holdout = "holdout" in origins or (not data and any("holdout" in source for source in values.get("sources", ())))
    return Configured(_validated(config, origins, given, validation, holdout=holdout), origins)


def _values(data: Sequence[str], recipe: Path | None) -> dict[str, Any]:
    """The values of the recipe or of the bundled run, before options change them."""
    if recipe is not None:
        return read_recipe(recipe)
    if data:
        return {}
    return {**BUNDLED, "sources": [asdict(bundled_pairs())]}


def _validated(
    config: RunConfig, origins: Mapping[str, str], given: Mapping[str, Any], validation: str, *, holdout: bool
) -> RunConfig:
    """The run with its validation set; validation on held-out rows needs a holdout, which is set by default."""
    if not config.validation and "validation" not in origins:
        config = config.replace(validation=validation)
    if config.validation != HELD_OUT_ROWS or any(source.holdout for source in config.sources):
        return config
    if not holdout:
        return config.replace(sources=tuple(replace(source, holdout=HELD_OUT) for source in config.sources))
    if origins.get("validation") == "bundled pairs":
        common.say("Nothing is held out, so nothing is measured on the way.")
        return config.replace(validation="")
    raise click.UsageError("Nothing is held out to validate on: give --holdout a number, or --validation a benchmark.")


def show(found: Configured, samplings: Sequence[str], *, as_json: bool) -> int:
    """Show every setting of a run with its value and origin."""
    config, origins = found.config, found.origins
    rows = []
    for name, setting in settings_of(RunConfig).items():
        value = setting.shown(getattr(config, name)) if name != "batches" else ", ".join(samplings)
        rows.append((name, setting.option or "", value, origins.get(name, "default")))
    if as_json:
        common.write_json(
            {
                "settings": [
                    {"name": name, "option": option or None, "value": _plain(config, name, samplings), "from": origin}
                    for name, option, _, origin in rows
                ],
                "sources": config.as_dict()["sources"],
            }
        )
        return 0
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("setting", "option", "value", "from"):
        table.add_column(heading, header_style="bold", overflow="fold")
    for row in rows:
        table.add_row(*(common.cell(each) for each in row))
    console = common.out()
    console.print(table)
    for number, source in enumerate(config.sources, start=1):
        parts = [
            f"{name} {setting.shown(getattr(source, name))}" for name, setting in settings_of(SourceConfig).items()
        ]
        console.print(f"source {number}: {'; '.join(parts)}", soft_wrap=True)
    return 0


def _plain(config: RunConfig, name: str, samplings: Sequence[str]) -> Any:
    value = config.as_dict()[name]
    return list(samplings) if name == "batches" and len(samplings) > 1 else value
