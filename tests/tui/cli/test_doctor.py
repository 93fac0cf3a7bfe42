"""The doctor: what is wrong is found, named, and gets the command that mends it."""

from __future__ import annotations

import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError

import pytest
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.cli.doctor import examine, installation, kept, machine, terminal
from hybrid_search.tui.cli.main import main

# The Python that runs the program, not whatever `pip` means in the shell.
PIP = f"{shlex.quote(sys.executable)} -m pip install"


def found(library=None) -> dict:
    return {(each.topic, each.name): each for each in examine(library)}


@pytest.fixture
def without(monkeypatch):
    """Makes modules look as if they were not installed."""

    def without(*names: str) -> None:
        for module in (installation, machine):
            real = module.find_spec
            monkeypatch.setattr(module, "find_spec", lambda name, real=real: None if name in names else real(name))

    return without


def test_a_sound_machine_has_nothing_wrong_and_every_topic_is_looked_at(capsys):
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"]
    assert {each["topic"] for each in told["checks"]} == {
        "installation",
        "models",
        "caches",
        "library",
        "terminal",
        "machine",
    }
    assert main(["doctor"]) == 0
    said = capsys.readouterr()
    assert "✓ Python" in said.out and "Nothing is wrong." in said.err


def test_the_doctor_leaves_at_most_what_can_be_made_again(home):
    list(examine(None))
    assert {path.name for path in home.iterdir()} <= {"cache"}


def test_whatever_is_not_as_it_should_be_names_what_mends_it(without, monkeypatch):
    without("hnswlib", "mcp", "pymilvus")
    monkeypatch.setattr(machine.shutil, "which", lambda _name: None)
    monkeypatch.setattr(terminal.locale, "getpreferredencoding", lambda _set: "ANSI_X3.4-1968")
    told = found()
    assert told["installation", "mcp"].mend == f"{PIP} 'hybrid-search[mcp]'"
    assert told["installation", "hnswlib"].mend == f"{PIP} hnswlib"
    assert "g++" in told["machine", "compiler"].mend or told["machine", "compiler"].mend
    assert told["terminal", "letters"].state == "wrong" and "LC_ALL" in told["terminal", "letters"].mend
    assert all(each.mend for each in told.values() if each.state == "wrong")


def test_packages_that_are_missing_are_named(monkeypatch):
    def version(name: str) -> str:
        if name == "selectolax":
            raise PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(installation, "version", version)
    monkeypatch.setattr(
        installation, "requires", lambda _name: ["selectolax>=1", "numpy>=2", 'x; extra == "test"', "hnswlib>=0.8"]
    )
    told = found()["installation", "packages"]
    assert told.state == "wrong" and told.mend == f"{PIP} selectolax"


def test_a_damaged_library_gets_the_command_that_checks_it(tmp_path, capsys):
    (tmp_path / "library.db").write_bytes(b"SQLite format 3\0 and nothing more")
    assert main(["doctor", "--library", str(tmp_path)]) == 2
    assert f"hybrid-search check --library {tmp_path}" in capsys.readouterr().out


def test_a_library_with_passages_that_cannot_be_found_gets_the_command_that_encodes_them(tmp_path, keyword_encoder):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.md").write_text("Bread and water.", "utf-8")
    (tmp_path / "texts" / "odd.pdf").write_bytes(b"%PDF-1.4 nothing")
    where = tmp_path / "library"
    with Library.open(where, create=True) as library:
        library.index([tmp_path / "texts"], encoders=[])
    told = found(where)
    assert told["library", "vectors"].state == "wrong" and "--encoder hybrid" in told["library", "vectors"].mend
    assert "--failed" in told["library", "files"].mend
    with Library.open(where) as library:
        library.encode_missing(keyword_encoder)
        (tmp_path / "texts" / "b.md").write_text("The moon.", "utf-8")
        library.index([tmp_path / "texts"], encoders=[])
    told = found(where)
    assert f"index --encoder keyword --library {where}" in told["library", "vectors of keyword"].mend
    assert "hybrid-search index DIR" in found(tmp_path / "nowhere")["library", "library"].mend


def test_a_damaged_encoder_is_wrong(home, monkeypatch):
    from hybrid_search.engine.encoders import EncoderInfo

    damaged = EncoderInfo("mine", "trained", home / "encoders" / "mine", None, None, "cannot be used: no weights")
    monkeypatch.setattr(kept, "available", lambda: [damaged])
    told = {each.name: each for each in kept._encoders()}
    assert told["mine"].state == "wrong" and "encoders/mine" in told["mine"].mend
    assert told["bundled"].state == "wrong" and "hybrid" in told["bundled"].found


def test_a_folder_that_cannot_be_written_to_and_a_full_disk_are_wrong(home, monkeypatch):
    (home / "cache").write_text("a file in the folder's place")
    told = found()
    assert told["caches", "cache"].state == "wrong" and "HYBRID_SEARCH_HOME" in told["caches", "cache"].mend
    usage = type("Usage", (), {"free": 5_000_000})
    monkeypatch.setattr(kept.shutil, "disk_usage", lambda _place: usage)
    assert found()["caches", "data"].state == "wrong" and found()["caches", "data"].mend.startswith("rm -r ")


@pytest.mark.parametrize(
    ("devices", "built", "state", "words"),
    [
        (0, "12.8", "ok", "No GPU"),
        (None, "12.8", "wrong", "driver"),
        (2, None, "wrong", "not installed"),
        (1, "", "wrong", "without CUDA"),
        (1, "12.8", "ok", "--device cuda"),
    ],
)
def test_a_gpu_that_cannot_be_used_is_told(monkeypatch, devices, built, state, words):
    monkeypatch.setattr(machine.sys, "platform", "linux")
    monkeypatch.setattr(machine, "_cuda_devices", lambda: devices)
    monkeypatch.setattr(machine, "_torch_built_for", lambda: built)
    told = machine._gpu()
    assert told.state == state and words in told.found
    assert bool(told.mend) == (state == "wrong")
