"""Trains every method of a list with every seed, all else equal, to measure what each is worth."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...engine.errors import DataError, TrainingError, reason
from ...engine.files import appending, read_given
from ...engine.json_lines import json_lines
from ..run import checkpoints
from ..settings import RunConfig, SourceConfig, StudySettings, from_dict, settings_of
from ..suite import SCORES
from .methods_report import BASE, Compared, write_report
from .single_runs import VALIDATION, Event, Scores, TrainAndMeasure, refuse_other_settings

if TYPE_CHECKING:
    from ..suite import Part

# Trains one run; returns the scores of the base and those of the encoder, by part and measure.
Run = Callable[[RunConfig, Callable[[Event], None]], tuple[Scores, Scores]]

ROWS = "methods.jsonl"
# What must be equal in all runs, or is the study's own.
_EQUAL = ("name", "seed", "base", "device", "validation", "validation_questions", "protect", "path", "checkpoint_every")
_NAME = re.compile(r"[\w-]{1,40}")


@dataclass(frozen=True)
class Method:
    """A method: its name, and the settings in which it differs from the study's recipe."""

    name: str
    changes: Mapping[str, Any]

    def of(self, config: RunConfig, seed: int) -> RunConfig:
        """The run that trains it.

        Raises:
            TrainingError: a value is invalid.
        """
        try:
            changed = from_dict(config.as_dict(), changes=dict(self.changes))
        except TrainingError as error:
            raise TrainingError(f"The method {self.name}: {error.message}", hint=error.hint) from error
        return changed.replace(name=f"study-{self.name}-{seed}", seed=seed)


def read_methods(path: Path) -> tuple[Method, ...]:
    """The methods of a TOML file: a table for each, with the settings of a run or of all its sources.

    Raises:
        DataError: the file is not TOML, has fewer than two tables, or a table has a key that a method cannot set.
    """
    try:
        tables = tomllib.loads(read_given(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"The methods {path} cannot be read: {reason(error)}.", hint='Write TOML: [name], then batches = "mono".'
        ) from error
    known = {*settings_of(RunConfig), *settings_of(SourceConfig)} - {*_EQUAL}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise DataError(f"{name} in {path} is not a method.", hint='Write a table: [name], then batches = "mono".')
        if not _NAME.fullmatch(name) or name == BASE:
            raise DataError(
                f"{name!r} in {path} cannot be a method's name.",
                hint=f"Use up to 40 letters, digits, - and _, and not {BASE}, which is the untrained encoder.",
            )
        for key in table:
            if key in _EQUAL:
                raise DataError(
                    f"The method {name} in {path} sets {key}, which is equal for all methods.",
                    hint="Set it in the recipe or by an option.",
                )
            if key not in known:
                raise DataError(
                    f"The method {name} in {path} sets {key!r}, which is not a setting.",
                    hint="`hybrid-search train --show-settings` lists them.",
                )
    if len(tables) < 2:
        raise DataError(f"{path} has fewer than two methods to compare.", hint="Write a table for each.")
    return tuple(Method(name, table) for name, table in tables.items())


def compare_methods(
    config: RunConfig,
    methods: Sequence[Method],
    folder: Path,
    *,
    seeds: int = StudySettings.seeds,
    suite: Sequence[Part] = (),
    on_event: Callable[[Event], None] = lambda event: None,
    run: Run | None = None,
) -> Compared:
    """Train every method with every seed, all else equal; finished runs are read from the folder.

    Args:
        config: the settings that all runs share.
        methods: what is compared; the others are compared with the first.
        folder: receives `methods.jsonl` as runs end, then `study.md` and `study.json`.
        seeds: how many, counting up from the config's seed.
        suite: what encoders are measured on; the config's validation set when empty.
        on_event: called with the runs' events, and with one for each run that ended.
        run: trains one run and returns its scores; `TrainAndMeasure` by default.

    Raises:
        TrainingError: there is nothing to measure on, a method is invalid, or the folder holds another study.
    """
    if not suite and not config.validation:
        raise TrainingError("A study needs a validation set.", hint="Name one with --validation, or a suite.")
    config = config.replace(name="", checkpoint_every=0, validation="" if suite else config.validation)
    first = config.seed
    runs = [(method, seed, method.of(config, seed)) for seed in range(first, first + seeds) for method in methods]
    counted = {part.name: part.counted for part in suite}
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "methods.json"
    shared = {"config": config.replace(seed=0).as_dict(), "suite": counted}
    base, done = _done(folder)
    # A folder in which no run has ended holds no study yet: the data may have been misspelt.
    refuse_other_settings(settings, shared, checkpoints.read_json(settings) if base else {})
    run = run or TrainAndMeasure(suite)
    for number, (method, seed, one) in enumerate(runs, start=1):
        key = _key(method.changes, seed)
        if key not in done:
            before, scores = run(one, on_event)
            if not base:
                base = before
                _add(folder, {"method": BASE, "scores": base})
            done[key] = scores
            _add(folder, {"method": method.name, "changes": dict(method.changes), "seed": seed, "scores": scores})
        on_event(
            {"event": "method", "run": number, "runs": len(runs), "method": method.name, "seed": seed}
            | {"scores": done[key]}
        )
    found = {
        method.name: [done[_key(method.changes, seed)] for seed in range(first, first + seeds)] for method in methods
    }
    compared = Compared(base, found, counted or {VALIDATION: SCORES})
    write_report(compared, config, {method.name: dict(method.changes) for method in methods}, folder)
    return compared


def _key(changes: Mapping[str, Any], seed: int) -> str:
    """What identifies a run: a method that was renamed is the same, one with other settings is not."""
    return json.dumps([changes, seed], sort_keys=True)


def _add(folder: Path, row: Mapping[str, Any]) -> None:
    with appending(folder / ROWS) as file:
        file.write(json.dumps(row) + "\n")


def _done(folder: Path) -> tuple[Scores, dict[str, Scores]]:
    """The base's scores, and those of finished runs; skips a line that a kill cut short."""
    base: Scores = {}
    found: dict[str, Scores] = {}
    for row in _rows(folder / ROWS):
        try:
            scores = {
                str(part): {str(key): float(value) for key, value in each.items()}
                for part, each in row["scores"].items()
            }
            if row["method"] == BASE:
                base = scores
            else:
                found[_key(row["changes"], int(row["seed"]))] = scores
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            continue
    return base, found


def _rows(path: Path) -> Iterator[Any]:
    if path.is_file():
        yield from (row for _, row in json_lines(path))
