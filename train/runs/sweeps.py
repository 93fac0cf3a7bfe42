"""Reads the studies of alpha in the data folder: the figures of each alpha over its seeds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...engine import paths
from ...engine.errors import DataError, TrainingError
from ...engine.json_lines import json_lines
from ..run import checkpoints

RUNS, STUDY = "runs.jsonl", "study.json"


@dataclass(frozen=True)
class Sweep:
    """A study on disk.

    Attributes:
        name: the folder's name.
        folder: holds its tables and chart once it has ended.
        over: whether all its runs are finished.
        settings: the settings that its runs share.
        values: figures by the measure's key, then by alpha: one for each seed and pairing.
        runs: how many runs are finished.
        changed: time of the last change, in seconds since the epoch.
    """

    name: str
    folder: Path
    over: bool
    settings: dict[str, Any]
    values: dict[str, dict[float, list[float]]]
    runs: int
    changed: float

    def curve(self, measure: str) -> list[tuple[float, float]]:
        """(alpha, mean over its runs) of a measure, by ascending alpha."""
        found = self.values.get(measure, {})
        return [(alpha, sum(each) / len(each)) for alpha, each in sorted(found.items())]


def sweep_folder(name: str) -> Path:
    """The folder of a study."""
    return paths.data_folder() / "studies" / name


def sweeps() -> list[Sweep]:
    """Every study that has begun, the most recently changed first."""
    try:
        folders = [each for each in sweep_folder("").iterdir() if each.is_dir() and not each.name.startswith(".")]
    except OSError:
        return []
    return sorted((_read(folder) for folder in folders), key=lambda each: (-each.changed, each.name))


def _read(folder: Path) -> Sweep:
    values: dict[str, dict[float, list[float]]] = {}
    runs, changed = 0, folder.stat().st_mtime
    file = folder / RUNS
    if file.is_file():
        changed = file.stat().st_mtime
        try:
            for _, row in json_lines(file):
                try:
                    alpha, scores = float(row["alpha"]), dict(row["scores"])
                    for key, value in scores.items():
                        values.setdefault(str(key), {}).setdefault(alpha, []).append(float(value))
                except (ValueError, KeyError, TypeError, OverflowError):
                    continue
                runs += 1
        except (DataError, OSError):
            pass
    try:
        settings = checkpoints.read_json(folder / "config.json")
    except (TrainingError, OSError):
        settings = {}
    return Sweep(folder.name, folder, (folder / STUDY).is_file(), settings, values, runs, changed)
