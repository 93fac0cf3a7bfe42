"""The reference, the README and the help say what the program does: each is compared with the code, or run."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from hybrid_search.engine import disk, environment
from hybrid_search.engine.errors import HybridSearchError, UnreadableDocument
from hybrid_search.engine.library.library import Library
from hybrid_search.engine.search import exact
from hybrid_search.train.run.event_table import EVENTS
from hybrid_search.tui.cli import common, exit_codes, streams
from hybrid_search.tui.cli.exit_codes import EXIT_CODES
from hybrid_search.tui.cli.main import COMMANDS

from tests.making import reference

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
SOURCES = sorted(path for room in ("engine", "train", "tui") for path in (ROOT / room).rglob("*.py"))
FOUND = {context.command_path.removeprefix("hybrid-search").strip(): found for context, found in reference.commands()}


def test_the_reference_is_what_the_code_gives():
    assert reference.stale() == [], f"run `{reference.MENDS}`"


def test_a_kind_of_document_that_no_test_reads_is_named():
    unread = reference.kinds.Kind("unread", (".unread-by-tests-of-documents",), "nowhere:read", "nothing", "own")
    with pytest.raises(LookupError, match="unread"):
        reference.test_of(unread)


def test_commands_of_the_readme_are_ones_that_there_are():
    shell = re.findall(r"^(?:\w+=\w+ )?hybrid-search (.*)$", README, re.MULTILINE)
    assert len(shell) > 10
    for line in shell:
        words = line.partition("   #")[0].split()
        path = " ".join(words[:2]) if " ".join(words[:2]) in FOUND else words[0]
        assert set(re.findall(r"(?<!\S)--[a-z-]+", line.partition("   #")[0])) <= _spelled(FOUND[path]), line
    assert {line.split()[0] for line in shell} == set(COMMANDS) - {"tui"}
    assert "`hybrid-search tui`" in README


def test_commands_and_options_that_are_named_anywhere_are_ones_that_there_are():
    said = [(path, path.read_text("utf-8")) for path in (ROOT / "assets" / "docs").glob("*.md")]
    for path in SOURCES:
        texts = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)]
        said += [(path, text) for text in texts if isinstance(text, str)]
    others = {"--install", "--index-url", "--force-reinstall", "--no-", "--help"}  # of xcode-select and pip, and a half
    known = others.union(*map(_spelled, FOUND.values()))
    wrong = []
    for path, text in said:
        # `--name` of a style sheet is followed by a colon, or stands in brackets.
        named = set(re.findall(r"(?<![\w(-])--[a-z][a-z-]*(?![\w:-])", text)) - known
        for line in re.findall(r"`hybrid-search ([a-z]+(?: [^`]*)?)`", text):
            words = line.split()
            command = FOUND.get(" ".join(words[:2])) or FOUND[words[0]]
            named |= set(re.findall(r"(?<!\S)--[a-z-]+", line)) - _spelled(command) - others
        wrong += [(str(path.relative_to(ROOT)), name) for name in sorted(named)]
    assert wrong == []


def _spelled(command: click.Command) -> set[str]:
    return {name for each in command.params for name in [*each.opts, *each.secondary_opts]}


def test_links_of_the_readme_lead_somewhere():
    for page in ("README.md", "CONTRIBUTING.md", "SECURITY.md"):
        text = (ROOT / page).read_text("utf-8")
        places = [place for place in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in place]
        assert [place for place in places if not (ROOT / place).exists()] == [], page


@pytest.mark.slow
@pytest.mark.usefixtures("used_before")
def test_the_example_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "my-texts").mkdir()
    (tmp_path / "my-texts" / "ice.md").write_text(
        "# Glaciers\n\nGlaciers move downhill under their own weight.", "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    first, *_, last, distance = capsys.readouterr().out.splitlines()
    assert first.startswith("1 ") and first.endswith("ice.md") and " en " in first
    assert "'hybrid'" in last and "'bm25'" in last and distance == "2.0"
    assert sum(bool(line) for line in example.splitlines()) == 10
    assert README.index("```python") < README.index("## Two commands")


def test_every_variable_of_ours_is_declared_and_read_where_it_is_declared():
    name = re.compile(r"HYBRID_SEARCH_[A-Z]+")
    declared = {each.name for each in environment.VARIABLES}
    recipes = sorted((ROOT / "train" / "recipes").glob("*.toml"))
    used = {word for path in [*SOURCES, *recipes] for word in name.findall(path.read_text("utf-8"))}
    assert used == declared
    strays = []
    for path in SOURCES:
        read = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)]
        whole = [node for node in read if isinstance(node.value, str) and name.fullmatch(node.value)]
        strays += [str(path.relative_to(ROOT)) for _ in whole if path.name != "environment.py"]
    assert strays == []


def test_every_variable_of_others_that_the_code_reads_or_sets_is_in_the_table():
    call = re.compile(r"environ(?:\.get|\.setdefault|\.pop)?[(\[]\s*\"([A-Z_]+)\"|getenv\(\"([A-Z_]+)\"")
    found = {name for path in SOURCES for pair in call.findall(path.read_text("utf-8")) for name in pair if name}
    assert found == {each.name for each in environment.OF_OTHERS}


def test_every_place_on_disk_is_in_the_table():
    below = re.compile(r"\b(data|cache|config)_folder\(\) / \"([^\"]+)\"")
    unnamed = re.compile(r"\b(?:data|cache|config)_folder\(\) / [^\"].*")
    texts = [path.read_text("utf-8") for path in SOURCES]
    assert [found for text in texts for found in unnamed.findall(text)] == []
    code = {found for text in texts for found in below.findall(text)}
    assert code == {(each.root, each.name) for each in disk.PLACES}


def test_a_library_holds_what_the_table_says(tmp_path, keyword_encoder, monkeypatch):
    monkeypatch.setattr(exact, "EXACT_LIMIT", 0)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("Bread and water.", "utf-8")
    with Library.open(tmp_path / "library", create=True) as library:
        library.index([tmp_path / "texts"], encoders=[keyword_encoder])
        names = {path.name for path in (tmp_path / "library").iterdir()}
    assert {"library.db", "vectors"} <= names and [name for name in names if not disk.known(name, disk.LIBRARY)] == []


def test_exit_codes_are_those_of_the_table():
    errors = _below(HybridSearchError)
    assert UnreadableDocument in errors
    others = {click.UsageError.exit_code, exit_codes.FELL, common.STOPPED, streams.PIPE_CLOSED, 0}
    assert {each.exit_code for each in errors} | others == set(EXIT_CODES)


def _below(kind: type[HybridSearchError]) -> list[type[HybridSearchError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _below(child))]


def test_every_event_that_the_code_makes_is_declared():
    made = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "event":
                        made |= {each.value for each in ast.walk(value) if isinstance(each, ast.Constant)}
    assert {each for each in made if isinstance(each, str)} == set(EVENTS)


def test_the_pages_become_a_site_by_one_command(tmp_path: Path):
    pytest.importorskip("zensical", reason="needs the extra [docs]")
    command = [sys.executable, str(ROOT / "tests" / "making" / "site.py"), str(tmp_path / "site")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {path.stem for path in (ROOT / "assets" / "docs").glob("*.md")}
    assert pages <= {path.stem for path in (tmp_path / "site").glob("*.html")}
    assert "rank_distance" in (tmp_path / "site" / "api.html").read_text("utf-8")


def test_every_page_is_reached_from_the_menu():
    menu = (ROOT / "tests" / "making" / "site.yml").read_text("utf-8")
    assert {path.name for path in (ROOT / "assets" / "docs").glob("*.md")} == set(re.findall(r"(\w+\.md)", menu))
