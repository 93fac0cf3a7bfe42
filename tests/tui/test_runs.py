"""The Runs screen: rows, curves over each other, and real child processes that resume, average, sweep and delete."""

from __future__ import annotations

import json
import sys

import pytest
from hybrid_search.engine import paths
from hybrid_search.engine.errors import TrainingError
from hybrid_search.train.runs import delete
from hybrid_search.train.settings.config import RunConfig, SourceConfig
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.screens.dialogs.choose import AskText, Confirm
from hybrid_search.tui.screens.training import run_curves
from hybrid_search.tui.screens.training import runs_told as told
from hybrid_search.tui.screens.training.sweep import SweepForm, arguments
from hybrid_search.tui.service.service import Service

from tests.support import adapters, tiny_models
from tests.support.runs import begun, ended

# The child process of the app, which fits maps in a few steps on a few pairs.
SMALL = """
from functools import partial
import hybrid_search.train.calibration.outcome as outcome
outcome.CalibrationSettings = partial(outcome.CalibrationSettings, pairs=16, steps=3, size=8)
from hybrid_search.tui.desk.child import main
main()
"""
SCORES = {"mono": 0.8, "cross": 0.7, "multi": 0.5, "rank_distance": 90.0}


async def opened(pilot, until, number):
    """The Runs screen with so many rows."""
    await until(pilot, lambda: pilot.app.status)
    await pilot.press("f7")
    await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "runs")
    await until(pilot, lambda: pilot.app.screen.table.row_count == number, f"{number} rows are there")
    return pilot.app.screen


def rows(screen):
    return [[cell.plain for cell in screen.table.get_row_at(at)] for at in range(screen.table.row_count)]


async def test_every_training_is_a_row_with_its_state_and_scores(start, until, library):
    ended("first", SCORES, alpha=0.25)
    begun("second", [(1, 2.0, "mono")], process=1 << 30)
    async with start(library) as pilot:
        screen = await opened(pilot, until, 2)
        found = {row[1]: row for row in rows(screen)}
        assert found["first"][2] == "hybrid .25" and "0.800" in found["first"]
        assert found["second"][-2] == "stopped at 1, nothing kept"


async def test_what_another_program_trains_and_deletes_is_shown_at_once(start, until, library):
    async with start(library) as pilot:
        screen = await opened(pilot, until, 0)
        await until(pilot, lambda: "Nothing was trained" in str(screen.about.render()), "the rows are read")
        assert "Curves of runs" in str(screen.curves.render())
        ended("first", SCORES)
        await until(pilot, lambda: screen.table.row_count == 1, "it is shown")
        begun("second", [(1, 2.0, "mono")], process=1 << 30)
        await until(pilot, lambda: screen.table.row_count == 2, "so is one that goes on elsewhere")
        delete("first")
        await until(pilot, lambda: [row[1] for row in rows(screen)] == ["second"], "what is deleted goes")


async def test_runs_that_another_program_deleted_meanwhile_count_as_deleted(start, until, library):
    for name in ("first", "second", "third"):
        ended(name, SCORES)
    async with start(library) as pilot:
        screen = await opened(pilot, until, 3)
        await pilot.press("space", "space", "space", "d")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        delete("second")
        await pilot.press("y")
        await until(pilot, lambda: screen.table.row_count == 0, "all are gone")
        assert not pilot.app._notifications


async def test_the_question_before_many_runs_are_deleted_fits_the_terminal(start, until, library):
    for number in range(30):
        begun(f"run-{number}", process=1 << 30)
    async with start(library, size=(80, 24)) as pilot:
        screen = await opened(pilot, until, 30)
        screen._marked = set(screen._rows)
        screen.action_delete()
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm) and pilot.app.screen.query("#yes"))
        dialog = pilot.app.screen
        frame, button = dialog.query_one(".dialog"), dialog.query_one("#yes")
        await until(pilot, lambda: button.region and frame.content_region.contains_region(button.region))
        assert "and 22 more" in str(dialog.query("Static").first().render())


@pytest.mark.parametrize("key", ["c", "a", "k"])
async def test_what_needs_an_encoder_names_the_run_that_has_none(start, until, library, key):
    ended("first", SCORES)
    begun("second", [(1, 2.0, "mono")], process=1 << 30)
    async with start(library) as pilot:
        screen = await opened(pilot, until, 2)
        await pilot.press("space", "space", key)
        await until(pilot, lambda: pilot.app._notifications, "it is told")
        assert "second has no encoder yet" in next(iter(pilot.app._notifications)).message
        assert pilot.app.screen is screen


async def test_a_run_that_cannot_be_deleted_stays_a_column(start, until, library):
    ended("below", SCORES)
    ended("above", SCORES, base="below")
    async with start(library) as pilot:
        screen, settings = await opened(pilot, until, 2), pilot.app.settings
        settings.columns = ["hybrid", "below"]
        screen._delete(["below"])
        await until(pilot, lambda: pilot.app._notifications, "the reason is told")
        assert "above" in next(iter(pilot.app._notifications)).message
        assert settings.columns == ["hybrid", "below"] and screen.table.row_count == 2


