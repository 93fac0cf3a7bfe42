"""Keys pressed quickly one after another: what comes too late for a dialog changes nothing else."""

from __future__ import annotations

import pytest
from hybrid_search.tui.screens.dialogs.choose import AskText, Choose, ChooseSeveral, Confirm
from hybrid_search.tui.screens.dialogs.jump import Jump
from hybrid_search.tui.screens.dialogs.keys import KeysScreen
from hybrid_search.tui.screens.dialogs.pick_columns import PickColumns
from rich.text import Text
from textual import events
from textual.widgets import Button, Input, OptionList

MADE = {
    "choose": (lambda below: Choose("Choose", [("a", Text("a"))]), OptionList, "enter", "a"),
    "type": (lambda below: AskText("Name", "a"), Input, "enter", "a"),
    "confirm": (lambda below: Confirm("Sure?", "All of it.", "Yes"), Button, "enter", None),
    "jump": (Jump, None, "a", None),
}


MANY = [(f"a{number}", Text(f"option {number}")) for number in range(60)]
LONG = {
    "choose": lambda below: Choose("Choose", MANY),
    "several": lambda below: ChooseSeveral("Choose", MANY, []),
    "columns": lambda below: PickColumns(
        ["a0"], [{"name": name, "description": "one of many"} for name, _ in MANY], lambda name: None
    ),
    "keys": lambda below: KeysScreen(below, {}),
}


@pytest.mark.parametrize("size", [(80, 24), (72, 18), (200, 50)])
@pytest.mark.parametrize("kind", LONG)
async def test_the_words_below_a_long_list_are_on_the_screen(start, until, library, kind, size):
    async with start(library, "bread", size=size) as pilot:
        app, dialog = pilot.app, LONG[kind](pilot.app.screen)
        await until(pilot, lambda: app.status)
        app.push_screen(dialog)
        await until(pilot, lambda: app.screen is dialog and dialog.query(".hint"))
        hint, frame = dialog.query_one(".hint"), dialog.query_one(".dialog")
        await until(pilot, lambda: hint.region and frame.content_region.contains_region(hint.region), "all of it shows")
        assert dialog.query_one(OptionList).region.height >= 3


async def test_a_key_that_has_another_meaning_is_told(start, until, library):
    async with start(library, "bread", size=(120, 40)) as pilot:
        app = pilot.app
        await until(pilot, lambda: app.status)
        dialog = KeysScreen(app.screen, {})
        app.push_screen(dialog)
        await until(pilot, lambda: app.screen is dialog and dialog.query(".hint"))
        hint = dialog.query_one(".hint")
        dialog._have("answer.parallel", "w")
        assert "Why the passage ranks where it does" in str(hint.render())
        dialog._have("answer.parallel", "ctrl+f12")
        assert "also used for" not in str(hint.render())


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
