"""The map as an instrument: a cursor, neighbours, a box, languages that do not hide each other, before and after."""

from __future__ import annotations

import pytest
from hybrid_search.tui.widgets.charts.lasso import Lasso
from hybrid_search.tui.widgets.charts.marks import Mark, between, in_turns, only, turned
from hybrid_search.tui.widgets.charts.panel import Panel
from textual.events import MouseMove


def drawn(pilot) -> list[Panel]:
    return [panel for panel in pilot.app.screen.query(Panel) if panel.whole]


async def mapped(pilot, until, seen=1):
    await until(pilot, lambda: pilot.app.status)
    await pilot.press("f6")
    await until(pilot, lambda: len(drawn(pilot)) == 3 and isinstance(pilot.app.screen.focused, Panel))
    screen = pilot.app.screen
    # The last picture of each map is that of its finished points.
    await until(pilot, lambda: not any(worker.group == "map" and worker.is_running for worker in screen.workers))
    return screen


def words(pilot) -> str:
    return str(pilot.app.screen.side.render())


async def test_arrows_go_from_passage_to_passage_and_name_its_neighbours(start, until, library):
    async with start(library, size=(180, 44)) as pilot:
        screen = await mapped(pilot, until)
        panel = screen.focused
        await pilot.press("right")
        first = panel.cursor
        assert first is not None
        await until(pilot, lambda: len(panel.near) == 8 and "nearest by mono" in words(pilot))
        assert first not in panel.near
        assert all(each.cursor == first for each in drawn(pilot)), "the passage is marked on every map"
        seen = {first}
        for key in ("left", "down", "right", "up", "l", "j", "h", "k") * 2:
            await pilot.press(key)
            seen.add(panel.cursor)
        assert len(seen) > 3
        await pilot.press("enter")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Reader")


async def test_a_step_goes_the_way_of_the_key(start, until, library):
    async with start(library, size=(180, 44)) as pilot:
        screen = await mapped(pilot, until)
        panel = screen.focused
        await pilot.press("right")
        for key, axis, sign in (("right", 0, 1), ("left", 0, -1), ("down", 1, 1), ("up", 1, -1)):
            before = panel.place(panel._mark(panel.cursor))
            old = panel.cursor
            await pilot.press(key)
            after = panel.place(panel._mark(panel.cursor))
            assert panel.cursor == old or (after[axis] - before[axis]) * sign > 0


async def test_a_box_takes_passages_that_fill_the_map_and_tell_compare_its_languages(start, until, library):
    async with start(library, "Why does bread rise?", size=(180, 44)) as pilot:
        screen = await mapped(pilot, until)
        panel = screen.focused
        await pilot.press("z")
        assert any("Select something first" in each.message for each in pilot.app._notifications)
        await pilot.press("v", *["right"] * 9, *["down"] * 12)
        assert panel.box is not None and panel.box.height == 13
        await pilot.press("escape")
        assert panel.box is None
        await pilot.press("v", *["right"] * 12, *["down"] * 12, "v")
        await until(pilot, lambda: screen.chosen)
        assert 1 <= len(screen.chosen) < 21 and f"{len(screen.chosen)} passages taken" in words(pilot)
        await pilot.press("z")
        assert {mark.id for mark in panel.marks} == screen.chosen
        await pilot.press("z")
        assert len(panel.marks) == 21
        codes = sorted({mark.language for mark in panel.whole if mark.id in screen.chosen})
        await pilot.press("f")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "compare")
        assert pilot.app.settings.languages == codes
        await until(pilot, lambda: pilot.app.screen.columns.searched == 3 * len(codes))


