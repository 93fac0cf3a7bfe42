"""The form of a training run: what it asks `train` for, and what it refuses before anything starts."""

from __future__ import annotations

import sys

import pytest
from hybrid_search.engine.errors import TrainingError
from hybrid_search.tui.screens.training import train_form
from textual.widgets import Input


def values(**changed):
    return {line.id: changed.get(line.id.replace("-", "_"), line.value) for line in train_form.lines()}


def after(arguments, option):
    return arguments[arguments.index(option) + 1]


def test_the_form_asks_for_what_stands_in_it():
    arguments = train_form.arguments(values(), "hybrid")
    assert arguments[:2] == ["--batches", "hybrid"]
    assert (after(arguments, "--out"), after(arguments, "--alpha"), after(arguments, "--seed")) == ("mine", "0.5", "0")


def test_a_zero_in_the_form_is_a_zero_for_the_run(monkeypatch, tmp_path):
    pytest.importorskip("torch")
    from hybrid_search.train import run
    from hybrid_search.train.run.result import RunResult
    from hybrid_search.tui.cli.main import main

    seen = []
    monkeypatch.setattr(
        run, "fit", lambda config, *_, **__: seen.append(config) or RunResult("x", tmp_path, 0, 0.0), raising=False
    )
    assert main(["train", *train_form.arguments(values(alpha="0", seed="0"), "hybrid")]) == 0
    assert (seen[0].alpha, seen[0].seed) == (0, 0)


def test_an_empty_line_leaves_its_setting_alone():
    arguments = train_form.arguments(values(alpha=" ", steps="", name=""), "mono")
    assert not {"--alpha", "--steps", "--out"} & set(arguments)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("steps", "0"),
        ("steps", "-3"),
        ("steps", "-"),
        ("batch_size", "1"),
        ("alpha", "1.5"),
        ("alpha", "."),
        ("seed", "-1"),
        ("name", "a/b"),
        ("name", "base"),
        ("data", '"half'),
    ],
)
def test_what_cannot_be_is_refused_with_the_line_s_label(line, text):
    label = next(each.label for each in train_form.lines() if each.id == line.replace("_", "-"))
    with pytest.raises(TrainingError) as refused:
        train_form.arguments(values(**{line: text}), "hybrid")
    assert label.partition(" (")[0] in refused.value.message and refused.value.hint


def test_paths_may_hold_spaces(tmp_path):
    (tmp_path / "my data").mkdir()
    (path := tmp_path / "my data" / "a b.jsonl").write_text("", "utf-8")
    assert train_form.paths(f" {path} ") == [str(path)]
    assert train_form.paths(f"'{path}' other.jsonl") == [str(path), "other.jsonl"]
    assert train_form.paths("a.jsonl b.jsonl") == ["a.jsonl", "b.jsonl"]
    assert train_form.paths("") == []


async def test_no_steps_are_refused_at_once_in_the_form(start, until, library):
    async with start(library, train_command=[sys.executable, "-c", "raise SystemExit(3)"]) as pilot:
        await pilot.press("f5")
        screen = pilot.app.screen
        screen.query_one("#steps", Input).value = "0"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: screen.query_one("#run-panel").has_class("-failed"))
        words = str(screen.state.render())
        assert "Steps cannot be 0" in words and "between 1 and" in words
        assert not pilot.app.training.running


@pytest.mark.parametrize("typed", ["-5", "-"])
async def test_less_than_no_questions_are_refused_before_anything_is_measured(start, until, library, typed):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f4")
        screen = pilot.app.screen
        await until(pilot, lambda: screen.query_one("#encoders").selected)
        screen.query_one("#questions", Input).value = typed
        await pilot.press("ctrl+r")
        await until(pilot, lambda: pilot.app._notifications)
        assert any("questions cannot be asked" in each.message for each in pilot.app._notifications)
        assert not pilot.app.jobs.running
