"""Options of settings: a zero that is given is a zero, for every command; what is not given comes from elsewhere."""

from __future__ import annotations

import json

import pytest

from tests.support import tiny_models

pytest.importorskip("torch")
from hybrid_search.tui.cli.main import main

RECIPE = """
alpha = 0.25
distill = 0.5
average = 0.9
warmup_steps = 7
checkpoint_every = 60
validate_every = 50
gradient_cache = 4
semantic_weight = 0.5
language_weight = 1.0
learning_rate = 0.01
lora_rank = 4
seed = 3
[[sources]]
path = "{data}"
holdout = 20
spans = 0.5
neighbourhood = 0.4
"""
ZEROS = {
    "--alpha": "alpha",
    "--distill": "distill",
    "--average": "average",
    "--warmup-steps": "warmup_steps",
    "--checkpoint-every": "checkpoint_every",
    "--validate-every": "validate_every",
    "--gradient-cache": "gradient_cache",
    "--semantic-weight": "semantic_weight",
    "--language-weight": "language_weight",
    "--learning-rate": "learning_rate",
    "--lora": "lora_rank",
    "--seed": "seed",
}
OF_SOURCES = {"--holdout": "holdout", "--spans": "spans", "--neighbourhood": "neighbourhood"}


@pytest.fixture
def data(tmp_path):
    return str(tiny_models.pairs(tmp_path / "pairs.jsonl"))


@pytest.fixture
def recipe(tmp_path, data):
    path = tmp_path / "r.toml"
    path.write_text(RECIPE.format(data=data), "utf-8")
    return str(path)


@pytest.fixture
def trained(monkeypatch, tmp_path):
    """The settings of the runs that a command begins, none of which is trained."""
    from hybrid_search.train import run
    from hybrid_search.train.run.result import RunResult

    seen = []

    def fit(config, *_args, **_named):
        seen.append(config)
        return RunResult(config.name, tmp_path / "none", 0, 0.0)

    monkeypatch.setattr(run, "fit", fit, raising=False)
    return seen


@pytest.mark.parametrize("option", [*ZEROS, *OF_SOURCES])
@pytest.mark.parametrize("over", ["the recipe", "the bundled pairs"])
def test_a_zero_that_is_given_to_train_is_a_zero(recipe, trained, option, over):
    assert main(["train", *(["--recipe", recipe] if over == "the recipe" else []), option, "0", "--out", "x"]) == 0
    values = trained[0] if option in ZEROS else trained[0].sources[0]
    assert getattr(values, ZEROS.get(option) or OF_SOURCES[option]) == 0


def test_what_is_not_given_stays_as_the_recipe_has_it(recipe, trained):
    assert main(["train", "--recipe", recipe, "--alpha", "0", "--out", "x"]) == 0
    config = trained[0]
    assert (config.alpha, config.distill, config.seed, config.checkpoint_every) == (0, 0.5, 3, 60)
    assert (config.sources[0].holdout, config.sources[0].spans) == (20, 0.5)


def test_a_flag_can_be_taken_back(tmp_path, recipe, trained):
    allowing = tmp_path / "allowing.toml"
    allowing.write_text("allow_overlap = true\n" + (tmp_path / "r.toml").read_text("utf-8"), "utf-8")
    assert main(["train", "--recipe", str(allowing), "--out", "x"]) == 0
    assert main(["train", "--recipe", str(allowing), "--no-allow-overlap", "--out", "x"]) == 0
    assert [config.allow_overlap for config in trained] == [True, False]


def test_all_weights_are_trained_at_a_rate_of_their_own_unless_one_is_given(data, trained):
    for more in (["--full"], ["--lora", "0"], ["--full", "--learning-rate", "0"]):
        assert main(["train", data, *more, "--out", "x"]) == 0
    assert [(config.lora_rank, config.learning_rate) for config in trained] == [(0, 3e-5), (0, 3e-5), (0, 0)]


@pytest.mark.parametrize("option", ["--distill", "--seed", "--warmup-steps", "--average", "--learning-rate"])
def test_a_zero_that_is_given_to_study_is_a_zero(recipe, tmp_path, monkeypatch, option):
    from hybrid_search.train import study

    seen = []
    monkeypatch.setattr(study, "study", lambda config, *_, **__: seen.append(config))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "study.md").write_text("", "utf-8")
    assert main(["study", "--recipe", recipe, option, "0", "--out", str(tmp_path / "out")]) == 0
    assert getattr(seen[0], ZEROS[option]) == 0


def test_a_zero_that_is_given_to_calibrate_is_a_zero(recipe, tmp_path, monkeypatch):
    from types import SimpleNamespace

    from hybrid_search.train import calibration

    seen = []

    def calibrate(name, encoder, config, settings, *_):
        seen.append((config, settings))
        return tmp_path, SimpleNamespace(before=1.0, after=1.0, passages=1)

    monkeypatch.setattr(calibration, "calibrate", calibrate, raising=False)
    call = ["encoders", "calibrate", "new", "mono", "--recipe", recipe]
    assert main([*call, "--seed", "0", "--agree", "0", "--keep", "0", "--translations", "0"]) == 0
    assert main(call) == 0
    (given, settings), (recipes, defaults) = seen
    assert (given.seed, settings.agree, settings.keep, settings.translations) == (0, 0, 0, 0)
    assert (recipes.seed, recipes.batches, defaults) == (3, "mono", type(defaults)())


