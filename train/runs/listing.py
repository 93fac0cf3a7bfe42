"""Finds the runs: joins the data folder's folders of runs and of encoders by name."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...engine import paths
from ...engine.encoders import ENCODER
from ...engine.errors import TrainingError
from ...engine.files import is_folder_name, is_leftover
from ..run import checkpoints
from .following import followed
from .model import AVERAGED, CALIBRATED, DONE, RUNNING, STOPPED, TRAINED, Run

_RUN_FILE = "run.json"


def listed() -> list[Run]:
    """Every run, the most recently changed first. Files that cannot be read are ignored."""
    names = [*_folders(checkpoints.run_folder("")), *_folders(paths.encoders_folder())]
    found = [_read(name) for name in dict.fromkeys(names)]
    return sorted((run for run in found if run is not None), key=lambda run: (-run.changed, run.name))


def find(name: str) -> Run:
    """The run with a name.

    Raises:
        TrainingError: there is no such run.
    """
    run = _read(name) if is_folder_name(name) else None
    if run is None:
        raise TrainingError(f"There is no run called {name}.", hint="`hybrid-search runs` lists them.")
    return run


def _folders(place: Path) -> list[str]:
    try:
        return sorted(
            each.name
            for each in place.iterdir()
            if each.is_dir() and not each.is_symlink() and not is_leftover(each.name) and not each.name.startswith(".")
        )
    except OSError:
        return []


def _read(name: str) -> Run | None:
    folder, encoder = checkpoints.run_folder(name), paths.encoders_folder() / name
    facts, config = _plain(encoder / _RUN_FILE), _plain(folder / "config.json")
    is_encoder = (encoder / ENCODER).is_file() or (encoder / "modules.json").is_file()
    if not config and not is_encoder:
        return None
    events, written = followed(folder)
    kind, made_of = _origin(facts)
    unfinished = bool(config) and not (folder / checkpoints.DONE).is_file()
    if unfinished:
        # An encoder with that name is from an earlier run.
        kind, made_of, facts = TRAINED, (), {}
    state = DONE if not unfinished else RUNNING if events.at_work(written) else STOPPED
    steps = checkpoints.steps(folder)
    settings = _settings(facts) or config
    return Run(
        name=name,
        kind=kind,
        state=state,
        settings=settings,
        made_of=made_of,
        step=events.step or _number(facts, "steps"),
        steps=events.steps or int(settings.get("steps") or 0),
        checkpoint=steps[-1] if steps else 0,
        curve=events.curve,
        validations=tuple(sorted(events.validations.items())),
        before=_scores(facts, "scores_before") or events.validations.get(0, {}),
        after=_scores(facts, "scores_after"),
        seconds=float(_number(facts, "seconds")),
        changed=max(written, _changed(encoder / _RUN_FILE), _changed(folder / "config.json"), _changed(encoder)),
        encoder=encoder if is_encoder and not unfinished else None,
    )


def _origin(facts: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The kind of an encoder, and the encoders that it was made from."""
    calibration, averaged = facts.get("calibration"), facts.get("averaged")
    if isinstance(calibration, dict):
        return CALIBRATED, (str(calibration.get("of", "")),)
    if isinstance(averaged, list):
        return AVERAGED, tuple(str(each.get("name", "")) for each in averaged if isinstance(each, dict))
    return TRAINED, ()


def _settings(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    config = facts.get("config")
    return config if isinstance(config, dict) else {}


def _plain(file: Path) -> dict[str, Any]:
    with contextlib.suppress(TrainingError, OSError):
        return checkpoints.read_json(file)
    return {}


def _scores(facts: Mapping[str, Any], key: str) -> dict[str, float]:
    # A calibrated encoder is not measured: the figures in its file are those of the encoder that it was made from.
    found = facts.get(key) if "calibration" not in facts else None
    if not isinstance(found, dict):
        return {}
    return {str(name): float(value) for name, value in found.items() if isinstance(value, (int, float))}


def _number(facts: Mapping[str, Any], key: str) -> int:
    value = facts.get(key)
    return int(value) if isinstance(value, (int, float)) and value == value else 0


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
