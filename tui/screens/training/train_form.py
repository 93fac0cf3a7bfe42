"""The form of a training run: its lines from the declared settings, and its values as arguments of `train`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ....engine.errors import TrainingError
from ....engine.paths import typed
from ....train.settings import BUNDLED, RunConfig, Setting, settings_of

NAME = "mine"
DATA = "data"
_SETTINGS = settings_of(RunConfig)
_ORDER = ("name", "base", DATA, "alpha", "steps", "batch_size", "seed")
_TYPES = {"int": "integer", "float": "number"}


@dataclass(frozen=True)
class Line:
    """A line of the form: its widget's id, its label, its first value, and the type of input."""

    id: str
    label: str
    value: str
    type: Any


def lines() -> list[Line]:
    """The lines from top to bottom; the batch size is that of the bundled pairs, which fits every machine."""
    first = {"name": NAME, "batch_size": str(BUNDLED["batch_size"])}
    found = []
    for name in _ORDER:
        if name == DATA:
            found.append(Line(DATA, "Data (empty: the bundled pairs)", "", "text"))
            continue
        setting = _SETTINGS[name]
        value = first.get(name, setting.shown(setting.default))
        found.append(Line(_id(name), setting.label, value, _TYPES.get(setting.kind, "text")))
    return found


def paths(text: str) -> list[str]:
    """The paths in a line: the whole line if that path exists, else several, quoted as in a shell.

    Raises:
        TrainingError: a quotation mark is not closed.
    """
    text = text.strip()
    if text and os.path.exists(typed(text)):  # noqa: PTH110 - raises nothing for a text that can be no path
        return [text]
    try:
        found = shlex.split(text, posix=os.name == "posix")
    except ValueError:
        raise TrainingError("Data: a quotation mark is not closed.", hint='Write paths as "my data/a.jsonl".') from None
    return found if os.name == "posix" else [path.strip("\"'") for path in found]


def arguments(values: Mapping[str, str], batches: str) -> list[str]:
    """The form as arguments of `hybrid-search train`; an empty line leaves its setting at the default.

    Args:
        values: the texts of the lines, by their ids.
        batches: the sampling, or `all`.

    Raises:
        TrainingError: a value is invalid; the message has the line's label and the allowed values.
    """
    found = [*paths(values[DATA]), "--batches", batches]
    for name in _ORDER:
        if name == DATA or not (text := values[_id(name)].strip()):
            continue
        _check(_SETTINGS[name], text)
        found += [str(_SETTINGS[name].option), text]
    return found


def _check(setting: Setting, text: str) -> None:
    """Refuse a text that is not a value of the setting."""
    try:
        given: Any = {"int": int, "float": float}.get(setting.kind, str)(text)
        setting.value(given)
    except ValueError:
        raise TrainingError(f"{setting.label}: {text} is no number.", hint=f"It {setting.range}.") from None
    except TrainingError as error:
        raise TrainingError(f"{setting.label} cannot be {text}.", hint=error.hint) from None


def _id(name: str) -> str:
    return name.replace("_", "-")
