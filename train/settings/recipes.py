"""Reads a run from a recipe file or plain values: refuses unknown keys, translates removed ones, resolves paths."""

from __future__ import annotations

import dataclasses
import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...engine.errors import DataError, TrainingError, reason
from ...engine.files import read_given
from ...engine.paths import assets_folder
from .config import RunConfig, SourceConfig
from .removed import translated
from .setting import settings_of, shortened

# Defaults of a run on the bundled pairs.
BUNDLED: Mapping[str, Any] = MappingProxyType(
    {
        "steps": 100,
        "batch_size": 48,
        "alpha": 0.25,
        "learning_rate": 5e-4,
        "warmup_steps": 20,
        "layer_weights": (0.2, 0.8),
        "distill": 0.5,
        "teacher": "translations",
        "validation": "held-out",
        "checkpoint_every": 20,
    }
)
# Settings of their source; every fourth passage is held out, as in the suite that `validate` measures.
_BUNDLED_SOURCE: Mapping[str, Any] = MappingProxyType({"holdout": 4, "crop": "answer", "negatives": "siblings"})
# Default of a run that trains all weights instead of an adapter.
FULL_LEARNING_RATE = 3e-5
# The holdout of sources without one in a run that validates on held-out rows.
HELD_OUT = 10

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def bundled_pairs() -> SourceConfig:
    """The source of the pairs that come with the program."""
    return SourceConfig(path=str(assets_folder() / "pairs"), **_BUNDLED_SOURCE)


def load_recipe(path: Path, **changes: Any) -> RunConfig:
    """The run that a recipe file describes, with `changes` (from the command line) applied.

    Args:
        path: a TOML file whose keys are those of `RunConfig`, with `[[sources]]` tables of `SourceConfig`; a source's
            key at the top applies to all sources without it. A relative path is looked up beside the recipe, then from
            the working directory; `${NAME}` in it is replaced by an environment variable.
        changes: settings that replace the file's; those of a source replace every source's.

    Raises:
        DataError: the file is not TOML.
        TrainingError: a key is unknown, or a value is invalid.
    """
    return from_dict(read_recipe(path), origin=path, changes=changes)


def read_recipe(path: Path) -> dict[str, Any]:
    """The plain values of a recipe file, or of a run's `config.json` or its encoder's `run.json`.

    Raises:
        DataError: the file is neither TOML nor a run's JSON.
    """
    try:
        text = read_given(path).decode("utf-8")
        if path.suffix == ".json":
            return _of_a_run(json.loads(text))
        return tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"The recipe {path} cannot be read: {reason(error)}.",
            hint="Write TOML: `hybrid-search train --show-settings` lists the settings.",
        ) from error


def _of_a_run(values: Any) -> dict[str, Any]:
    """The settings of a run without its name, for another run to use."""
    found = values.get("config", values) if isinstance(values, dict) else None
    if not isinstance(found, dict):
        raise ValueError("it holds no settings of a run")
    return {key: value for key, value in found.items() if key != "name"}


def from_dict(
    values: Mapping[str, Any], *, origin: Path | None = None, changes: Mapping[str, Any] | None = None
) -> RunConfig:
    """A run from plain values; see `load_recipe`."""
    where = f" in {origin}" if origin else ""
    changes = dict(changes or {})
    tables = [] if "sources" in changes else _tables(values, where)
    run, sources = translated({key: value for key, value in values.items() if key != "sources"}, tables, where)
    shared = {key: run.pop(key) for key in list(run) if key in settings_of(SourceConfig)}
    every = {key: changes.pop(key) for key in list(changes) if key in settings_of(SourceConfig)}
    _refuse_unknown(run, RunConfig, where)
    _refuse_unknown(changes, RunConfig, "")
    given = changes.pop("sources", None)
    if given is None:
        for source in sources:
            _refuse_unknown(source, SourceConfig, f" of a source{where}")
        given = [
            SourceConfig(**{**_located(SourceConfig, {**shared, **source}, origin), **every}) for source in sources
        ]
    else:
        given = [_changed(source, shared, every) for source in given]
    return RunConfig(**{**_located(RunConfig, _without(run, changes), origin), **changes}, sources=tuple(given))


