"""The app itself: what it keeps, what it asks before it ends, how it draws itself anew."""

from __future__ import annotations

import json
import os
import signal
import sys

import pytest
from hybrid_search.tui.screens.dialogs.choose import Confirm
from hybrid_search.tui.state.settings import history_file, settings_file

from tests.tui.test_screens import TRAINER


def kept() -> dict[str, object]:
    return json.loads(settings_file().read_text("utf-8")) if settings_file().exists() else {}


async def test_settings_and_history_are_written_while_the_app_runs(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press(*"moon", "enter", "f9")
        await until(pilot, lambda: kept().get("theme") == "hybrid-day" and history_file().exists())
        assert history_file().read_text("utf-8") == '"moon"\n'
        pilot.app.screen.action_turn("neutral")
        await until(pilot, lambda: kept()["neutral"] is True)


async def test_settings_that_nobody_changed_are_not_written(start, until, library):
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text('{"k": "many"}', "utf-8")
    async with start() as pilot:
        pilot.app.settings.library = ""
        await pilot.app.keep()
        assert settings_file().read_text("utf-8") == '{"k": "many"}'
        pilot.app.settings.k = 20
        await pilot.app.keep()
        assert kept()["k"] == 20


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no such signal")
async def test_a_terminal_that_is_closed_costs_nothing(start, until, library, monkeypatch):
    ended: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", ended.append)
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        pilot.app.settings.k = 35
        os.kill(os.getpid(), signal.SIGHUP)
        await until(pilot, lambda: ended == [signal.SIGHUP])
        assert pilot.app.answers.closed and kept()["k"] == 35


async def test_quitting_while_something_runs_asks_first(start, until, library):
    async with start(library, train_command=[sys.executable, "-c", TRAINER]) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f5")
        pilot.app.screen.query_one("#steps").value = "999"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "0.600" in str(pilot.app.screen.scores.render()))
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        # Enter alone loses nothing.
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Confirm))
        assert pilot.app.training.running and not pilot.app.answers.closed
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("ctrl+q")
        await until(pilot, lambda: pilot.app.answers.closed)


async def test_quitting_while_a_job_runs_asks_and_names_it(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        pilot.app.jobs.running = "indexing"
        await pilot.press("ctrl+q")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        assert "Indexing is running: what is done is kept." in pilot.app.screen._words
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.answers.closed)


async def test_the_screen_is_cleared_and_drawn_anew(start, until, library, monkeypatch):
    async with start(library, "bread") as pilot:
        await until(pilot, lambda: pilot.app.screen.columns.rankings)
        done: list[str] = []
        monkeypatch.setattr(pilot.app._driver, "write", lambda text: done.append(text))
        monkeypatch.setattr(pilot.app, "_display", lambda screen, update: done.append(type(update).__name__))
        await pilot.press("ctrl+l")
        # The terminal is cleared, and then all lines are written and not only the parts that changed.
        await until(pilot, lambda: "LayoutUpdate" in done[done.index("\x1b[2J") :] if "\x1b[2J" in done else False)


async def test_a_removal_asks_and_enter_alone_removes_nothing(start, until, library):
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f3", "d", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Confirm))
        assert not pilot.app.jobs.running and pilot.app.status["documents"] == 21
        await pilot.press("d", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: pilot.app.status["documents"] == 0)
        assert "Removed 21 documents." in str(pilot.app.screen.job.words.render())


async def test_a_refresh_that_another_replaces_is_told_all_the_same(start, until, library):
    async with start(library) as pilot:
        app, told = pilot.app, []
        await until(pilot, lambda: app.status)
        app.tell = lambda make: told.append(make())
        app.refresh_library()
        app.refresh_library(only_news=True)
        await until(pilot, lambda: told, "the screens are told")
