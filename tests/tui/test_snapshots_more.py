"""How Runs, Audit and the question in every language look: three sizes, both themes, and without colour."""

from __future__ import annotations

from pathlib import Path

import pytest
from hybrid_search.train.run import checkpoints
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.desk.desk import Desk
from hybrid_search.tui.screens.everywhere import EverywhereScreen
from hybrid_search.tui.state.questions import Questions

from tests.support.runs import ended
from tests.tui.conftest import LocalService, settled

SIZES = [
    pytest.param((80, 24), "hybrid-day", "", id="small-day"),
    pytest.param((120, 40), "hybrid-night", "", id="usual-night"),
    pytest.param((200, 50), "hybrid-night", "1", id="large-without-colour"),
]
PAGE = {
    "encoder": "mono",
    "report": "/reports/audit-1/mono/report.html",
    "level": "strong",
    "headline": "Strongly biased towards the language of the question.",
    "subtitle": "40 questions in 7 languages (ar, de, en, es, ja, ru, th); whole rankings, in passages.",
    "sections": [
        {
            "title": "What was found",
            "lines": ["Asked in another language, 61 of 100 answers change.", "Japanese comes back least."],
            "tables": [
                {"columns": ["language", "answers", "share"], "rows": [["de", "40", "57 %"], ["ja", "12", "9 %"]]}
            ],
        }
    ],
}


@pytest.fixture
def take(load, demo, snap_compare, until, still, monkeypatch):
    """Compares a mode's screen with its picture."""
    monkeypatch.setattr("hybrid_search.tui.screens.training.runs_told.day", lambda seconds: "2026-11-27 06:00")
    monkeypatch.setattr("hybrid_search.tui.screens.audit.AuditScreen._begin_if_new", lambda screen: None)

    def take(before, size, theme, no_color, query=""):
        if no_color:
            monkeypatch.setenv("NO_COLOR", no_color)
        app = HybridSearchApp(
            str(demo), query, answers=LocalService(Desk(load)), worker=lambda: LocalService(Desk(load))
        )
        app.theme = theme

        async def run(pilot):
            await until(pilot, lambda: app.status)
            await before(pilot)
            app.say("demo library · 21 passages · 7 languages")
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=run)

    return take


@pytest.mark.parametrize(("size", "theme", "no_color"), SIZES)
def test_runs_over_each_other(take, until, size, theme, no_color):
    for number, (name, sampling) in enumerate((("first", "hybrid"), ("second", "cross"), ("third", "mono"))):
        scores = {"mono": 0.8 - number / 50, "cross": 0.7, "multi": 0.5 + number / 20, "rank_distance": 90.0 * number}
        ended(name, scores, batches=sampling, seed=number)
        tell = checkpoints.journal(checkpoints.run_folder(name), lambda event: None)
        for step in range(1, 40):
            loss = 3 / (1 + step / (6 + 3 * number))
            tell({"event": "step", "step": step, "total": 40, "loss": loss, "kind": "mono" if step % 2 else "cross"})
        checkpoints.leave(checkpoints.run_folder(name))

    async def before(pilot):
        await pilot.press("f7")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "runs")
        await until(pilot, lambda: pilot.app.screen.table.row_count == 3)
        pilot.app.screen._marked = {"run first", "run second", "run third"}
        # All three were made in one moment: their order is that of their names.
        pilot.app.screen._rows = dict(sorted(pilot.app.screen._rows.items()))
        pilot.app.screen._fill()

    assert take(before, size, theme, no_color)


@pytest.mark.parametrize(("size", "theme", "no_color"), SIZES)
def test_the_question_in_every_language(take, until, size, theme, no_color):
    async def before(pilot):
        await until(pilot, lambda: settled(pilot))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(pilot.app.screen, EverywhereScreen) and pilot.app.screen.answers)

    assert take(before, size, theme, no_color, Questions.load().rows[0]["en"])


@pytest.mark.parametrize(("size", "theme", "no_color"), SIZES)
def test_an_audit(take, until, size, theme, no_color):
    async def before(pilot):
        await pilot.press("f8")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "audit")
        screen = pilot.app.screen
        headline = "Slightly biased towards the language of the question."
        screen.pages = [PAGE, {**PAGE, "encoder": "hybrid", "level": "slight", "headline": headline}]
        screen._show()

    assert take(before, size, theme, no_color)


def test_no_picture_outlives_its_test(request):
    """Where several processes share the tests, none of them sees all the pictures that are compared."""
    if request.config.option.keyword or any("::" in each for each in request.config.args):
        pytest.skip("only some tests were asked for")
    tests: dict[str, set[str]] = {}
    for item in request.session.items:
        tests.setdefault(item.path.stem, set()).add(item.name)
    pictures = list((Path(__file__).parent / "__snapshots__").glob("*/*.svg"))
    assert any(picture.parent.name == Path(__file__).stem for picture in pictures)
    left = [path.name for path in pictures if path.stem not in tests.get(path.parent.name, {path.stem})]
    assert left == []
