"""`hybrid-search train` and `study` from the command line, on a tiny random encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import tiny_models

pytest.importorskip("torch")
from hybrid_search.engine import disk, paths
from hybrid_search.train.run import checkpoints
from hybrid_search.train.run.event_table import fault
from hybrid_search.train.settings import from_dict
from hybrid_search.tui.cli.main import main


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return str(tiny_models.xlm_r(tmp_path_factory.mktemp("base") / "xlm-r"))


@pytest.fixture
def data(tmp_path):
    return str(tiny_models.pairs(tmp_path / "pairs.jsonl"))


def few(base, data, *more):
    return ["train", data, "--base", base, "--steps", "2", "--batch-size", "4", "--lora", "2", "--device", "cpu", *more]


def test_the_three_are_trained_on_equal_terms_with_events_on_stdout(base, data, capsys):
    assert main(few(base, data, "--batches", "all", "--out", "mine", "--json")) == 0
    captured = capsys.readouterr()
    events = [json.loads(line) for line in captured.out.splitlines()]
    starts = [event for event in events if event["event"] == "start"]
    assert [event["batches"] for event in starts] == ["mono", "cross", "hybrid"]
    assert all(event["schema"] == 1 for event in starts)
    assert len({(event["steps"], event["batch_size"], event["parameters"]) for event in starts}) == 1
    steps = [event for event in events if event["event"] == "step"]
    assert len(steps) == 6
    assert [said for event in events if (said := fault(event))] == []
    done = [event for event in events if event["event"] == "done"]
    assert [event["name"] for event in done] == ["mine-mono", "mine-cross", "mine-hybrid"]
    assert all((Path(event["path"]) / "README.md").is_file() for event in done)
    runs = [path for path in (paths.data_folder() / "runs").rglob("*") if path.parent.parent.name == "runs"]
    assert runs and [path for path in runs if not disk.known(path.name, disk.RUN)] == []


def test_an_encoder_is_replaced_only_when_asked_for(base, data, capsys):
    assert main(few(base, data, "--out", "mine")) == 0
    weights = (paths.encoders_folder() / "mine" / "run.json").stat()
    assert main(few(base, data, "--out", "mine")) == 2
    assert "an encoder called mine already" in capsys.readouterr().err
    assert (paths.encoders_folder() / "mine" / "run.json").stat() == weights
    assert main(few(base, data, "--out", "mine", "--replace")) == 0
    assert (paths.encoders_folder() / "mine" / "run.json").stat() != weights


def test_the_result_is_known_by_its_name(base, data, capsys):
    from hybrid_search.engine import encoders

    assert main(few(base, data, "--out", "mine")) == 0
    captured = capsys.readouterr()
    name, folder = captured.out.strip().split("\t")
    assert name == "mine"
    assert Path(folder) == paths.encoders_folder() / "mine"
    assert "mine" in [info.name for info in encoders.available()]
    vectors = encoders.load("mine").encode_query(["wo brot 1"])
    assert vectors.shape == (1, 32)


def test_a_dry_run_shows_batches_and_trains_nothing(base, data, capsys):
    assert main(few(base, data, "--show-batches", "3", "--json", "--seed", "4")) == 0
    answer = json.loads(capsys.readouterr().out)
    drawn = answer["samplings"][0]["drawn"]
    assert [batch["number"] for batch in drawn] == [0, 1, 2]
    for batch in drawn:
        assert len(batch["pairs"]) == 4
        for pair in batch["pairs"]:
            same = pair["question_language"] == pair["passage_language"]
            assert same == (batch["kind"] == "mono")
    assert not paths.encoders_folder().exists()
    assert main(few(base, data, "--show-batches", "1")) == 0
    assert "batch 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--full", "--lora", "4"], "exclude each other"),
        (["--resume"], "--resume needs the name"),
        (["--resume", "--out", "none"], "no run called none"),
        (["--out", "a/b"], "cannot be an encoder's name"),
        *(
            (["--out", name], "cannot be an encoder's name")
            for name in ("base", "all", "a\nb", "fuse:a", "a+b", "n" * 250)
        ),
        (["--languages", "de"], "all of it is in one language, de"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(base, data, capsys, arguments, said):
    call = ["train", data, "--base", base, "--steps", "2", "--batch-size", "4", "--batches", "cross"]
    assert main([*call, *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("command", [["train"], ["study", "--out", "study"]], ids=" ".join)
@pytest.mark.parametrize(("options", "said"), [((), "no data at"), (("--steps", "0"), "'--steps'")])
def test_an_error_is_an_event_too(base, data, capsys, tmp_path, monkeypatch, command, options, said):
    monkeypatch.chdir(tmp_path)
    assert main([*command, data + "x", "--base", base, "--json", *options]) == 2
    captured = capsys.readouterr()
    last = json.loads(captured.out.splitlines()[-1])
    assert last["event"] == "error" and fault(last) == ""
    assert said in last["message"] and said in captured.err


def test_the_settings_of_a_run_have_its_name(data, capsys):
    assert main(["train", data, "--out", "mine", "--show-settings", "--json"]) == 0
    name = json.loads(capsys.readouterr().out)["settings"][0]
    assert (name["name"], name["value"], name["from"]) == ("name", "mine", "option")


@pytest.mark.parametrize("idle", [["--show-settings"], ["--show-batches", "1"], ["--replace"], ["--recipe", "r.toml"]])
def test_what_resuming_would_ignore_is_refused(capsys, tmp_path, monkeypatch, idle):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.toml").write_text("", "utf-8")
    assert main(["train", "--resume", "--out", "mine", *idle]) == 2
    assert f"{idle[0]} has no effect with --resume" in capsys.readouterr().err


def test_a_recipe_describes_a_run(base, data, tmp_path, capsys):
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        f'base = "{base}"\nsteps = 3\nbatch_size = 4\nlora_rank = 2\n[[sources]]\npath = "{data}"\n', "utf-8"
    )
    assert main(["train", "--recipe", str(recipe), "--steps", "1", "--out", "r", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["total"] for event in events if event["event"] == "step"] == [1]


@pytest.mark.parametrize(
    ("listed", "code", "said"),
    [
        ("0.2,0.8", 0, ""),
        ("a,b", 2, "list of numbers such as 0.2,0.8"),
        ("-1,2", 2, "layer_weights are (-1.0, 2.0)"),
        ("1,1,1,1,1", 2, "5 layer weights, but the base has 2 layers"),
    ],
)
def test_layer_weights_are_a_list_of_numbers(base, data, capsys, listed, code, said):
    assert main(few(base, data, "--layer-weights", listed)) == code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err and said in captured.err


def test_the_committed_recipes_are_sound():
    from hybrid_search.train.settings.recipes import load_recipe

    folder = Path(paths.assets_folder()).parent / "train" / "recipes"
    for recipe in folder.glob("*.toml"):
        assert load_recipe(recipe).sources


def test_a_study_measures_on_what_its_recipe_names(data, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr("hybrid_search.train.study.study", lambda config, *_, **__: seen.append(config.validation))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "study.md").write_text("", "utf-8")
    recipe = tmp_path / "recipe.toml"
    for named in ('validation = "/elsewhere"', ""):
        recipe.write_text(f'{named}\n[[sources]]\npath = "{data}"\n', "utf-8")
        assert main(["study", "--recipe", str(recipe), "--out", str(tmp_path / "out")]) == 0
    assert main(["study", "--recipe", str(recipe), "--validation", "/mine", "--out", str(tmp_path / "out")]) == 0
    assert seen == ["/elsewhere", "held-out", "/mine"]


def test_a_study_writes_tables(base, data, tmp_path, capsys):
    call = ["study", data, "--base", base, "--alphas", "0,1", "--pairings", "example", "--seeds", "2", "--steps", "1"]
    more = ["--batch-size", "4", "--device", "cpu", "--out", str(tmp_path / "study")]
    assert main([*call, *more]) == 0
    assert "\n| 0 | " in capsys.readouterr().out
    assert (tmp_path / "study" / "study.svg").is_file()
    assert not list(paths.encoders_folder().iterdir())


@pytest.fixture
def methods(tmp_path):
    file = tmp_path / "methods.toml"
    file.write_text('[hybrid]\nbatches = "hybrid"\n[mono]\nbatches = "mono"\n', "utf-8")
    return str(file)


def test_a_study_of_methods_measures_each_on_a_suite(base, data, methods, tmp_path, capsys):
    suite = tmp_path / "suite.toml"
    suite.write_text(f'[[parts]]\nname = "rows"\nlayout = "translations"\npath = "{data}"\nholdout = 4\n', "utf-8")
    call = ["study", data, "--base", base, "--methods", methods, "--suite", str(suite), "--seeds", "2", "--steps", "1"]
    more = ["--batch-size", "4", "--holdout", "4", "--device", "cpu", "--out", str(tmp_path / "study")]
    assert main([*call, *more, "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(fault(event) == "" for event in events)
    ended = [event for event in events if event["event"] == "method"]
    assert [(event["method"], event["seed"], event["run"], event["runs"]) for event in ended] == [
        ("hybrid", 0, 1, 4), ("mono", 0, 2, 4), ("hybrid", 1, 3, 4), ("mono", 1, 4, 4),
    ]  # fmt: skip
    assert set(ended[0]["scores"]) == {"rows"}
    assert not list(paths.encoders_folder().iterdir())
    assert main([*call, *more]) == 0
    again = capsys.readouterr()
    assert "## rows" in again.out and "Less hybrid, seed by seed" in again.out
    assert "hybrid, seed 1, rows: mono" in again.err


def test_a_study_of_methods_without_a_suite_measures_on_held_out_rows(base, data, methods, tmp_path, capsys):
    call = ["study", data, "--base", base, "--methods", methods, "--seeds", "1", "--steps", "1", "--batch-size", "4"]
    assert main([*call, "--device", "cpu", "--out", str(tmp_path / "study")]) == 0
    assert "## validation" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--methods", "METHODS", "--alphas", "0,1"], "--methods replaces --alphas"),
        (["--suite", "METHODS"], "--suite needs --methods"),
        (["--methods", "/nowhere.toml"], "no such file or directory"),
    ],
)
def test_options_of_a_study_that_contradict_each_other_are_refused(data, methods, tmp_path, capsys, options, said):
    given = [methods if option == "METHODS" else option for option in options]
    assert main(["study", data, *given, "--out", str(tmp_path / "study")]) == 2
    assert said in capsys.readouterr().err


def test_the_committed_methods_are_sound():
    from hybrid_search.train.settings.recipes import load_recipe
    from hybrid_search.train.study import read_methods

    folder = Path(paths.assets_folder()).parent / "train"
    for recipe, methods in (("arena", "methods"), ("light", "batches")):
        settings = load_recipe(folder / "recipes" / f"{recipe}.toml")
        assert all(method.of(settings, 0).batches for method in read_methods(folder / "study" / f"{methods}.toml"))


def test_a_run_of_another_process_keeps_its_settings(base, data, capsys):
    folder = checkpoints.run_folder("mine")
    checkpoints.plan(folder, from_dict({"name": "mine", "base": base, "sources": [{"path": data}]}).as_dict())
    before = (folder / "config.json").read_bytes()
    with checkpoints.alone(folder):
        for arguments in (few(base, data), ["train", "--resume", "--checkpoint-every", "7"]):
            assert main([*arguments, "--out", "mine"]) == 2
            assert "Another process is training mine. Wait" in " ".join(capsys.readouterr().err.split())
    assert (folder / "config.json").read_bytes() == before