async def test_the_mouse_draws_a_box_and_a_click_reads(start, until, library):
    async with start(library, size=(180, 44)) as pilot:
        screen = await mapped(pilot, until)
        panel = screen.query(Panel).first()
        wide, tall = panel.content_size
        left, top = panel.content_region.x - panel.region.x, panel.content_region.y - panel.region.y
        await pilot.mouse_down(Panel, offset=(left, top))
        await pilot._post_mouse_events([MouseMove], Panel, offset=(left + wide - 1, top + tall - 1), button=1)
        assert panel.box is not None and (panel.box.width, panel.box.height) == (wide, tall)
        await pilot.mouse_up(Panel, offset=(left + wide - 1, top + tall - 1))
        await until(pilot, lambda: len(screen.chosen) == 21)
        column, row = panel.place(panel.whole[4])
        await pilot.click(Panel, offset=(left + column, top + row))
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "Reader")


def test_inside_a_lasso_is_by_the_even_odd_rule_and_the_line_counts():
    square = Lasso([(2, 2), (6, 2), (6, 6), (2, 6)])
    assert all(square.contains(x, y) for x in range(2, 7) for y in range(2, 7))
    assert not any(square.contains(x, y) for x, y in ((1, 4), (7, 4), (4, 1), (4, 7)))
    bent = Lasso([(0, 0), (10, 0), (10, 10), (6, 10), (6, 4), (4, 4), (4, 10), (0, 10)])
    assert bent.contains(2, 8) and bent.contains(8, 8) and not bent.contains(5, 8), "what it goes around is outside"
    crossed = Lasso([(0, 0), (8, 8), (8, 0), (0, 8)])
    assert crossed.contains(1, 4) and crossed.contains(7, 4)
    assert not crossed.contains(4, 1) and not crossed.contains(4, 7)
    assert Lasso([(3, 3)]).contains(3, 3) and not Lasso([(3, 3)]).contains(4, 3)
    again = Lasso([(0, 0), (0, 0), (4, 0), (4, 0), (4, 3), (0, 3)])
    assert again.contains(2, 1) and again == Lasso(again.corners)


async def test_keys_draw_a_lasso_around_points(start, until, library):
    async with start(library, size=(180, 44)) as pilot:
        screen = await mapped(pilot, until)
        panel = screen.focused
        # Begin where nothing is in the way of a corner: at the point that is nearest to the upper left.
        panel.cursor = min(panel.whole, key=lambda mark: sum(panel.place(mark))).id

        await pilot.press("p", *["right"] * 20, "p", *["down"] * 40, "p", *["left"] * 40)
        assert isinstance(panel.box, Lasso) and len(panel.box.corners) == 4
        inside = {mark.id for mark in panel.whole if panel.box.contains(*panel.place(mark))}
        assert panel.cursor in inside
        await pilot.press("enter")
        await until(pilot, lambda: screen.chosen == inside)
        assert panel.box is None
        await pilot.press("p", "right", "escape")
        assert panel.box is None and screen.chosen == inside, "escape forgets the line alone"


@pytest.mark.parametrize("by", [{"button": 3}, {"button": 1, "control": True}])
async def test_the_mouse_draws_a_lasso_around_points(start, until, library, by):
    async with start(library, size=(180, 44)) as pilot:
        screen = await mapped(pilot, until)
        panel = screen.query(Panel).first()
        wide, tall = panel.content_size
        left, top = panel.content_region.x - panel.region.x, panel.content_region.y - panel.region.y
        await pilot.mouse_down(Panel, offset=(left, top), **by)
        # Down the left side, along the bottom, back across: half of the map.
        for x, y in ((0, tall - 1), (wide - 1, tall - 1)):
            await pilot._post_mouse_events([MouseMove], Panel, offset=(left + x, top + y), button=by["button"])
        assert isinstance(panel.box, Lasso)
        half = {mark.id for mark in panel.whole if panel.box.contains(*panel.place(mark))}
        await pilot.mouse_up(Panel, offset=(left + wide - 1, top + tall - 1))
        await until(pilot, lambda: screen.chosen)
        assert screen.chosen == half and 0 < len(half) < 21


