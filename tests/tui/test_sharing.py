"""A comparison taken away: a page of HTML, a command and a program that give it again."""

from __future__ import annotations

import json
import re
import shlex
from html.parser import HTMLParser

import pytest
from hybrid_search.engine.encoders import FUSED
from hybrid_search.tui.cli.main import main
from hybrid_search.tui.screens.dialogs.choose import Choose
from hybrid_search.tui.state.again import command, python
from hybrid_search.tui.state.export import markdown
from hybrid_search.tui.state.web_page import page
from hybrid_search.tui.widgets.column import Column

HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


def comparison(text: str = "Bread rises.", **more):
    hit = {"rank": 1, "score": 0.5, "language": "ar", "title": text, "path": f"/{text}", "text": text * 40}
    ranking = {"hits": [hit], "languages": {"ar": 1}, "share": 0.25, "library_share": 0.5}
    found = {"query": text, "query_language": "en", "k": 1, "languages": [], "exact": False, "neutral": False}
    overlap = [{"pair": ["mono", text], "shared": 1, "rbo": 0.5}]
    return {**found, "rankings": {"mono": ranking, text: ranking}, "overlap": overlap, **more}


class Reading(HTMLParser):
    """Collects the elements of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


@pytest.mark.parametrize("text", ["Bread rises.", HOSTILE, "‮abc", "\x1b[31m"])
def test_a_page_runs_nothing_and_loads_nothing_whatever_passages_hold(text):
    made = page(comparison(text))
    elements = Reading(made).elements
    assert not {tag for tag, _ in elements} & {"script", "img", "link", "iframe", "object", "base", "form", "a"}
    assert not [name for _, attributes in elements for name in attributes if name.startswith("on") or name == "src"]
    assert "url(" not in made and "@import" not in made
    assert "default-src 'none'" in made and not {"\x1b", "\u202e"} & {*made, *markdown(comparison(text))}
    assert "<script" not in markdown(comparison(text))


def test_a_page_is_readable_in_the_dark_and_from_right_to_left():
    made = page(comparison())
    assert "prefers-color-scheme:dark" in made and "color-scheme:light dark" in made
    assert re.search(r'<strong dir="auto" lang="ar">', made)
    assert "25% here, 50% of what was searched" in made


def test_a_page_without_results_or_language_says_so():
    empty = {"hits": [], "languages": {}, "share": 0.0, "library_share": 0.0}
    made = page(comparison(query_language="und", rankings={"mono": empty}, overlap=[]))
    assert "Nothing found." in made and "unknown language" in made and "here," not in made


@pytest.mark.parametrize("query", ["Why does bread rise?", "--help", "it's $HOME `x`", "パン"])
def test_the_command_asks_the_same(query):
    made = command(comparison(query=query, languages=["de", "en"], neutral=True), "/a library")
    words = shlex.split(made)
    assert words[-2:] == ["--", query]
    assert words[words.index("--library") + 1] == "/a library" and words[words.index("--lang") + 1] == "de,en"
    assert "--neutral" in words and "--exact" not in words


def test_the_command_and_the_program_give_the_comparison_again(library, capsys):
    ranking = {"hits": [], "languages": {}, "share": 0.0, "library_share": 0.0}
    told = comparison("bread", k=2, rankings={"bm25": ranking, FUSED: ranking}, overlap=[])
    _, verb, *words = shlex.split(command(told, str(library)))
    assert main([verb, "--json", *words]) == 0
    rows = json.loads(capsys.readouterr().out)["rankings"]["bm25"]
    assert 1 <= len(rows) <= 2
    exec(python(told, str(library)), {})
    printed = capsys.readouterr().out
    assert rows[0]["title"] in printed and "bm25" in printed and FUSED not in printed


def test_compare_writes_a_page_and_never_over_a_file(library, tmp_path, capsys):
    file = tmp_path / "page.html"
    call = ["compare", "--library", str(library), "--encoder", "bm25", "--html", str(file), "bread"]
    assert main(call) == 0
    assert "<!DOCTYPE html>" in file.read_text("utf-8")
    file.write_text("mine")
    assert main(call) == 2 and file.read_text() == "mine"
    assert "there already" in capsys.readouterr().err
    assert main([*call[:-2], str(tmp_path / "nowhere" / "x.html"), "bread"]) == 2


async def test_the_app_saves_a_page_and_copies_a_command(start, until, library, tmp_path):
    async with start(library, "Why does bread rise?") as pilot:
        app = pilot.app
        await until(pilot, lambda: all(column.has_class("-result") for column in app.screen.query(Column)))
        await until(pilot, lambda: app.screen.asked)
        await pilot.press("ctrl+y")
        await until(pilot, lambda: isinstance(app.screen, Choose))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.clipboard.startswith("hybrid-search compare"))
        assert str(library) in app.clipboard
        await pilot.press("down", "s")
        await until(pilot, lambda: app.screen.query("#text"))
        app.screen.query_one("#text").value = str(tmp_path / "c.html")
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "c.html").is_file())
        assert "hybrid" in (tmp_path / "c.html").read_text("utf-8")
