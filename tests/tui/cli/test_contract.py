"""What the program promises to programs: every schema holds the real output of its command, and nothing is left out."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hybrid_search.engine import environment
from hybrid_search.engine.library.library import Library
from hybrid_search.train import calibration
from hybrid_search.train.run.event_table import EVENTS as OF_TRAINING
from hybrid_search.tui.cli.exit_codes import EXIT_CODES
from hybrid_search.tui.cli.main import main
from hybrid_search.tui.contract import ANSWERS, EVENTS, schemas
from hybrid_search.tui.contract.shapes import exact

from tests.making.reference import commands
from tests.support import homes, tiny_models
from tests.support.small_encoders import write_folder
from tests.tui.conftest import TEXTS

jsonschema = pytest.importorskip("jsonschema", reason="needs the extra [test]")

FOUND = {context.command_path.removeprefix("hybrid-search").strip(): found for context, found in commands()}
QUESTIONS = '{"query": "Wie bewegen sich Gletscher?", "relevant": ["glacier.md"]}\nhow do cats sleep\n'


@pytest.fixture(scope="module")
def kept(tmp_path_factory, graphs, demo_library) -> Path:
    """A home that the tests of this file share, with the demo library in it."""
    return homes.furnish(tmp_path_factory.mktemp("kept"), graphs, demo_library)


@pytest.fixture(autouse=True)
def shared_home(home, kept, monkeypatch):
    monkeypatch.setenv("HYBRID_SEARCH_HOME", str(kept))


@pytest.fixture
def run(capsys):
    def run(*arguments: str | Path, code: int = 0) -> str:
        assert main([str(each) for each in arguments]) == code, capsys.readouterr().err
        return capsys.readouterr().out

    return run


@pytest.fixture(scope="module")
def spec() -> dict:
    done = subprocess.run(
        [sys.executable, "-c", "from hybrid_search.tui.cli.main import main; main(['--spec'])"],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return json.loads(done.stdout)


@pytest.fixture
def holds(spec):
    """Whether output is what the printed schema of its command says, with nothing that it does not declare."""
    answers = {each["command"]: each["answer"] for each in spec["commands"]}

    def holds(command: str, output: str, *, lines: bool = False) -> None:
        for text in output.splitlines() if lines else [output]:
            jsonschema.Draft202012Validator(exact(answers[command])).validate(json.loads(text))

    return holds


def test_every_command_that_has_json_has_a_schema_and_no_other():
    with_json = {path for path, each in FOUND.items() for one in each.params if "--json" in one.opts}
    assert with_json == set(ANSWERS), "declare what a command prints in tui/contract/answers.py"


def test_the_spec_has_every_command_option_code_variable_and_event(spec):
    assert {each["command"] for each in spec["commands"]} == set(FOUND)
    for each in spec["commands"]:
        real = [(*one.opts, *one.secondary_opts) for one in FOUND[each["command"]].params]
        told = [tuple(one["names"]) for one in each["options"]] + [(one["name"],) for one in each["arguments"]]
        assert sorted(told) == sorted(real)
    assert spec["exit_codes"] == {str(code): words for code, words in EXIT_CODES.items()}
    own = {each["name"] for each in spec["environment"] if each["own"]}
    assert own == {each.name for each in environment.VARIABLES}
    assert {"NO_COLOR"} < {each["name"] for each in spec["environment"]}
    assert set(spec["events"]["--jsonl"]) == set(EVENTS)
    assert set(spec["events"]["train, study"]) == set(OF_TRAINING)
    (choice,) = [one for one in _of(spec, "mcp")["options"] if "--host" in one["names"]]
    assert choice["takes"]["enum"] == ["127.0.0.1", "::1", "localhost"] and choice["default"] == "127.0.0.1"
    (library,) = [one for one in _of(spec, "search")["options"] if "--library" in one["names"]]
    assert library["environment"] == ["HYBRID_SEARCH_LIBRARY"]


def _of(spec: dict, command: str) -> dict:
    return next(each for each in spec["commands"] if each["command"] == command)


def test_every_schema_is_one(spec):
    shapes = [each["answer"] for each in spec["commands"] if each["answer"] is not None]
    shapes += [shape for kinds in spec["events"].values() for shape in kinds.values()]
    for shape in shapes:
        jsonschema.Draft202012Validator.check_schema(shape)
    assert len(shapes) > 25


def test_what_is_not_declared_does_not_hold(holds):
    with pytest.raises(jsonschema.ValidationError):
        holds("remove", '{"schema": 1, "removed": 1, "undeclared": 2}')
    with pytest.raises(jsonschema.ValidationError):
        holds("remove", '{"schema": 2, "removed": 1}')


@pytest.mark.slow
def test_commands_that_ask_the_demo_library_print_what_they_promise(run, holds, kept, tmp_path):
    holds("search", run("search", "how do glaciers move", "--json"))
    fused = run("search", "Gletscher", "--fuse", "-k", "3", "--json")
    assert json.loads(fused)["rows"][0]["trace"]
    holds("search", fused)
    holds("compare", run("compare", "Gletscher", "--encoder", "hybrid", "--encoder", "bm25", "--json"))
    demo = kept / "demo"
    holds("status", run("status", "--library", demo, "--json"))
    holds("check", run("check", "--no-repair", "--library", demo, "--json"))
    holds("doctor", run("doctor", "--library", demo, "--json"))
    holds("encoders", run("encoders", "--json"))
    holds("encoders list", run("encoders", "list", "--json"))
    (tmp_path / "questions.jsonl").write_text(QUESTIONS, "utf-8")
    asked = ("evaluate", "hybrid", "bm25", "--queries", tmp_path / "questions.jsonl", "--json")
    holds("evaluate", run(*asked))
    measured = ("evaluate", "hybrid", "bm25", "--questions", "6", "--lang", "de,en", "--alignment", "--json")
    answer = run(*measured)
    assert json.loads(answer)["comparisons"] and json.loads(answer)["tails"]
    holds("evaluate", answer)


@pytest.mark.slow
def test_commands_that_change_a_library_print_what_they_promise(run, holds, tmp_path):
    pytest.importorskip("milvus_lite", reason="needs the extra [remote]")
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "ice.md").write_text("# Ice\n\nGlaciers move downhill under their own weight.", "utf-8")
    (texts / "odd.pdf").write_bytes(b"%PDF-1.4 nothing")
    where = ("--library", tmp_path / "library")
    answer = run("index", texts, "--encoder", "hybrid", *where, "--json", code=1)
    assert json.loads(answer)["documents"]["unreadable"]
    holds("index", answer)
    holds("index", run("index", "--encoder", "hybrid", *where, "--json"))
    holds("status", run("status", *where, "--json"))
    holds("push", run("push", tmp_path / "engine.db", *where, "--json"))
    holds("remove", run("remove", texts, *where, "--json"))
    (tmp_path / "library" / "library.db").write_bytes(b"SQLite format 3\0 and nothing more")
    holds("doctor", run("doctor", *where, "--json", code=2))


def test_commands_about_encoders_print_what_they_promise(run, holds, tmp_path, monkeypatch):
    source = write_folder(tmp_path / "source")
    holds("encoders export", run("encoders", "export", source, tmp_path / "out", "--json"))
    sent = ("encoders", "push", source, "somebody/an-encoder", "--dry-run", tmp_path / "sent", "--license", "mit")
    holds("encoders push", run(*sent, "--json"))
    monkeypatch.setattr(
        "hybrid_search.engine.encoders.average",
        lambda name, *_, **__: SimpleNamespace(name=name, path=tmp_path, rank=4, kept=0.9),
        raising=False,
    )
    holds("encoders average", run("encoders", "average", "mean", "a", "b", "--json"))
    made = SimpleNamespace(before=9.0, after=2.0, passages=100)
    monkeypatch.setattr(calibration, "calibrate", lambda *_: (tmp_path, made), raising=False)
    holds("encoders calibrate", run("encoders", "calibrate", "new", "mono", "--json"))


def test_commands_about_bias_print_what_they_promise(run, holds, tmp_path, monkeypatch, biased_encoder):
    monkeypatch.setattr("hybrid_search.engine.encoders.load", lambda *_, **__: biased_encoder, raising=False)
    where = tmp_path / "library"
    (tmp_path / "texts").mkdir()
    for code in ("de", "en", "es"):
        sentences = [sentence.strip() for texts in TEXTS.values() for sentence in texts[code].split(".")]
        rows = [json.dumps({"text": sentence}, ensure_ascii=False) for sentence in sentences if sentence]
        (tmp_path / "texts" / f"{code}.jsonl").write_text("\n".join(rows), "utf-8")
    with Library.open(where, create=True) as library:
        library.index([tmp_path / "texts"], encoders=[biased_encoder])
    asked = [
        {"id": f"{name}-{code}", "group": name, "language": code, "question": texts[code].split(".")[0]}
        for name, texts in TEXTS.items()
        for code in ("de", "en", "es")
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, asked)), "utf-8")
    holds("audit", run("audit", where, "--kit", tmp_path / "questions.jsonl", "--no-mend", "--json"))
    part = "[[parts]]\nname = 'few'\npath = 'demo'\nrows = 3\nlanguages = ['de', 'en']\n"
    (tmp_path / "suite.toml").write_text(part, "utf-8")
    holds("validate", run("validate", "biased", "--suite", tmp_path / "suite.toml", "--json"))
    holds("audit", run("audit", "--kit", tmp_path / "kit", "--lang", "de,en", "--json"))
    holds("neutralise", run("neutralise", where, "--dry-run", "--json"))
    kept = run("neutralise", where, "--save", tmp_path / "correction.npz", "--yes", "--json")
    assert json.loads(kept)["kept"]
    holds("neutralise", kept)


@pytest.mark.slow
def test_commands_that_train_print_what_they_promise(run, holds, spec, tmp_path):
    pytest.importorskip("torch")
    base, data = tiny_models.xlm_r(tmp_path / "xlm-r"), tiny_models.pairs(tmp_path / "pairs.jsonl")
    few = (data, "--base", base, "--batch-size", "4", "--lora", "2", "--device", "cpu")
    holds("train", run("train", *few, "--steps", "2", "--show-batches", "2", "--json"))
    holds("train", run("train", *few, "--show-settings", "--json"))
    told = run("train", *few, "--steps", "2", "--out", "mine", "--jsonl")
    told += run("study", *few, "--steps", "2", "--out", tmp_path / "study", "--alphas", "0.5", "--seeds", "1", "--json")
    holds("train", told, lines=True)
    for line in map(json.loads, told.splitlines()):
        jsonschema.Draft202012Validator(exact(spec["events"]["train, study"][line["event"]])).validate(line)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_what_it_promises_and_knows_our_commands(run, holds, shell):
    answer = run("completion", shell, "--json")
    holds("completion", answer)
    script = json.loads(answer)["script"]
    assert run("completion", shell) == script + "\n" and "_HYBRID_SEARCH_COMPLETE" in script


def test_names_and_options_are_completed(monkeypatch, capsys):
    def completed(words: str) -> list[str]:
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        monkeypatch.setenv("_HYBRID_SEARCH_COMPLETE", "bash_complete")
        monkeypatch.setattr(sys, "argv", ["hybrid-search"])
        with pytest.raises(SystemExit):
            main()
        return [line.partition(",")[2] for line in capsys.readouterr().out.splitlines()]

    assert completed("hybrid-search co") == ["compare", "completion"]
    assert completed("hybrid-search search --li") == ["--library"]
    assert completed("hybrid-search encoders av") == ["average"]


def test_long_work_tells_its_progress_and_then_the_same_answer(run, holds, tmp_path, monkeypatch, keyword_encoder):
    monkeypatch.setattr("hybrid_search.engine.encoders.load", lambda *_, **__: keyword_encoder, raising=False)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.md").write_text("Bread and water, the moon over the house.", "utf-8")
    where = ("--library", tmp_path / "library")
    told = run("index", tmp_path / "texts", "--encoder", "keyword", *where, "--jsonl")
    events = [json.loads(line) for line in told.splitlines()]
    for each in events:
        jsonschema.Draft202012Validator(exact(schemas()["--jsonl"][each["event"]])).validate(each)
    assert {each["event"] for each in events[:-1]} == {"progress"}
    assert {each["stage"] for each in events[:-1]} >= {"reading"}
    assert events[-1]["event"] == "result"
    holds("index", json.dumps(events[-1]["result"]))
    told = run("check", "--library", tmp_path / "nowhere", "--jsonl", code=2)
    (failed,) = [json.loads(line) for line in told.splitlines()]
    assert failed["event"] == "error" and failed["exit_code"] == 2 and "no library" in failed["message"]


def test_events_are_told_by_their_table_alone():
    """Every event of `--jsonl` is made by `event`, which holds it against the table."""
    from hybrid_search.tui.contract import event

    with pytest.raises(AssertionError):
        event("progress", stage="x")
    made = set()
    for path in (Path(main.__code__.co_filename).parent).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "tell" and node.args:
                made |= {each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)}
    assert made == set(EVENTS)