def _without(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The values that are not replaced: the path of a replaced value need not exist."""
    replaced = set(names)
    return {key: value for key, value in values.items() if key not in replaced}


def _changed(source: SourceConfig, shared: Mapping[str, Any], every: Mapping[str, Any]) -> SourceConfig:
    """A source with `shared` values in place of its defaults, then with the values of `every`."""
    known = settings_of(SourceConfig)
    own = {name: value for name, value in shared.items() if getattr(source, name) == known[name].default}
    return dataclasses.replace(source, **{**own, **every})


def _tables(values: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """The tables of a run's sources."""
    tables = values.get("sources", ())
    if not isinstance(tables, (list, tuple)):
        raise TrainingError(f"sources{where} must be a list of tables.", hint="Write a [[sources]] table for each.")
    found = []
    for table in tables:
        if isinstance(table, SourceConfig):
            table = dataclasses.asdict(table)
        if not isinstance(table, Mapping):
            raise TrainingError(
                f"A source{where} is {shortened(table)}.", hint="Write a [[sources]] table with a path."
            )
        found.append(dict(table))
    return found


def _refuse_unknown(values: Mapping[str, Any], kind: type, where: str) -> None:
    known = [*settings_of(kind), *(["sources"] if kind is RunConfig else [])]
    others = [*known, *settings_of(SourceConfig)] if kind is RunConfig else known
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, others, n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"Settings are {', '.join(sorted(known))}."
            raise TrainingError(f"There is no setting {key!r}{where}.", hint=hint)


def _located(kind: type, values: Mapping[str, Any], origin: Path | None) -> dict[str, Any]:
    """The values with variables filled in, and paths that exist beside the recipe made absolute."""
    located = dict(values)
    for name, declared in settings_of(kind).items():
        value = located.get(name)
        if not declared.place:
            continue
        if isinstance(value, str):
            located[name] = _place(value, origin)
        elif isinstance(value, (list, tuple)):
            located[name] = tuple(_place(item, origin) if isinstance(item, str) else item for item in value)
    return located


def _place(path: str, origin: Path | None) -> str:
    """A path with variables filled in; relative parts that exist beside the recipe are made absolute."""
    path = _VARIABLE.sub(lambda match: os.environ.get(match.group(1)) or match.group(0), path)
    if origin is None or not path or path.startswith("hf:"):
        return path
    return ",".join(
        str(origin.parent / part) if not Path(part).is_absolute() and _is_there(origin.parent / part) else part
        for part in path.split(",")
    )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # A name that no file can have.
        return False


def filled(path: str, origin: Path) -> str:
    """A path that a file names, with variables filled in, and made absolute if it exists beside the file.

    Raises:
        DataError: it contains an environment variable that is not set.
    """
    place = _place(path, origin)
    for name in _VARIABLE.findall(place):
        raise DataError(
            f"{origin} takes {path} from the folder that the environment variable {name} names, but it is not set.",
            hint=f"Set {name} to the folder with the data; they do not come with the program.",
        )
    return place


def refuse_unset(config: RunConfig) -> None:
    """Refuse a run whose recipe contains an environment variable that is not set.

    Raises:
        DataError: names the variable and what to do.
    """
    places = [config.base, config.validation, *config.protect, *(source.path for source in config.sources)]
    unset = {name: place for place in reversed(places) for name in _VARIABLE.findall(place)}
    for name, place in unset.items():
        file = place.rpartition("}")[2].lstrip("/") or place
        raise DataError(
            f"The recipe takes {file} from the folder that the environment variable {name} names, but it is not set.",
            hint=f"Set {name} to the folder with the data (they do not come with the program), or name your own as "
            "DATA and with --validation and --protect.",
        )