def test_what_happens_is_told_in_lines_that_fit():
    words = "Sweeping α as sweep-1: importing the training libraries takes a while…"
    lines = told.about([], words, 24).plain.splitlines()
    assert " ".join(lines).strip() == words and max(map(len, lines)) <= 24


async def test_the_smallest_terminal_shows_rows_and_what_they_are(start, until, library):
    ended("first", SCORES)
    async with start(library, size=(40, 12)) as pilot:
        screen = await opened(pilot, until, 1)
        heights = [screen.table.content_size.height, screen.query_one("#below").size.height]
        assert min(heights) >= 2, "a heading and a row; a frame and some words"


@pytest.mark.parametrize("size", [(150, 40), (120, 40)])
async def test_marked_runs_stand_side_by_side_without_being_cut(start, until, library, size):
    names = ("tour-mono", "tour-cross", "tour-hybrid")
    for name in names:
        ended(name, SCORES, batches=name.removeprefix("tour-"), learning_rate=2e-5)
    async with start(library, size=size) as pilot:
        screen = await opened(pilot, until, 3)
        await pilot.press("space", "space", "space")
        told = screen.about.render().plain
        await until(pilot, lambda: screen.query_one("#about-frame").max_scroll_x == 0, "all of it has room")
        if size[0] == 150:
            assert all(name in told for name in names)


async def test_marked_runs_are_drawn_over_each_other_and_what_differs_is_said(start, until, library):
    ended("first", SCORES, alpha=0.25, seed=1)
    ended("second", {**SCORES, "multi": 0.6}, alpha=0.75, seed=1)
    async with start(library) as pilot:
        screen = await opened(pilot, until, 2)
        assert [name for name, _ in screen.curves.series] == ["cross batches", "mono batches"]
        await pilot.press("space", "space")
        await until(pilot, lambda: len(screen.curves.series) == 2)
        assert {name for name, _ in screen.curves.series} == {"first", "second"}
        words = str(screen.about.render())
        assert "α" in words and "seed" not in words
        assert "0.600◂" in words


async def test_a_stopped_run_without_a_checkpoint_says_why_it_cannot_go_on(start, until, library):
    begun("second", [(1, 2.0, "mono")], process=1 << 30)
    async with start(library) as pilot:
        await opened(pilot, until, 1)
        await pilot.press("r")
        await until(pilot, lambda: any("first checkpoint" in str(each.message) for each in pilot.app._notifications))
        assert not pilot.app.training.running


async def test_runs_become_columns_of_compare(start, until, library):
    ended("first", SCORES)
    async with start(library) as pilot:
        await opened(pilot, until, 1)
        await pilot.press("c")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "compare")
        await until(pilot, lambda: "first" in pilot.app.screen.columns.names)


async def test_deleting_asks_first_and_takes_the_column_away(start, until, library):
    ended("first", SCORES)
    async with start(library) as pilot:
        pilot.app.settings.columns = ["first", "mono"]
        screen = await opened(pilot, until, 1)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert (paths.encoders_folder() / "first").exists()
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.screen is screen and not screen.table.row_count)
        assert not (paths.encoders_folder() / "first").exists()
        assert pilot.app.settings.columns == ["mono"]