async def test_what_the_cursor_stands_on_is_asked_on_compare(start, until, library):
    async with start(library, size=(180, 44)) as pilot:
        screen = await mapped(pilot, until)
        await pilot.press("c")
        assert any("Go to a passage first" in each.message for each in pilot.app._notifications)
        await pilot.press("right")
        mark = screen.focused._mark(screen.focused.cursor)
        await pilot.press("c")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "compare")
        await until(pilot, lambda: pilot.app.screen.question.text == mark.title)


async def test_a_language_comes_to_the_front_and_goes_back(start, until, library):
    async with start(library, size=(180, 44)) as pilot:
        screen = await mapped(pilot, until)
        await pilot.press("right", "g")
        panel = screen.focused
        code = panel._mark(panel.cursor).language
        assert all(each.front == code for each in drawn(pilot))
        styles = {held[2].language: held[1] for held in panel._layout(panel.size).values() if held[2]}
        assert all(style.dim for other, style in styles.items() if other != code and other)
        await pilot.press("g")
        assert panel.front == ""


async def test_before_turns_into_after(start, until, library):
    async with start(library, size=(180, 44)) as pilot:
        screen = await mapped(pilot, until)
        pilot.app.animation_level = "full"
        last = drawn(pilot)[-1]
        own = {mark.id: (mark.x, mark.y) for mark in last.whole}
        seen = []
        last.watch(last, "marks", lambda marks: seen.append({mark.id: (mark.x, mark.y) for mark in marks}), init=False)
        await pilot.press("a")
        await until(pilot, lambda: "mono → hybrid: done" in str(screen.note.render()))
        assert seen[0] != own and seen[-1] == own and len(seen) > 5


async def test_at_80_columns_one_map_is_seen_and_e_turns_to_the_next(start, until, library):
    async with start(library, size=(80, 24)) as pilot:
        screen = await mapped(pilot, until)
        shown = [panel.encoder for panel in screen.query(Panel) if panel.display]
        await pilot.press("e")
        other = [panel.encoder for panel in screen.query(Panel) if panel.display]
        assert len(shown) == len(other) == 1 and shown != other
        assert screen.focused.encoder == other[0], "the keys go to the map that is seen"
        await pilot.press("a")
        await until(pilot, lambda: "done" in str(screen.note.render()))


def marks(*rows: tuple[float, float, str]) -> list[Mark]:
    return [Mark(x, y, code, number, "") for number, (x, y, code) in enumerate(rows)]


def test_no_language_is_drawn_over_by_another_everywhere():
    every = in_turns([Mark(0.5, 0.5, code, 10 * place + n, "") for place, code in enumerate("abc") for n in range(10)])
    assert [mark.language for mark in every[:6]] == ["a", "b", "c", "b", "c", "a"]
    assert len(every) == 30 and in_turns([]) == []


def test_a_mirrored_map_is_turned_back():
    here = marks((0.1, 0.2, "a"), (0.9, 0.3, "b"), (0.4, 0.8, "c"))
    mirrored = [Mark(1 - mark.y, mark.x, mark.language, mark.id, "") for mark in here]
    back = turned(mirrored, here)
    for one, other in zip(back, here, strict=True):
        assert (one.x, one.y) == pytest.approx((other.x, other.y))


def test_the_way_begins_before_and_ends_after():
    before, after = marks((0, 0, "a"), (1, 1, "b")), marks((1, 0, "a"), (0, 1, "b"), (0.5, 0.5, "c"))
    assert [(mark.x, mark.y) for mark in between(before, after, 0)] == [(0, 0), (1, 1), (0.5, 0.5)]
    assert between(before, after, 1) == after


def test_few_passages_fill_the_map():
    kept = only(marks((0.2, 0.2, "a"), (0.4, 0.3, "b"), (0.9, 0.9, "c")), frozenset({0, 1}))
    assert [(mark.x, mark.y) for mark in kept] == [(0, 0), (1, 1)]
    assert [(mark.x, mark.y) for mark in only(marks((0.2, 0.2, "a")), frozenset({0}))] == [(0.5, 0.5)]
