"""Behind a figure of Evaluate: a cell opens its questions, worst first, and one of them is asked on Compare."""

from __future__ import annotations

import json

import pytest
from hybrid_search.tui.screens.answers.cell import CellScreen, parts
from hybrid_search.tui.widgets.charts.heatmap import Heatmap
from textual.widgets import OptionList

from tests.tui.conftest import TEXTS


@pytest.fixture
def questions(tmp_path):
    """Nine questions in seven languages."""
    lines = []
    for topic, texts in TEXTS.items():
        for number in range(3):
            row = {
                "id": f"{topic}{number}",
                "question": {code: f"{text.split(' ')[0]} {topic} {number}?" for code, text in texts.items()},
                "passage": {code: f"{text} {number}" for code, text in texts.items()},
                "answer": {code: text.replace("。", ".").split(".")[0] for code, text in texts.items()},
            }
            lines.append(json.dumps(row))
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


async def measure(pilot, until, path, encoders=("mono", "hybrid")):
    await until(pilot, lambda: pilot.app.status)
    await pilot.press("f4")
    screen = pilot.app.screen
    box = screen.query_one("#encoders")
    await until(pilot, lambda: box.selected)
    box.deselect_all()
    for name in encoders:
        box.select(name)
    screen.query_one("#benchmark").value = "path"
    screen.query_one("#data").value = str(path)
    await pilot.press("ctrl+r")
    await until(pilot, lambda: screen.outcome and len(screen.query(Heatmap)) == 2 * len(encoders) - 1)
    return screen


async def opened(pilot, until) -> CellScreen:
    await until(pilot, lambda: isinstance(pilot.app.screen, CellScreen))
    screen = pilot.app.screen
    await until(pilot, lambda: screen.found or "Measure again" in str(screen.summary.render()))
    return screen


async def test_a_cell_opens_its_questions_worst_first_and_enter_asks_one(start, until, library, questions):
    async with start(library) as pilot:
        screen = await measure(pilot, until, questions)
        heatmap = screen.query(Heatmap).first()
        heatmap.focus()
        await pilot.press("down", "down", "right", "enter")
        cell = await opened(pilot, until)
        codes = heatmap.matrix.languages
        assert (cell.found["asked"], cell.found["read"]) == (codes[2], codes[1])
        values = [row["precision"] for row in cell.found["rows"]]
        assert values == sorted(values) and len(values) == 9
        assert cell.found["precision"] == pytest.approx(heatmap.matrix.values[codes[2], codes[1]], abs=1e-5)
        assert "by language" in str(cell.summary.render())
        await pilot.press("down")
        wanted = cell.found["rows"][1]["question"]
        assert wanted in str(cell.detail.render()) and "★" in str(cell.detail.render())
        await pilot.press("enter")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "compare")
        await until(pilot, lambda: pilot.app.screen.question.text == wanted)
        assert pilot.app.screen.question.language == codes[2]


async def test_a_cell_of_a_difference_shows_first_what_its_encoder_is_worse_at(start, until, library, questions):
    async with start(library) as pilot:
        screen = await measure(pilot, until, questions)
        difference = screen.query(Heatmap).last()
        assert difference.matrix.difference
        await pilot.click(Heatmap, offset=(6, 2))
        cell = await opened(pilot, until)
        await pilot.press("escape")
        difference.focus()
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is not cell)
        cell = await opened(pilot, until)
        away = [row["precision"] - row["other"] for row in cell.found["rows"]]
        assert away == sorted(away) and "against" in str(cell.summary.render())


async def test_figures_of_the_last_start_open_too_and_a_changed_file_is_told(start, until, library, questions):
    async with start(library) as pilot:
        await measure(pilot, until, questions)
    async with start(library) as pilot:
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f4")
        await until(pilot, lambda: pilot.app.screen.query(Heatmap))
        pilot.app.screen.query(Heatmap).first().focus()
        await pilot.press("enter")
        cell = await opened(pilot, until)
        assert cell.found
        await pilot.press("escape")
        questions.write_text("\n".join(questions.read_text("utf-8").splitlines()[1:]), "utf-8")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is not cell)
        cell = await opened(pilot, until)
        assert "has changed since it was measured" in str(cell.summary.render())


async def test_figures_of_unknown_origin_say_so(start, until, library, questions):
    async with start(library) as pilot:
        screen = await measure(pilot, until, questions)
        screen.outcome["source"] = {}
        screen.query(Heatmap).first().focus()
        await pilot.press("enter")
        assert any("is not known" in each.message for each in pilot.app._notifications)
        assert pilot.app.screen is screen


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 50)])
async def test_it_fits_every_terminal(start, until, library, questions, size):
    async with start(library, size=size) as pilot:
        screen = await measure(pilot, until, questions)
        screen.query(Heatmap).first().focus()
        await pilot.press("enter")
        cell = await opened(pilot, until)
        for widget in (cell.summary, cell.query_one(OptionList), cell.query_one("#cell-detail")):
            assert widget.region.height > 0 and widget.region.bottom <= size[1] and widget.region.right <= size[0]


@pytest.mark.parametrize(
    ("lost", "cells"), [((0, 0), (0, 0)), ((5, 0), (8, 0)), ((0, 5), (0, 8)), ((1, 999), (1, 7)), ((999, 1), (7, 1))]
)
def test_what_there_is_at_all_is_seen(lost, cells):
    assert parts(*lost) == cells
