"""Trains every alpha and pairing with every seed, all else equal, to measure what each changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...engine.errors import TrainingError
from ...engine.files import appending
from ...engine.json_lines import json_lines
from ..measure import registry
from ..run import checkpoints
from ..settings import RunConfig, StudySettings, from_dict
from .report import Cell, write_report

Event = dict[str, Any]
Run = Callable[[RunConfig, Callable[[Event], None]], Mapping[str, float]]


def study(
    config: RunConfig,
    folder: Path,
    *,
    alphas: Sequence[float] = StudySettings.alphas,
    pairings: Sequence[str] = StudySettings.pairings,
    seeds: int = StudySettings.seeds,
    on_event: Callable[[Event], None] = lambda event: None,
    run: Run | None = None,
) -> list[Cell]:
    """Train every setting with every seed, all else equal; finished runs are read from the folder.

    At alpha 1 there are no cross batches, so the pairing makes no difference and one run serves both.

    Args:
        config: the settings that all runs share; must name a validation set.
        folder: receives `runs.jsonl` as runs end, then `study.md`, `study.json` and `study.svg`.
        alphas: probabilities of a mono batch.
        pairings: languages of cross pairs drawn per `example` or per `batch`.
        seeds: how many, counting up from the config's seed.
        on_event: called with the runs' events, and with one for each run that ended.
        run: trains one setting and returns its scores; `TrainAndScore` by default.

    Raises:
        TrainingError: there is no validation set, or the folder holds another study.
    """
    if not config.validation:
        raise TrainingError("A study needs a validation set.", hint="Name one with --validation.")
    run = run or TrainAndScore()
    folder.mkdir(parents=True, exist_ok=True)
    _same_study(config, folder)
    done = _done(folder)
    settings = list(_settings(alphas, pairings, config.seed, seeds))
    for number, (alpha, pairing, seed) in enumerate(settings, start=1):
        if (alpha, pairing, seed) not in done:
            name = f"study-{alpha:g}-{pairing}-{seed}"
            scores = dict(run(config.replace(name=name, alpha=alpha, pairing=pairing, seed=seed), on_event))
            done[alpha, pairing, seed] = scores
            with appending(folder / "runs.jsonl") as file:
                file.write(json.dumps({"alpha": alpha, "pairing": pairing, "seed": seed, "scores": scores}) + "\n")
        scores = done[alpha, pairing, seed]
        on_event(
            {"event": "run", "run": number, "runs": len(settings), "alpha": alpha, "pairing": pairing, "seed": seed}
            | {"scores": scores}
        )
    cells = _cells(done, alphas, pairings, config.seed, seeds)
    write_report(cells, config, folder, seeds)
    return cells


class TrainAndScore:
    """Trains one setting and returns its scores on the validation set; the encoder is deleted.

    Only the first run measures the base, which all runs share.
    """

    def __init__(self) -> None:
        self._base: Mapping[str, float] = {}

    def __call__(self, config: RunConfig, on_event: Callable[[Event], None]) -> Mapping[str, float]:
        """Scores after training."""
        import shutil

        from ..run import fit

        result = fit(config.replace(batches="hybrid", checkpoint_every=0), on_event, before=self._base)
        self._base = result.scores_before
        shutil.rmtree(result.path, ignore_errors=True)
        shutil.rmtree(checkpoints.run_folder(config.name), ignore_errors=True)
        return dict(result.scores_after)


def _settings(
    alphas: Sequence[float], pairings: Sequence[str], first: int, seeds: int
) -> Iterator[tuple[float, str, int]]:
    """Every setting with the first seed, then with the next, so that a study stopped early has all settings."""
    for seed in range(first, first + seeds):
        for pairing in pairings:
            for alpha in alphas:
                if alpha < 1 or pairing == pairings[0]:
                    yield float(alpha), pairing, seed


def _same_study(config: RunConfig, folder: Path) -> None:
    """Raise if the folder holds runs with other settings: they would not be comparable."""
    shared = config.replace(name="", alpha=0.5, pairing="example", seed=0).as_dict()
    plain = json.loads(json.dumps(shared))
    before = checkpoints.read_json(folder / "config.json")
    if before and json.loads(json.dumps(from_dict(before).as_dict())) != plain:
        raise TrainingError(f"{folder} holds a study with other settings.", hint="Name another folder with --out.")
    checkpoints.write_json(folder / "config.json", plain)


def _done(folder: Path) -> dict[tuple[float, str, int], dict[str, float]]:
    """Finished runs by setting; skips a line that a kill cut short."""
    found = {}
    if (folder / "runs.jsonl").is_file():
        for _, row in json_lines(folder / "runs.jsonl"):
            try:
                found[float(row["alpha"]), str(row["pairing"]), int(row["seed"])] = dict(row["scores"])
            except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
                continue
    return found


def _cells(
    done: Mapping[tuple[float, str, int], Mapping[str, float]],
    alphas: Sequence[float],
    pairings: Sequence[str],
    first: int,
    seeds: int,
) -> list[Cell]:
    cells = []
    for pairing in pairings:
        for alpha in alphas:
            trained_as = pairings[0] if alpha >= 1 else pairing
            runs = [done[float(alpha), trained_as, seed] for seed in range(first, first + seeds)]
            measured = [each.key for each in registry.headlines() if all(each.key in run for run in runs)]
            scores = {key: tuple(float(run[key]) for run in runs) for key in measured}
            cells.append(Cell(float(alpha), pairing, scores))
    return cells
