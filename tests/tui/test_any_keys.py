"""Any keys, in any order and faster than answers come, leave an app that can be asked."""

from __future__ import annotations

import random

import pytest
from hybrid_search.tui.screens.compare import CompareScreen
from hybrid_search.tui.widgets.column import Column

# How many keys, and how many of these come before the app may do anything else.
KEYS, AT_ONCE = 120, 4
MODES = ["f2", "f3", "f4", "f5", "f6", "f7", "f8"]
MOVES = [
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pageup",
    "pagedown",
    "tab",
    "shift+tab",
    "enter",
    "escape",
    "space",
]
TYPED = [*"abcdefghijklmnoprstuvwxyzYHJKLG0123456789+-=/?*.,#~ü語ا", "backspace", "delete"]
OTHERS = [
    *("ctrl+n", "ctrl+t", "ctrl+g", "ctrl+y", "ctrl+a", "ctrl+u", "ctrl+w", "ctrl+k", "ctrl+l", "ctrl+p", "f1"),
    *("shift+left", "shift+right", "shift+up", "shift+down", "ctrl+left", "ctrl+right", "ctrl+home", "ctrl+end"),
]


def any_keys(chance: random.Random) -> list[str]:
    """Keys, more of them moves than the rest."""
    kinds = chance.choices([MODES, MOVES, TYPED, OTHERS], weights=[1, 6, 5, 2], k=AT_ONCE)
    return [chance.choice(kind) for kind in kinds]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
async def test_any_keys_leave_an_app_that_can_be_asked(start, until, library, tmp_path, monkeypatch, seed):
    monkeypatch.chdir(tmp_path)
    # What takes minutes is not begun.
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.setattr("hybrid_search.tui.screens.train.TrainScreen.action_run", lambda self: None)
    monkeypatch.setattr("hybrid_search.tui.screens.runs.RunsScreen.action_sweep", lambda self: None)
    chance = random.Random(seed)
    pressed: list[str] = []
    async with start(library, "bread", size=chance.choice([(130, 42), (80, 24), (40, 12)])) as pilot:
        app = pilot.app
        await until(pilot, lambda: app.status)
        while len(pressed) < KEYS and app.is_running:
            keys = any_keys(chance)
            pressed += keys
            await pilot.press(*keys)
        while len(app.screen_stack) > 1 or not isinstance(app.screen, CompareScreen):
            await pilot.press("escape", "f2")
        app.screen.question.put("moon")
        await until(
            pilot,
            lambda: all(
                column.has_class("-result") or column.has_class("-error") for column in app.screen.query(Column)
            ),
            f"an answer after {' '.join(pressed)}",
        )
