"""The study: equal terms, runs that are not repeated, intervals that are right."""

from __future__ import annotations

import json
import math

import pytest
from hybrid_search.engine.errors import TrainingError
from hybrid_search.train.settings.config import RunConfig
from hybrid_search.train.study.report import Cell, picture, plateau
from hybrid_search.train.study.studying import study

CONFIG = RunConfig(validation="held-out", steps=5)


def scored(config, _tell):
    return {"mono": 0.5 + config.alpha / 10 + config.seed / 100, "cross": 0.7 - config.alpha / 10, "multi": 0.4}


def test_every_setting_is_run_with_every_seed_on_equal_terms(tmp_path):
    seen = []

    def run(config, tell):
        seen.append(config)
        return scored(config, tell)

    cells = study(CONFIG, tmp_path, alphas=(0.0, 0.5, 1.0), seeds=3, run=run)
    assert len(cells) == 6
    assert len(seen) == 15, "without cross batches the pairing makes no difference, so alpha 1 is run once"
    equal = {json.dumps(config.replace(name="", alpha=0, pairing="example", seed=0).as_dict()) for config in seen}
    assert len(equal) == 1
    assert {config.seed for config in seen} == {0, 1, 2}
    report = (tmp_path / "study.md").read_text("utf-8")
    assert "| 0.5 | 0.5600 ± 0.0248 |" in report
    assert (tmp_path / "study.svg").read_text("utf-8").startswith("<svg")
    assert json.loads((tmp_path / "study.json").read_text("utf-8"))["cells"][0]["mono"]["values"] == [0.5, 0.51, 0.52]


def test_a_study_that_was_stopped_goes_on(tmp_path):
    seen = []

    def run(config, tell):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append((config.alpha, config.seed))
        return scored(config, tell)

    with pytest.raises(KeyboardInterrupt):
        study(CONFIG, tmp_path, alphas=(0.0, 0.5), pairings=("example",), seeds=2, run=run)
    with (tmp_path / "runs.jsonl").open("a") as file:
        file.write('{"alpha": 0.5, "pai')
    again = []
    study(
        CONFIG, tmp_path, alphas=(0.0, 0.5), pairings=("example",), seeds=2,
        run=lambda config, tell: again.append((config.alpha, config.seed)) or scored(config, tell),
    )  # fmt: skip
    assert sorted(seen + again) == [(0.0, 0), (0.0, 1), (0.5, 0), (0.5, 1)]


def test_other_settings_need_another_folder(tmp_path):
    study(CONFIG, tmp_path, alphas=(0.5,), pairings=("example",), seeds=1, run=scored)
    with pytest.raises(TrainingError, match="other settings"):
        study(CONFIG.replace(steps=6), tmp_path, alphas=(0.5,), pairings=("example",), seeds=1, run=scored)


def test_a_folder_in_which_no_run_has_ended_holds_no_study_yet(tmp_path):
    def fails(config, tell):
        raise TrainingError("There are no data.")

    with pytest.raises(TrainingError, match="no data"):
        study(CONFIG, tmp_path, alphas=(0.5,), pairings=("example",), seeds=1, run=fails)
    study(CONFIG.replace(steps=6), tmp_path, alphas=(0.5,), pairings=("example",), seeds=1, run=scored)


def test_a_study_needs_something_to_measure_on(tmp_path):
    with pytest.raises(TrainingError, match="needs a validation set"):
        study(RunConfig(), tmp_path, run=scored)


def test_the_interval_is_that_of_student():
    cell = Cell(0.5, "example", {"mono": (0.1, 0.2, 0.3)})
    assert cell.half_width("mono") == pytest.approx(4.3027 * 0.1 / math.sqrt(3), rel=1e-4)
    assert math.isnan(Cell(0.5, "example", {"mono": (0.1,)}).half_width("mono"))


def test_how_flat_the_middle_is():
    cells = [Cell(alpha, "example", {"multi": (value, value)}) for alpha, value in ((0, 0.1), (0.4, 0.5), (0.6, 0.52))]
    assert plateau(cells, "multi")[0] == pytest.approx(0.02)
    assert "multi mAP" in picture(cells)
