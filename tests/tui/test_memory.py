"""What was closed is let go: an app that stays open for days neither grows nor pauses for longer and longer."""

from __future__ import annotations

import gc
from typing import Any
from weakref import ref

import pytest
from hybrid_search.tui.app import collector
from textual.widget import Widget

DIALOGS = {
    "why": "w",
    "parallel": "t",
    "reader": "enter",
    "languages": "f",
    "columns": "c",
    "help": "question_mark",
    "jump": "ctrl+o",
    "palette": "ctrl+p",
    "everywhere": "ctrl+g",
}


def held(left: list[tuple[str, Any]]) -> list[str]:
    gc.collect()
    return [name for name, each in left if each() is not None]


@pytest.mark.parametrize("dialog", DIALOGS)
async def test_a_closed_dialog_is_let_go_with_all_it_drew(start, until, library, dialog):
    async with start(library, "bread") as pilot:
        app, compare = pilot.app, pilot.app.screen
        await until(pilot, lambda: app.status and len(compare.columns.rankings) == len(compare.columns.names))
        await pilot.press("down", "down")
        await pilot.press(DIALOGS[dialog])
        await until(pilot, lambda: app.screen is not compare, f"{dialog} opens")
        shown: list[Widget] = [app.screen, *app.screen.query("*")]
        left = [(type(each).__name__, ref(each)) for each in shown]
        left += [(f"lines of {type(each).__name__}", ref(each._styles_cache)) for each in shown]
        del shown
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is compare, f"{dialog} closes")
        # The last event, handled by what is closed, goes with the next.
        await pilot.press("up")
        collector.let_go(quiet=True)
        await until(pilot, lambda: not held(left), f"{dialog} is let go", tries=100)


@pytest.mark.parametrize(
    ("collections", "quiet", "collected"),
    [(collector.DUE, False, 0), (collector.DUE, True, 1), (collector.DUE - 1, True, 0), (collector.OVERDUE, False, 1)],
)
def test_what_is_old_is_collected_when_nobody_presses_keys(monkeypatch, collections, quiet, collected):
    done = []
    monkeypatch.setattr(collector, "_alone", True)
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, collections))
    monkeypatch.setattr(gc, "collect", lambda: done.append("all"))
    collector.let_go(quiet)
    assert len(done) == collected


async def test_a_key_puts_off_the_next_collection(start, until, library, monkeypatch):
    told = []
    monkeypatch.setattr(collector, "let_go", told.append)
    async with start(library) as pilot:
        await until(pilot, lambda: True in told, "nothing was pressed")
        told.clear()
        for _ in range(3000):
            await pilot.press("down")
            if told:
                break
        assert told[:1] == [False]
        told.clear()
        await until(pilot, lambda: True in told, "quiet again")
