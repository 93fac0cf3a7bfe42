"""A library without passages: every screen says so and how to fill it; none advises to encode what is not there."""

from __future__ import annotations

import pytest
from hybrid_search.engine.library.library import Library
from hybrid_search.tui.widgets.charts.panel import Panel
from hybrid_search.tui.widgets.charts.rank_strip import UNRANKED
from hybrid_search.tui.widgets.column import Column
from hybrid_search.tui.widgets.detail import NOTHING
from textual.widgets import Static

NONE = "no passages yet"
FILLS = "i on the Library screen (F3)"


@pytest.fixture(params=["no encoder", "one encoder"])
def empty(request, tmp_path, encoders):
    (tmp_path / "nothing").mkdir()
    with Library.open(tmp_path / "empty", create=True) as opened:
        used = [] if request.param == "no encoder" else [encoders["mono"]]
        opened.index([tmp_path / "nothing"], encoders=used)
    return tmp_path / "empty"


async def test_every_screen_says_that_there_are_no_passages_and_how_to_get_some(start, until, empty):
    async with start(empty, size=(150, 40)) as pilot:
        app = pilot.app
        await until(pilot, lambda: app.status)
        app.screen.question.put("bread")

        def columns():
            return [str(each.notice.render()) for each in app.screen.query(Column)]

        await until(pilot, lambda: columns() and all(NONE in words for words in columns()), "the columns say it")
        assert all(FILLS in words for words in columns())
        detail = app.screen.detail
        assert NOTHING in str(detail.reader.body.render()) and UNRANKED in str(detail.strip.render())
        await pilot.press("f6")
        await until(pilot, lambda: getattr(app.screen, "MODE", "") == "map")
        panels = list(app.screen.query(Panel))
        await until(pilot, lambda: all(NONE in panel.words for panel in panels), "the maps say it")
        drawn = "\n".join("".join(part.text for part in line) for line in app.screen._compositor.render_strips())
        assert drawn.count("(F3) puts") == sum(each.display for each in panels), "the words are wrapped, not cut"
        await pilot.press("f8")
        await until(pilot, lambda: getattr(app.screen, "MODE", "") == "audit")

        def page():
            return "\n".join(str(each.render()) for each in app.screen.page.query(Static))

        await until(pilot, lambda: NONE in page() and FILLS in page(), "the audit says it")


async def test_a_map_without_encoders_says_what_makes_one(start, until, library):
    async with start(library) as pilot:
        app = pilot.app
        await until(pilot, lambda: app.status)
        app.settings.columns = ["bm25"]
        await pilot.press("f6")
        await until(pilot, lambda: getattr(app.screen, "MODE", "") == "map")
        await until(pilot, lambda: "c there adds one" in str(app.screen.note.render()))


async def test_a_passage_is_not_shown_beside_an_error(start, until, library, tmp_path):
    async with start(library, "bread") as pilot:
        detail = pilot.app.screen.detail
        await until(pilot, lambda: detail.passage is not None and detail.strip.strips is not None)
        library.rename(tmp_path / "elsewhere")
        await until(pilot, lambda: detail.passage is None and NOTHING in str(detail.reader.body.render()))
        assert detail.strip.strips is None


async def test_a_passage_that_another_program_removed_is_not_acted_on(start, until, library, texts):
    async with start(library, "bread") as pilot:
        app, screen = pilot.app, pilot.app.screen
        await until(pilot, lambda: screen.detail.passage is not None and screen.columns.pointed)
        with Library.open(library) as elsewhere:
            elsewhere.remove(texts)
        await until(pilot, lambda: all(NONE in str(each.notice.render()) for each in screen.query(Column)))
        await until(pilot, lambda: screen.columns.pointed is None and screen.detail.passage is None)
        assert NOTHING in str(screen.detail.reader.body.render())
        screen.action_parallel()
        await pilot.pause()
        assert app.screen is screen, "there is nothing to read beside its translations"
