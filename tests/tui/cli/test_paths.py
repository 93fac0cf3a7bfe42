"""A path on the command line may be anything: `~`, too long, behind a closed door; it is used or named."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest
from hybrid_search.engine import encoders, paths
from hybrid_search.tui.cli.main import COMMANDS, cli, main
from hybrid_search.tui.cli.paths import PathType, expanded

LONG = "a" * 300
USES = [
    ["index", "{}"],
    ["index", ".", "--library", "{}/library", "--encoder", "base"],
    ["search", "bread", "--library", "{}", "--encoder", "bm25"],
    ["search", "bread", "--encoder", "{}"],
    ["compare", "bread", "--library", "{}.db"],
    ["status", "--library", "{}"],
    ["check", "--library", "{}"],
    ["remove", "{}", "--library", "{}"],
    ["push", "{}.db"],
    ["encoders", "export", "hybrid", "{}"],
    ["encoders", "export", "{}", "out"],
    ["evaluate", "bm25", "--benchmark", "{}"],
    ["evaluate", "bm25", "--benchmark", "mine", "--data", "{}"],
    ["evaluate", "bm25", "--queries", "{}"],
    ["evaluate", "{}", "--questions", "1"],
    ["evaluate", "bm25", "--questions", "1", "--report", "{}"],
    ["train", "{}"],
    ["train", "--recipe", "{}"],
    ["study", "{}", "--out", "out"],
    ["study", "--out", "{}", "--recipe", "{}"],
]


@pytest.fixture(autouse=True)
def quick(monkeypatch, keyword_encoder) -> None:
    """The base that is named is one that loads at once."""
    real = encoders.load

    def load(name, **options):
        return keyword_encoder if name == "base" else real(name, **options)

    monkeypatch.setattr("hybrid_search.engine.encoders.load", load, raising=False)


def used(words: list[str], place: str | Path) -> list[str]:
    return [word.format(place) for word in words]


@pytest.mark.parametrize("words", USES, ids=" ".join)
def test_a_path_that_is_too_long_is_an_error_in_words(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(used(words, LONG)) == 2
    said = capsys.readouterr().err
    assert said.strip() and "Traceback" not in said


WITHIN_NAMES = [
    *(["search", "bread", "--encoder", each] for each in ("static:{}", "rerank:{}#of=bm25", "neutral:base#by={}")),
    *(["audit", each] for each in ("{}", "run:{}", "library:{}", "chroma:{}", "qdrant:{}", "lance:{}", "npz:{}")),
    *(
        ["neutralise", "{}"],
        ["evaluate", "bm25", "--benchmark", "{}"],
        ["train", "{}"],
        ["study", "{}", "--out", "out"],
    ),
]


@pytest.mark.parametrize("place", ["~nobody-has-this-name/x", LONG])
@pytest.mark.parametrize("words", WITHIN_NAMES, ids=" ".join)
def test_the_home_of_nobody_is_an_error_in_words_within_any_name(words, place, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(used(words, place)) == 2
    said = capsys.readouterr().err
    assert said.strip() and "Traceback" not in said


EMPTY = [
    *(words for words in USES if "{}" in words and words[0] not in ("push", "train", "study")),
    *(["compare", "bread", "--html", "{}"], ["audit", "--kit", "{}"], ["neutralise", "{}", "--yes"]),
]


@pytest.mark.parametrize("words", EMPTY, ids=" ".join)
def test_an_empty_name_is_refused_and_never_means_the_current_folder(words, tmp_path, monkeypatch, capsys):
    """`remove "$DIR"` with DIR unset must not remove what the current folder holds."""
    (tmp_path / "mine.md").write_text("Bread and water.", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(used(words, "")) == 2
    said = capsys.readouterr().err
    assert "is empty" in said or "no encoder ''" in said.lower() or "No benchmark '' was found" in said
    assert [each.name for each in tmp_path.iterdir()] == ["mine.md"]


@pytest.fixture
def closed(tmp_path, monkeypatch) -> Path:
    """A place in a folder that may not be entered, also where the tests are run by root, who may enter any."""
    door = tmp_path / "door"
    door.mkdir()
    real_stat, real_scandir, real_mkdir, real_open = os.stat, os.scandir, os.mkdir, os.open

    def guarded(real):
        def ask(path=".", *arguments, **options):
            if isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(f"{door}/"):
                raise PermissionError(13, "Permission denied", os.fsdecode(path))
            return real(path, *arguments, **options)

        return ask

    for name, real in (("stat", real_stat), ("scandir", real_scandir), ("mkdir", real_mkdir), ("open", real_open)):
        monkeypatch.setattr(os, name, guarded(real))
    return door / "x"


@pytest.mark.parametrize("words", [words for words in USES if "--report" not in words], ids=" ".join)
def test_a_path_behind_a_closed_door_is_an_error_in_words(words, closed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(used(words, closed)) == 2
    said = capsys.readouterr().err
    assert said.strip() and "Traceback" not in said


def options_of(command: click.Command) -> list[click.Parameter]:
    found = list(command.params)
    for each in getattr(command, "commands", {}).values():
        found += options_of(each)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_every_path_of_every_command_is_taken_in_the_same_way(name):
    command = cli.get_command(click.Context(cli), name)
    assert [each.name for each in options_of(command) if type(each.type) in (click.Path, click.File)] == []


def test_home_is_meant_by_a_tilde_wherever_no_shell_has_seen_it(home, monkeypatch):
    assert PathType().convert("~/library", None, None) == home / "library"
    assert PathType().convert("~nobody-has-this-name/x", None, None) == Path("~nobody-has-this-name/x")
    assert expanded("~/mine.db") == str(home / "mine.db")
    assert expanded("http://host:19530/~x") == "http://host:19530/~x"
    monkeypatch.setenv("HYBRID_SEARCH_LIBRARY", "~/library")
    assert paths.default_library() == home / "library"
    monkeypatch.setenv("HYBRID_SEARCH_HOME", "~/all")
    assert paths.data_folder() == home / "all"
    assert paths.cache_folder() == home / "all/cache" and paths.config_folder() == home / "all/config"


@pytest.mark.parametrize("by_variable", [False, True])
def test_a_library_at_a_tilde_is_made_at_home(home, tmp_path, monkeypatch, by_variable):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bread.md").write_text("Bread", "utf-8")
    if by_variable:
        monkeypatch.setenv("HYBRID_SEARCH_LIBRARY", "~/mine")
    option = [] if by_variable else ["--library=~/mine"]
    assert main(["index", "bread.md", "--encoder", "base", *option]) == 0
    assert (home / "mine/library.db").is_file() and not (tmp_path / "~").exists()