@pytest.mark.parametrize(
    ("line", "value", "words"),
    [
        ("alphas", "0,2", "between 0 and 1"),
        ("alphas", "x", "numbers"),
        ("seeds", "0", "seeds"),
        ("name", "a/b", "Name"),
        ("name", "bell\a", "Name"),
        ("name", "x" * 201, "Name"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_in_words(line, value, words):
    values = {"name": "s", "alphas": "0,1", "seeds": "1", "steps": "3", line: value}
    with pytest.raises(TrainingError, match=words):
        arguments(values, None)


@pytest.mark.parametrize(
    ("name", "words"),
    [("both", ""), ("a/b", "letters, digits"), ("openai:x", "letters, digits"), ("bm25", "else"), ("one", "already")],
)
def test_a_run_gets_a_name_that_an_encoder_can_have_and_no_run_has(name, words):
    problem = told.name_problem(name, {"run one": told.Row("run one", "one", {})})
    assert words in problem and bool(problem) == bool(words)


async def test_marked_encoders_are_averaged_and_one_is_calibrated_by_a_real_child(
    until, library, tmp_path, monkeypatch
):
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    pytest.importorskip("torch")
    for seed in (1, 2):
        folder = adapters.write(f"seed-{seed}", seed=seed)
        source = SourceConfig(str(tiny_models.pairs(tmp_path / f"{seed}.jsonl", count=12)))
        config = RunConfig(sources=(source,), batches="cross", batch_size=6, seed=seed)
        (folder / "run.json").write_text(json.dumps({"schema": 1, "config": config.as_dict()}))
    app = HybridSearchApp(str(library), worker=lambda: Service((sys.executable, "-P", "-c", SMALL)))
    async with app.run_test(size=(140, 44)) as pilot:
        screen = await opened(pilot, until, 2)
        await pilot.press("a")
        await until(pilot, lambda: any("two or more" in str(each.message) for each in app._notifications))
        await pilot.press("space", "space", "a")
        await until(pilot, lambda: isinstance(app.screen, AskText))
        app.screen.query_one("#text").value = "seed-1"
        await pilot.press("enter")
        assert isinstance(app.screen, AskText), "a name that is taken stays in the dialog"
        app.screen.query_one("#text").value = "both"
        await pilot.press("enter")
        await until(pilot, lambda: "run both" in screen._rows, "the average is a row", 3000)
        assert sorted(screen._rows["run both"].data["made_of"]) == ["seed-1", "seed-2"]
        await until(pilot, lambda: "mean of 2" in str(screen.job.words.render()), "the job tells what it made", 3000)

        await pilot.press("k")
        await until(pilot, lambda: any("Only one encoder" in str(each.message) for each in app._notifications))
        screen._marked.clear()
        screen.table.move_cursor(row=screen.table.get_row_index("run seed-1"))
        await pilot.press("k")
        await until(pilot, lambda: isinstance(app.screen, AskText))
        assert app.screen.query_one("#text").value == "seed-1-calibrated"
        await pilot.press("enter")
        await until(
            pilot, lambda: not app.jobs.running and "run seed-1-calibrated" in screen._rows, "it is a row", 9000
        )
        assert "median rank" in str(screen.job.words.render())
        told_of = json.loads((paths.encoders_folder() / "seed-1-calibrated" / "run.json").read_text())["calibration"]
        assert told_of["of"] == "seed-1" and told_of["config"]["sources"][0]["path"] == str(tmp_path / "1.jsonl")


@pytest.mark.slow
async def test_a_real_run_is_stopped_resumed_and_swept(until, library, tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    pytest.importorskip("torch")
    base, data = tiny_models.xlm_r(tmp_path / "base"), tiny_models.pairs(tmp_path / "pairs.jsonl")
    settings = ["--batch-size", "6", "--lora", "4", "--precision", "fp32", "--device", "cpu", "--warmup-steps", "1"]
    begin = [str(data), "--base", str(base), "--steps", "100000", "--checkpoint-every", "2", *settings]
    app = HybridSearchApp(str(library))
    async with app.run_test(size=(140, 44)) as pilot:
        screen = await opened(pilot, until, 0)
        app.training.begin([*begin, "--out", "one"], "one")
        await until(pilot, lambda: screen._live.followed.step > 4, "the run takes steps", 30000)
        await pilot.press("ctrl+x")
        await until(pilot, lambda: not app.training.running, "the run stops", 30000)
        await until(pilot, lambda: rows(screen) and "kept" in rows(screen)[0][-2], "the row says so", 3000)
        reached = screen._rows["run one"].data["checkpoint"]
        # It began with far too many steps; the rest of them is what its settings say.
        config = paths.data_folder() / "runs" / "one" / "config.json"
        config.write_text(json.dumps({**json.loads(config.read_text()), "steps": reached + 3}))
        await pilot.press("r")
        await until(pilot, lambda: rows(screen)[0][-2].endswith("steps"), "it ends", 30000)
        assert screen._rows["run one"].data["step"] == reached + 3
        steps = [step for points in screen._rows["run one"].data["curve"].values() for step, _ in points]
        assert len(steps) == len(set(steps))

        await until(pilot, lambda: not app.training.running, "the process is gone", 3000)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SweepForm))
        app.screen.query_one("#alphas").value = "0, 1"
        app.screen.query_one("#steps").value = "2"
        await pilot.press("enter")
        await until(pilot, lambda: "sweep sweep-1" in screen._rows, "the sweep is a row", 30000)
        await until(pilot, lambda: screen._rows["sweep sweep-1"].data["over"], "the sweep ends", 30000)
        await until(pilot, lambda: not app.study.running, "its process is gone", 3000)
        assert screen._rows["sweep sweep-1"].data["runs"] == 2


def test_a_run_of_many_steps_is_drawn_from_some_hundreds_of_points():
    live = told.Live()
    live.take({"event": "start", "name": "long", "steps": 100_000})
    for step in range(1, 50_001):
        live.take({"event": "step", "step": step, "total": 100_000, "loss": 1 / step, "kind": "mono"})
    row = told.Row("run long", "long", {"curve": {"mono": [[0, 9.0]]}, "validations": []})
    drawn = run_curves.drawn([row], run_curves.LOSS, live)
    ((_, points),) = drawn.series
    assert len(points) < 1100 and points[0] == (0, 9.0) and points[-1][0] == 50_000


async def test_without_a_run_the_next_step_is_said_in_full(start, until, library):
    async with start(library, size=(80, 24)) as pilot:
        screen = await opened(pilot, until, 0)
        await until(pilot, lambda: screen.about.has_class("-words"))
        shown = "".join(segment.text for line in screen._compositor.render_strips() for segment in line)
        assert "sweeps α" in " ".join(shown.replace("│", " ").split())
        assert screen.about.region.width <= screen.query_one("#about-frame").region.width
