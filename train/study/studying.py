"""Trains every alpha and pairing with every seed, all else equal, to measure what each changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ...engine.errors import TrainingError
from ...engine.files import appending
from ...engine.json_lines import json_lines
from ..measure import registry
from ..run import checkpoints
from ..settings import RunConfig, StudySettings, from_dict
from .report import Cell, write_report
from .single_runs import VALIDATION, Event, TrainAndMeasure, refuse_other_settings

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
        run: trains one setting and returns its scores; `TrainAndMeasure` by default.

    Raises:
        TrainingError: there is no validation set, or the folder holds another study.
    """
    if not config.validation:
        raise TrainingError("A study needs a validation set.", hint="Name one with --validation.")
    run = run or _train_and_score()
    folder.mkdir(parents=True, exist_ok=True)
    done = _done(folder)
    # A folder in which no run has ended holds no study yet: the data may have been misspelt.
    before = checkpoints.read_json(folder / "config.json") if done else {}
    shared = config.replace(name="", alpha=0.5, pairing="example", seed=0).as_dict()
    refuse_other_settings(folder / "config.json", shared, from_dict(before).as_dict() if before else {})
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


def _train_and_score() -> Run:
    """Trains one setting with hybrid batches and returns its scores on the validation set."""
    measured = TrainAndMeasure()

    def run(config: RunConfig, on_event: Callable[[Event], None]) -> Mapping[str, float]:
        return measured(config.replace(batches="hybrid", checkpoint_every=0), on_event)[1][VALIDATION]

    return run


def _settings(
    alphas: Sequence[float], pairings: Sequence[str], first: int, seeds: int
) -> Iterator[tuple[float, str, int]]:
    """Every setting with the first seed, then with the next, so that a study stopped early has all settings."""
    for seed in range(first, first + seeds):
        for pairing in pairings:
            for alpha in alphas:
                if alpha < 1 or pairing == pairings[0]:
                    yield float(alpha), pairing, seed


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