def began(name, **changes):
    from hybrid_search.train.run import checkpoints
    from hybrid_search.train.settings import RunConfig, SourceConfig

    config = RunConfig(name=name, alpha=0.25, seed=3, checkpoint_every=60, sources=(SourceConfig("x.jsonl"),))
    stored = {**config.as_dict(), **changes}
    checkpoints.write_json(checkpoints.run_folder(name) / "config.json", stored)


@pytest.mark.parametrize(("option", "value"), [("--alpha", "0"), ("--seed", "0"), ("--holdout", "7"), ("--full", None)])
def test_a_run_that_goes_on_keeps_what_it_began_with(trained, capsys, option, value):
    began("x")
    assert main(["train", "--resume", "--out", "x", option, *([value] if value else [])]) == 2
    assert "keeps" in capsys.readouterr().err and not trained
    assert main(["train", "--resume", "--out", "x", "--alpha", "0.25", "--seed", "3"]) == 0
    assert trained[0].alpha == 0.25


def test_a_run_that_goes_on_may_write_no_checkpoints_any_more(trained):
    from hybrid_search.train.run import resumed_config

    began("x")
    assert main(["train", "--resume", "--out", "x", "--checkpoint-every", "0"]) == 0
    assert trained[0].checkpoint_every == resumed_config("x").checkpoint_every == 0


def test_a_run_of_an_earlier_version_goes_on_or_says_why_not(trained, capsys):
    began("x", anchor=0.0, patience=0, mono_mix="example", languages=[], language_weights={"de": 3})
    assert main(["train", "--resume", "--out", "x"]) == 0
    assert trained[0].languages == {"de": 3.0, "*": 1.0}
    began("y", anchor=10.0)
    assert main(["train", "--resume", "--out", "y"]) == 2
    assert "anchor" in (told := capsys.readouterr().err) and "was removed in this version because" in told


def test_an_option_that_was_removed_is_told_with_the_reason(data, capsys):
    for option in ("--anchor", "--patience", "--symmetric"):
        assert main(["train", data, option, "1"]) == 2
        assert f"{option} was removed in this version because" in capsys.readouterr().err
    assert main(["train", data, "--alfa", "1"]) == 2
    assert "--alpha" in capsys.readouterr().err


def test_settings_are_shown_with_where_they_come_from(recipe, capsys):
    from hybrid_search.train.settings.config import RunConfig
    from hybrid_search.train.settings.setting import settings_of

    call = ["train", "--recipe", recipe, "--show-settings", "--alpha", "0", "--batches", "all"]
    assert main([*call, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    rows = {row["name"]: row for row in shown["settings"]}
    assert list(rows) == list(settings_of(RunConfig))
    assert (rows["alpha"]["value"], rows["alpha"]["from"], rows["alpha"]["option"]) == (0, "option", "--alpha")
    assert (rows["seed"]["value"], rows["seed"]["from"]) == (3, "recipe")
    assert rows["steps"]["from"] == "default"
    assert rows["batches"]["value"] == ["mono", "cross", "hybrid"]
    assert shown["sources"][0]["holdout"] == 20
    assert main(call) == 0
    assert "--warmup-steps" in capsys.readouterr().out


def test_help_names_every_option_with_its_default():
    from hybrid_search.train.settings.config import RunConfig, SourceConfig
    from hybrid_search.train.settings.setting import settings_of
    from hybrid_search.tui.cli.commands.training.train import command

    options = {parameter.name: parameter for parameter in command.params}
    for kind in (RunConfig, SourceConfig):
        for name, setting in settings_of(kind).items():
            if setting.option:
                assert setting.option in options[name].opts and setting.help in options[name].help
                shown = setting.shown(setting.default)
                assert shown in ("none", "no") or f"Default: {shown}" in options[name].help or name == "batches"


def test_nothing_held_out_and_validation_on_held_out_rows_contradict_each_other(data, recipe, capsys):
    assert main(["train", data, "--holdout", "0", "--validation", "held-out"]) == 2
    assert "Nothing is held out" in capsys.readouterr().err


def test_languages_are_a_list_with_chances(data, trained, capsys):
    assert main(["train", data, "--languages", "de,fr:3", "--out", "x"]) == 0
    assert trained[0].only_languages == ("de", "fr") and trained[0].language_weights == {"de": 1, "fr": 3}
    assert main(["train", data, "--languages", "de:3,*", "--out", "x"]) == 0
    assert trained[1].only_languages == () and trained[1].language_weights == {"de": 3}
    for wrong in ("de:x", "german!", "de:-1", "de:0"):
        assert main(["train", data, "--languages", wrong, "--out", "x"]) == 2
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--alphas", "0,2", "between 0 and 1"),
        ("--alphas", "x", "numbers"),
        ("--pairings", "row", "Pairings are"),
    ],
)
def test_what_a_study_cannot_compare_is_said(data, tmp_path, capsys, option, value, said):
    assert main(["study", data, option, value, "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
