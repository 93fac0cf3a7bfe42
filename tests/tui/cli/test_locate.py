"""Where everything lies: all places, one by its name, one by a word; nothing is made by asking."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hybrid_search.engine import disk, paths
from hybrid_search.tui.cli.main import main
from hybrid_search.tui.state.settings import Settings


def test_every_place_is_named_and_none_is_made(capsys, monkeypatch, tmp_path):
    home = tmp_path / "home"
    monkeypatch.setenv(paths.HOME_VARIABLE, str(home))
    assert main(["locate"]) == 0
    told = capsys.readouterr().out
    assert all(f"  {each.name} " in told for each in disk.PLACES)
    assert main(["locate", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [each["path"] for each in answer["places"]] == [str(paths.place(each)) for each in disk.PLACES]
    assert answer["roots"]["config"] == str(home / "config") and Path(answer["roots"]["shipped"], "demo").is_dir()
    assert not home.exists()


@pytest.mark.parametrize(
    ("word", "name"),
    [("keymap", "config/settings.json"), ("settings.json", "config/settings.json"), ("cache", "cache")],
)
def test_a_word_gives_the_path_alone(capsys, monkeypatch, tmp_path, word, name):
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    assert main(["locate", word]) == 0
    assert capsys.readouterr().out == f"{tmp_path / name}\n"


def test_libraries_are_the_usual_one_and_those_the_app_had_open_without_passwords(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    monkeypatch.setenv(paths.LIBRARY_VARIABLE, str(tmp_path / "mine"))
    settings = Settings()
    settings.remember("http://me:secret@host:19530")
    settings.save()
    assert main(["locate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["libraries"] == [str(tmp_path / "mine"), "http://host:19530"]


def test_what_is_not_kept_is_told(capsys):
    assert main(["locate", "nothing-of-that-kind"]) == 2
    assert "`hybrid-search locate` lists everything" in capsys.readouterr().err
