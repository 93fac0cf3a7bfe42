"""What a terminal would obey is never drawn: file names, titles, questions and messages may hold anything."""

from __future__ import annotations

from hybrid_search.tui.app.printable import Printable
from hybrid_search.tui.widgets import JobPanel
from hybrid_search.tui.widgets.column import Column
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.color import Color
from textual.content import Content
from textual.strip import Strip

HOSTILE = "rot\x1b[31m \x9b2J\x07\u202etxt.\x1b]0;title\x07\r\x00"
OBEYED = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x202E)}


def drawn(pilot):
    return "\n".join("".join(part.text for part in line) for line in pilot.app.screen._compositor.render_strips())


def shows_it_harmlessly(pilot):
    text = drawn(pilot)
    assert not OBEYED & set(text.replace("\n", ""))
    return "rot" in text and "[31m" in text


async def test_hostile_text_is_drawn_without_what_a_terminal_obeys(start, until, library):
    async with start(library, "bread") as pilot:
        app = pilot.app
        # An answer on its way would take the place of what is told here.
        await until(pilot, lambda: all(column.has_class("-result") for column in app.screen.query(Column)))
        column = app.screen.query(Column).first()
        column.fail(HOSTILE, HOSTILE)
        await until(pilot, lambda: shows_it_harmlessly(pilot), "a column's error")
        column.idle()
        column.border_title = Content(HOSTILE)
        await until(pilot, lambda: shows_it_harmlessly(pilot), "a title in a border")
        column.border_title = Content("")
        await pilot.press("f3")
        await until(pilot, lambda: getattr(app.screen, "MODE", "") == "library")
        panel = app.screen.query_one(JobPanel)
        panel.begin("Indexing")
        panel.follow("reading", {"path": HOSTILE, "done": 1, "total": 2})
        await until(pilot, lambda: shows_it_harmlessly(pilot), "the file that is read")


@given(st.lists(st.text(max_size=8), max_size=5))
def test_a_line_keeps_its_width_and_all_that_can_be_shown(texts):
    line = Strip([Segment(text) for text in texts])
    filtered = line.apply_filter(Printable(), Color(0, 0, 0))
    left = "".join(part.text for part in filtered)
    assert not OBEYED & set(left)
    assert [each for each in "".join(texts) if each.isprintable()] == [each for each in left if each.isprintable()]
    assert Strip([Segment(left)]).cell_length <= line.cell_length
