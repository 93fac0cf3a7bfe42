"""The table of runs: what runs, averages and sweeps left on disk, and what becomes of damaged or missing parts."""

from __future__ import annotations

import json
import os

import pytest
from hybrid_search.engine import paths
from hybrid_search.engine.errors import TrainingError
from hybrid_search.train.run import checkpoints
from hybrid_search.train.runs.listing import find, listed
from hybrid_search.train.runs.model import differing
from hybrid_search.train.runs.removing import delete
from hybrid_search.train.runs.sweeps import sweep_folder, sweeps
from hybrid_search.train.settings.config import RunConfig
from hybrid_search.train.settings.recipes import read_recipe

from tests.support.runs import begun, ended


def gone():
    """The number of a process that has ended."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return child


def test_a_finished_run_has_its_settings_curve_and_scores():
    ended("one", {"mono": 0.8}, alpha=0.25)
    run = find("one")
    assert run.state == "done" and run.sampling == "hybrid .25"
    assert run.curve == {"mono": [(1, 2.0)], "cross": [(2, 1.0)]}
    assert run.scores == {"mono": 0.8} and run.before == {"mono": 0.5}
    assert run.encoder is not None and not run.resumable


def test_a_run_that_this_process_works_on_is_running_and_a_dead_one_is_stopped():
    begun("alive", [(1, 2.0, "mono")])
    begun("dead", [(1, 2.0, "mono")], process=gone())
    (checkpoints.run_folder("dead") / "checkpoint-1").mkdir()
    states = {run.name: (run.state, run.resumable) for run in listed()}
    assert states == {"alive": ("running", False), "dead": ("stopped", True)}


def test_steps_that_come_again_after_a_resume_replace_those_from_there_on():
    folder = begun("again", [(step, float(step), "mono") for step in range(1, 8)])
    tell = checkpoints.journal(folder, lambda event: None, resume=True)
    tell({"event": "step", "step": 4, "total": 9, "loss": 0.5, "kind": "cross"})
    run = find("again")
    assert run.step == 4
    assert run.curve == {"mono": [(1, 1.0), (2, 2.0), (3, 3.0)], "cross": [(4, 0.5)]}


def test_a_line_that_a_kill_cut_short_and_lines_of_nonsense_cost_themselves_alone():
    folder = begun("cut", [(1, 2.0, "mono")])
    with (folder / checkpoints.JOURNAL).open("a") as file:
        file.write('[1]\n{"event": "step"}\n{"event": "step", "step": 2, "lo')
    assert find("cut").step == 1


def test_a_damaged_run_does_not_hide_the_others():
    ended("good", {"mono": 0.8})
    checkpoints.run_folder("bad").mkdir()
    (checkpoints.run_folder("bad") / "config.json").write_text("{not json")
    assert [run.name for run in listed()] == ["good"]


def test_an_average_says_what_it_is_made_of():
    encoder = ended("mean", {})
    (encoder / "run.json").write_text(json.dumps({"averaged": [{"name": "a", "run": {}}, {"name": "b", "run": {}}]}))
    run = find("mean")
    assert run.kind == "averaged" and run.made_of == ("a", "b")


def test_the_figures_of_a_calibrated_encoder_are_not_those_it_was_made_from():
    encoder = ended("map", {"mono": 0.9})
    facts = json.loads((encoder / "run.json").read_text())
    (encoder / "run.json").write_text(json.dumps({**facts, "calibration": {"of": "one"}}))
    run = find("map")
    assert run.kind == "calibrated" and run.made_of == ("one",) and run.scores == {}


def test_runs_differ_in_their_settings_and_not_in_their_names():
    runs = [RunConfig(name=f"r{seed}", seed=seed, alpha=0.5).as_dict() for seed in (1, 2)]
    ended("r1", {}, seed=1)
    ended("r2", {}, seed=2)
    assert differing([find("r1"), find("r2")]) == {"seed": [each["seed"] for each in runs]}


def test_a_deleted_run_leaves_nothing_and_may_be_made_again():
    ended("one", {})
    delete("one")
    assert listed() == [] and not (paths.encoders_folder() / "one").exists()
    with pytest.raises(TrainingError, match="no run called one"):
        delete("one")


@pytest.mark.parametrize("name", ["", "..", "../encoders", "a/b", "."])
def test_only_the_name_of_a_run_deletes(name):
    ended("one", {})
    with pytest.raises(TrainingError, match="no run called"):
        delete(name)
    assert (paths.encoders_folder() / "one").exists()


def test_a_run_that_goes_on_and_one_that_others_stand_on_are_not_deleted():
    begun("alive")
    ended("under", {})
    ended("above", {}, base="under")
    with pytest.raises(TrainingError, match="is being trained"):
        delete("alive")
    with pytest.raises(TrainingError, match="the base of above"):
        delete("under")


def test_a_sweep_has_the_mean_of_each_alpha_in_order():
    folder = sweep_folder("s")
    folder.mkdir(parents=True)
    rows = [(0.5, 1, 0.4), (0.0, 1, 0.2), (0.5, 2, 0.6)]
    lines = [json.dumps({"alpha": a, "pairing": "example", "seed": s, "scores": {"multi": v}}) for a, s, v in rows]
    (folder / "runs.jsonl").write_text("\n".join([*lines, "{cut", "7"]) + "\n")
    (found,) = sweeps()
    assert found.curve("multi") == [(0.0, 0.2), (0.5, 0.5)]
    assert found.runs == 3 and not found.over


def test_the_settings_of_a_run_are_a_recipe_for_another():
    encoder = ended("one", {}, alpha=0.25, steps=7)
    for file in (encoder / "run.json", checkpoints.run_folder("one") / "config.json"):
        values = read_recipe(file)
        assert (values["alpha"], values["steps"]) == (0.25, 7) and "name" not in values
