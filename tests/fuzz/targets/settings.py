"""Recipes, runs' files and the app's settings with odd values: they give settings in range, or an error message."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from random import Random
from typing import Any

from hybrid_search.engine.errors import HybridSearchError
from hybrid_search.train.run import checkpoints
from hybrid_search.train.settings import (
    CalibrationSettings,
    RunConfig,
    SourceConfig,
    StudySettings,
    from_dict,
    load_recipe,
    settings_of,
)

from ..mutating import mutated, mutated_json, odd_value
from ..running import Attempt, Wrong

_RECIPE = """
base = "base"
batches = "hybrid"
alpha = 0.5
steps = 60
learning_rate = 2e-4
languages = "de,fr:3"
validation = "held-out"
temperature = 0.05
{all}

[[sources]]
path = "pairs.jsonl"
mono = 2

[[sources]]
path = "${{DATA}}/other.jsonl,more.jsonl"
include = {{ source = ["NTREX-128"] }}
"""


def prepare(folder: Path) -> tuple[Attempt, tuple[type[BaseException], ...]]:
    """Values by name through every input: recipe files, plain values, run.json and the settings' own classes."""
    kinds = (RunConfig, SourceConfig, CalibrationSettings, StudySettings)
    plain = json.dumps(RunConfig(name="a", sources=(SourceConfig("pairs.jsonl"),)).as_dict()).encode()
    recipe = _RECIPE.format(all="\n".join(f"# {name}" for name in settings_of(RunConfig))).encode()

    def attempt(chance: Random, place: Path) -> None:
        how = chance.randrange(4)
        if how == 0:
            file = place / "recipe.toml"
            file.write_bytes(mutated(recipe, chance))
            _sound(load_recipe(file))
        elif how == 1:
            file = place / "recipe.toml"
            values = [f"{chance.choice(list(settings_of(RunConfig)))} = {_toml(odd_value(chance))}" for _ in range(2)]
            file.write_text("\n".join(values), "utf-8", "surrogatepass")
            _sound(load_recipe(file))
        elif how == 2:
            file = place / "config.json"
            file.write_bytes(mutated_json(plain, chance))
            _sound(from_dict(checkpoints.read_json(file), origin=file))
        else:
            kind = chance.choice(kinds)
            declared = list(settings_of(kind))
            given = {chance.choice(declared): _value(chance) for _ in range(chance.choice((1, 2, 3)))}
            (place / "values.json").write_text(ascii(given))
            _sound(kind(**given))

    return attempt, (HybridSearchError,)


def _value(chance: Random) -> Any:
    value = odd_value(chance)
    if isinstance(value, list) and chance.random() < 0.5:
        return tuple(value)
    return {1: value} if chance.random() < 0.05 else value


def _toml(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(bool(value)).lower()
    if isinstance(value, float):
        return {"inf": "inf", "-inf": "-inf", "nan": "nan"}.get(str(value), str(value))
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(str(key))} = {_toml(each)}" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _sound(made: Any) -> None:
    for name, declared in settings_of(type(made)).items():
        value = getattr(made, name)
        numbers = [value] if isinstance(value, (int, float)) else []
        for number in numbers:
            low, high = declared.low, declared.high
            if number != number or (low is not None and number < low) or (high is not None and number > high):
                raise Wrong(f"range: {name} is {number!r}")
    if isinstance(made, RunConfig):
        again = from_dict(json.loads(json.dumps(made.as_dict())))
        # A path may name an environment variable, which is replaced when it is read.
        if again != made and "${" not in json.dumps(made.as_dict()):
            raise Wrong(f"written and read again: {_differing(made, again)}")


def _differing(made: RunConfig, again: RunConfig) -> str:
    for field in dataclasses.fields(made):
        if getattr(made, field.name) != getattr(again, field.name):
            return f"{field.name}: {getattr(made, field.name)!r} and {getattr(again, field.name)!r}"
    return "nothing"
