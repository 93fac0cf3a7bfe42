"""Whatever is typed where a path is asked for, the answer is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hybrid_search.engine.places import absolute
from hybrid_search.tui.screens.dialogs import pick_folder
from hybrid_search.tui.screens.training import train_form
from hybrid_search.tui.state import export

# A home that nobody has, a name that no file can have, one that is too long.
TEXTS = ("~nobody-of-that-name/x", "a\0b", "x" * 5000)


@pytest.mark.parametrize("text", TEXTS)
def test_every_form_takes_it(text):
    assert absolute(text).endswith(text)
    assert pick_folder._folder(text) is None
    assert train_form.paths(text) == [text]
    assert export.refusal(f"{text}/y.md")


@pytest.mark.parametrize("text", TEXTS)
async def test_a_library_that_cannot_be_is_told(start, until, library, text):
    async with start(library) as pilot:
        app = pilot.app
        await until(pilot, lambda: app.status)
        await pilot.press("f3")
        await until(pilot, lambda: getattr(app.screen, "MODE", "") == "library")
        app.screen._open(text)
        await until(pilot, lambda: app.state_words == "no library")
        assert app.screen.facts.render().plain.strip()


async def test_data_in_the_home_are_found_by_evaluate(start, until, library, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    async with start(library) as pilot:
        app = pilot.app
        await until(pilot, lambda: app.status)
        await pilot.press("f4")
        await until(pilot, lambda: getattr(app.screen, "MODE", "") == "evaluate")
        await until(pilot, lambda: app.screen.query_one("#encoders").selected)
        asked = []
        app.jobs.start = lambda job, op, **parameters: asked.append(parameters) or "Not now."
        app.screen.query_one("#benchmark").value = "xquad-r"
        app.screen.query_one("#data").value = "~/data"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: asked)
        assert Path(asked[0]["data"]) == tmp_path / "data"
