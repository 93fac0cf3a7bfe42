"""Keys: the line that shows them, jumping by letters, and the list of all of them."""

from __future__ import annotations

import json

from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.cli import main
from hybrid_search.tui.screens.dialogs.help import bindings
from hybrid_search.tui.screens.dialogs.jump import Jump
from hybrid_search.tui.screens.keymap import all_keys
from hybrid_search.tui.state.settings import settings_file
from hybrid_search.tui.widgets.frame.keys import Keys

MODES = {"f3": "library", "f4": "evaluate", "f5": "train", "f6": "map", "f7": "runs", "f2": "compare"}


async def test_the_line_of_keys_follows_the_focus_and_a_click_presses_one(start, until, library):
    async with start(library, "bread", size=(200, 50)) as pilot:
        screen = pilot.app.screen
        await until(pilot, lambda: len(screen.columns.rankings) == 3)
        line = screen.query_one(Keys)
        assert "Read" not in line.render().plain
        await pilot.press("down")
        await until(pilot, lambda: "Columns" in line.render().plain)
        chosen = next(each for each in line.keys if each.words == "Columns")
        await pilot.hover(Keys, offset=(chosen.start + 1, 0))
        assert line.tooltip == chosen.tooltip
        await pilot.click(Keys, offset=(chosen.start + 1, 0))
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "PickColumns")


async def test_every_pane_of_every_mode_is_reached_by_its_letter(start, until, library):
    async with start(library, "bread", size=(120, 40)) as pilot:
        await until(pilot, lambda: len(pilot.app.screen.columns.rankings) == 3)
        for key, mode in MODES.items():
            await pilot.press(key)
            await until(pilot, lambda mode=mode: getattr(pilot.app.screen, "MODE", "") == mode)
            screen, letters = pilot.app.screen, ""
            for number in range(len(screen.focus_chain)):
                await pilot.press("ctrl+o")
                await until(pilot, lambda: isinstance(pilot.app.screen, Jump))
                panes = dict(pilot.app.screen._panes)
                letters = "".join(panes)
                letter = letters[min(number, len(letters) - 1)]
                await pilot.press(letter)
                await until(pilot, lambda screen=screen: pilot.app.screen is screen)
                assert screen.focused is panes[letter]
            assert letters, mode
        await pilot.press("ctrl+o", "escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Jump))


async def test_the_list_of_keys_holds_those_of_every_screen(start, until, library):
    listed = {row.id: row for row in all_keys(HybridSearchApp, {"app.help": "f12"})}
    assert listed["app.help"].key == "f12"
    async with start(library, size=(120, 40)) as pilot:
        await until(pilot, lambda: pilot.app.status)
        for key, mode in MODES.items():
            await pilot.press(key)
            await until(pilot, lambda mode=mode: getattr(pilot.app.screen, "MODE", "") == mode)
            shown = {identity for _, entries in bindings(pilot.app.screen) for _, _, identity in entries}
            assert shown and shown <= set(listed), mode


def test_keys_are_listed_without_a_terminal(capsys):
    settings_file().parent.mkdir(parents=True, exist_ok=True)
    settings_file().write_text(json.dumps({"keymap": {"map.zoom": "ctrl+z"}}), "utf-8")
    assert main.main(["tui", "--keys"]) == 0
    said = capsys.readouterr()
    rows = [line.split("\t") for line in said.out.splitlines()]
    assert all(len(row) == 4 for row in rows)
    assert ["Map", "ctrl+z", "Show only the selection, or everything", "map.zoom"] in rows
    assert str(settings_file()) in said.err


async def test_nobody_jumps_where_the_terminal_has_another_size_by_now(start, until, library):
    async with start(library, size=(120, 40)) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, Jump) and pilot.app.screen.query(".letter"))
        await pilot.resize_terminal(70, 22)
        await until(pilot, lambda: not isinstance(pilot.app.screen, Jump))
