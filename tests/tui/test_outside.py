"""A document in the user's editor or pager: at the passage, in the terminal of the app, or a sentence on why not."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
import threading
from pathlib import Path

import pytest
from hybrid_search.tui.screens.answers import outside
from hybrid_search.tui.screens.answers.reader import Reader

from tests.tui.conftest import settled

# An editor that writes down how it was called, and a line into the document where it is asked to.
EDITOR = """
import json, pathlib, sys
pathlib.Path(sys.argv[1]).write_text(json.dumps(sys.argv[2:]))
if "change" in sys.argv:
    with open(sys.argv[-1], "a") as file:
        file.write("One line more.")
sys.exit(3 if "fail" in sys.argv else 0)
"""


@pytest.fixture
def called(tmp_path, monkeypatch):
    """What the editor was called with; `called.by(variable, *words)` makes it the program that a variable names."""

    class Called:
        file = tmp_path / "called.json"

        @property
        def arguments(self) -> list[str]:
            return json.loads(self.file.read_text()) if self.file.exists() else []

        def by(self, variable: str, *words: str) -> None:
            for each in ("VISUAL", "EDITOR", "PAGER"):
                monkeypatch.delenv(each, raising=False)
            monkeypatch.setenv(variable, shlex.join([sys.executable, "-c", EDITOR, str(self.file), *words]))

    return Called()


@pytest.fixture
def stands_aside(monkeypatch):
    """The app has a terminal to give, which one without a terminal has not."""

    @contextlib.contextmanager
    def suspend(app):
        yield

    monkeypatch.setattr("hybrid_search.tui.app.app.HybridSearchApp.suspend", suspend)


@pytest.fixture
def late(monkeypatch):
    """Holds passages back from an app; what it returns lets them come."""

    def late(app):
        gate, operations = threading.Event(), app.answers._operations
        fetch = operations["passage"]

        def held(request, **parameters):
            gate.wait(30)
            return fetch(request, **parameters)

        monkeypatch.setitem(operations, "passage", held)
        return gate.set

    return late


def told(pilot) -> str:
    return " ".join(each.message for each in pilot.app._notifications)


async def on_a_result(pilot, until) -> Path:
    await until(pilot, lambda: settled(pilot))
    await pilot.press("down", "home")
    await until(pilot, lambda: settled(pilot) and pilot.app.screen.columns.focused is not None)
    return Path(pilot.app.screen.detail.passage["passage"]["path"])


@pytest.mark.parametrize(("key", "variable"), [("e", "VISUAL"), ("e", "EDITOR"), ("v", "PAGER")])
async def test_the_document_is_opened_in_the_program_of_the_user(
    start, until, texts, library, called, stands_aside, key, variable
):
    called.by(variable, "-x", "two words")
    async with start(library, "bread") as pilot:
        path = await on_a_result(pilot, until)
        await pilot.press(key)
        await until(pilot, lambda: called.arguments)
        assert called.arguments == ["-x", "two words", str(path)]
        assert told(pilot) == ""


async def test_it_is_opened_from_the_passage_that_is_read_too(start, until, texts, library, called, stands_aside):
    called.by("EDITOR")
    async with start(library, "bread") as pilot:
        path = await on_a_result(pilot, until)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Reader))
        await pilot.press("e")
        await until(pilot, lambda: called.arguments == [str(path)])


@pytest.mark.parametrize(("key", "used"), [("e", "opened"), ("enter", "read"), ("y", "copied")])
async def test_a_key_takes_the_passage_under_the_cursor_however_late_it_comes(
    start, until, texts, library, called, stands_aside, late, key, used
):
    called.by("EDITOR")
    async with start(library, "bread") as pilot:
        before, app = await on_a_result(pilot, until), pilot.app
        come = late(app)
        await pilot.press("down", "down", key)
        path = app.screen.columns.pointed.path
        assert str(path) != str(before)
        come()
        await until(pilot, lambda: isinstance(app.screen, Reader) or called.arguments or app.clipboard, used)
        if used == "opened":
            assert called.arguments == [str(path)]
        elif used == "read":
            assert app.screen._passage["passage"]["path"] == str(path)
        else:
            assert app.clipboard in Path(path).read_text("utf-8")


@pytest.mark.parametrize("key", ["down", "f3"])
async def test_a_key_is_forgotten_when_its_user_moves_on(start, until, texts, library, called, stands_aside, late, key):
    called.by("EDITOR")
    async with start(library, "bread") as pilot:
        await on_a_result(pilot, until)
        compare, come = pilot.app.screen, late(pilot.app)
        await pilot.press("down", "enter", key)
        await until(pilot, lambda: key == "down" or pilot.app.screen is not compare)
        pointed = compare.columns.pointed.id
        come()
        await until(pilot, lambda: compare.detail.passage and compare.detail.passage["passage"]["id"] == pointed)
        assert not isinstance(pilot.app.screen, Reader)


async def test_what_was_changed_and_what_failed_is_said(start, until, texts, library, called, stands_aside):
    called.by("EDITOR", "change", "fail")
    async with start(library, "bread") as pilot:
        await on_a_result(pilot, until)
        await pilot.press("e")
        await until(pilot, lambda: "indexes its folder anew" in told(pilot))
        assert "ended with exit code 3" in told(pilot)


async def test_in_a_browser_a_sentence_says_that_there_is_no_terminal(start, until, texts, library, called):
    called.by("EDITOR")
    async with start(library, "bread") as pilot:
        await on_a_result(pilot, until)
        await pilot.press("e")
        await until(pilot, lambda: "needs a terminal" in told(pilot))
        assert called.arguments == []


async def test_a_document_that_is_gone_or_no_text_or_has_no_program_is_told(
    start, until, texts, library, called, stands_aside, monkeypatch
):
    called.by("EDITOR")
    async with start(library, "bread") as pilot:
        path = await on_a_result(pilot, until)
        path.write_bytes(b"%PDF\x00\x01\x02\x00\x00\x03" * 40)
        await pilot.press("e")
        await until(pilot, lambda: "is not a text" in told(pilot))
        path.unlink()
        await pilot.press("e")
        await until(pilot, lambda: "no longer there" in told(pilot))
        path.write_text("Bread.")
        monkeypatch.setenv("EDITOR", "no-such-editor --wait")
        await pilot.press("e")
        await until(pilot, lambda: "no program no-such-editor here; EDITOR names" in told(pilot))
        assert called.arguments == []


async def test_without_a_result_the_palette_offers_nothing_to_open(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        pilot.app.screen.action_outside("editor")
        await until(pilot, lambda: "Go to a result first" in told(pilot))


def test_programs_that_go_to_a_line_begin_at_the_sentence(tmp_path, monkeypatch):
    file = tmp_path / "a b.md"
    file.write_bytes(b"# Title\r\n\r\nFirst line.\r\nThe *second* sentence.\r\n")
    assert outside._line(file, "First line.\nThe second sentence.") == 3
    assert outside._line(file, "The second sentence.") == 1, "it stands there in other words"
    monkeypatch.setattr(outside.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setenv("VISUAL", "/usr/bin/vim -R")
    assert outside._command("editor", file, 3) == ["/usr/bin/vim", "-R", "+3", str(file)]
    monkeypatch.setenv("PAGER", "bat")
    assert outside._command("pager", file, 3) == ["bat", str(file)]
    monkeypatch.delenv("PAGER")
    assert outside._command("pager", file, 3) == ["less", "+3", str(file)]
