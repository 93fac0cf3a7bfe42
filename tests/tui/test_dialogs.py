"""Keys pressed quickly one after another: what comes too late for a dialog changes nothing else."""

from __future__ import annotations

import pytest
from hybrid_search.tui.screens.dialogs.choose import AskText, Choose, Confirm
from hybrid_search.tui.screens.dialogs.jump import Jump
from rich.text import Text
from textual import events
from textual.widgets import Button, Input, OptionList

MADE = {
    "choose": (lambda below: Choose("Choose", [("a", Text("a"))]), OptionList, "enter", "a"),
    "type": (lambda below: AskText("Name", "a"), Input, "enter", "a"),
    "confirm": (lambda below: Confirm("Sure?", "All of it.", "Yes"), Button, "enter", None),
    "jump": (Jump, None, "a", None),
}


@pytest.mark.parametrize("kind", MADE)
async def test_a_dialog_that_gets_its_key_twice_closes_once(start, until, library, kind):
    make, widget, key, expected = MADE[kind]
    async with start(library) as pilot:
        app, below = pilot.app, pilot.app.screen
        await until(pilot, lambda: app.status)
        returned = []
        lower, upper = Choose("Stays", [("b", Text("b"))]), make(below)
        app.push_screen(lower)
        await until(pilot, lambda: app.screen is lower)
        app.push_screen(upper, returned.append)
        await until(pilot, lambda: app.screen is upper and upper.is_mounted)
        if widget is not None:
            upper.query(widget).first().focus()
            await until(pilot, lambda: isinstance(app.focused, widget))
        for _ in range(2):
            app.post_message(events.Key(key, key if len(key) == 1 else "\r"))
        await until(pilot, lambda: app.screen is not upper)
        await pilot.press("f9")
        assert app.screen is lower, "the dialog below is still there"
        assert len(returned) == 1 and (expected is None or returned == [expected])
