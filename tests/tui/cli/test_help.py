"""The help of every command and sub-command there is, as click knows them: words, options, width, order."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from hybrid_search.tui.cli import common
from hybrid_search.tui.cli.main import COMMANDS, main

from tests.making.reference import commands

MODULES = Path(common.__file__).parent / "commands"
FOUND = {context.command_path.removeprefix("hybrid-search").strip(): found for context, found in commands()}


def test_the_table_of_commands_is_every_command_in_its_own_words():
    files = [path.relative_to(MODULES).with_suffix("") for path in MODULES.rglob("*.py") if path.stem != "__init__"]
    modules = {".".join(path.parts) for path in files}
    assert {module for module, _ in COMMANDS.values()} == modules
    assert {name: words for name, (_, words) in COMMANDS.items()} == {name: FOUND[name].short_help for name in COMMANDS}


def test_help_names_the_commands_in_the_order_of_a_first_session(capsys):
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    places = [said.index(f"\n  {name} ") for name in COMMANDS]
    assert places == sorted(places)


@pytest.mark.parametrize("path", [path for path in FOUND if path])
def test_help_of_each_command(path, capsys):
    assert main([*path.split(), "--help"]) == 0
    said = capsys.readouterr().out
    assert max(len(line) for line in said.splitlines()) <= common.WIDTH
    command = FOUND[path]
    assert " ".join((command.help or "").split())[:60] in " ".join(said.split())
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [each.name for each in options if not each.help] == []
    assert any("--json" in each.opts for each in options) == (path != "tui")


def test_every_command_that_a_message_or_a_page_names_is_one_with_these_options():
    options = {path: {name for each in command.params for name in each.opts} for path, command in FOUND.items()}
    root = Path(__file__).parents[3]
    pages = [each for room in ("engine", "train", "tui") for each in (root / room).rglob("*.py")]
    pages += [root / "README.md", *(root / "assets" / "docs").glob("*.md")]
    wrong = []
    for page in pages:
        if page.name == "hints.py":  # patterns of commands
            continue
        for words in re.findall(r"`hybrid-search ([a-z][^`\n]*)`", page.read_text("utf-8")):
            parts = words.split()
            path = " ".join(parts[:2]) if " ".join(parts[:2]) in options else parts[0]
            named = {part.split("=")[0] for part in parts if re.match(r"--[a-z]", part)} - {"--help"}
            if path not in options or named - options[path]:
                wrong.append((page.name, words))
    assert wrong == []
