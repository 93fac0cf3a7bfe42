"""The line in which one asks takes what is pasted whole."""

from __future__ import annotations

import pytest
from hybrid_search.tui.widgets.ask_bar import QueryInput
from textual import events
from textual.app import App, ComposeResult


class Bar(App[None]):
    def compose(self) -> ComposeResult:
        yield QueryInput([])


@pytest.mark.parametrize(
    ("pasted", "asked"),
    [
        ("how is bread\nbaked?", "how is bread baked?"),
        ("\r\n  how is bread\r\n\r\n  baked?\r\n", "how is bread baked?"),
        ("パンは\nどう焼く", "パンは どう焼く"),
        ("one  line ", "one  line "),
        ("one line\n", "one line"),
        ("\n\n", ""),
        ("", ""),
    ],
)
async def test_pasted_lines_become_one_question(pasted, asked):
    async with Bar().run_test() as pilot:
        field = pilot.app.query_one(QueryInput)
        field.post_message(events.Paste(pasted))
        await pilot.pause()
        assert field.value == asked


async def test_a_paste_goes_where_the_cursor_is_and_over_what_is_selected():
    async with Bar().run_test() as pilot:
        field = pilot.app.query_one(QueryInput)
        field.value = "how baked?"
        field.cursor_position = 4
        field.post_message(events.Paste("is\nbread "))
        await pilot.pause()
        assert field.value == "how is breadbaked?"
        field.select_all()
        pilot.app._clipboard = "what\nis salt"
        field.action_paste()
        assert field.value == "what is salt"
