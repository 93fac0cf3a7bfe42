"""How the app looks in its main states; `pytest --snapshot-update` accepts a change."""

from __future__ import annotations

import pytest
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.desk.desk import Desk
from hybrid_search.tui.state.questions import Questions
from hybrid_search.tui.widgets.ask_bar import QueryInput
from hybrid_search.tui.widgets.column import Column

from tests.tui.conftest import LocalService

QUESTION = "Why does bread rise?"


@pytest.fixture
def take(load, demo, snap_compare, until, monkeypatch):
    """Compares the app's screen with its picture, clocks and carets stopped."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr("hybrid_search.tui.widgets.column.duration", lambda seconds: "12 ms")
    monkeypatch.setattr(QueryInput, "cursor_blink", False, raising=False)

    def take(query="", size=(100, 30), theme="hybrid-night", at=demo, before=None, columns=None):
        app = HybridSearchApp(str(at), query, answers=LocalService(Desk(load)), worker=lambda: LocalService(Desk(load)))
        app.theme = theme
        if columns:
            app.settings.columns = columns

        async def run(pilot):
            app.screen.set_focus(None)
            if before is not None:
                await before(pilot)
            elif query:
                await until(pilot, lambda: settled(pilot))
            app.screen.set_focus(None)
            await pilot.pause()

        return snap_compare(app, terminal_size=size, run_before=run)

    return take


def settled(pilot) -> bool:
    screen = pilot.app.screen
    columns = list(screen.query(Column))
    if not all(column.has_class("-result") or column.has_class("-error") for column in columns):
        return False
    spans = all(hit.span for column in columns for hit in column.results.hits)
    return spans and screen.detail.passage is not None and screen.detail.strip.strips is not None


def test_results(take):
    assert take(QUESTION, size=(120, 38))


def test_results_in_the_light_theme_on_a_small_terminal(take):
    assert take("パンはなぜ膨らみますか", size=(80, 24), theme="hybrid-day")


def test_results_on_a_tiny_terminal(take):
    assert take("ทำไมขนมปังจึงขึ้นฟู", size=(60, 20))


def test_the_beginning(take, until):
    async def ready(pilot):
        await until(pilot, lambda: pilot.app.status and pilot.app.screen.starters.option_count)
        pilot.app.say("a library")

    assert Questions.load().rows
    assert take(size=(80, 24), before=ready)


def test_an_encoder_that_is_missing(take):
    assert take(QUESTION, size=(80, 24), columns=["mono", "nowhere"])


def test_help(take, until):
    async def ready(pilot):
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f1")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "HelpScreen")

    assert take(size=(80, 24), before=ready)


def test_training(take, until):
    async def ready(pilot):
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f5")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", "") == "train")
        batch = {"kind": "mono", "pairs": [{"question": "th", "passage": "th"}] * 8}
        pairs = [
            ("ar", "de"),
            ("ja", "fr"),
            ("hi", "en"),
            ("zh", "ru"),
            ("ko", "el"),
            ("vi", "es"),
            ("th", "tr"),
            ("en", "ar"),
        ]
        mixed = [{"question": first, "passage": second} for first, second in pairs]
        cross = {"kind": "cross", "pairs": mixed}
        await until(pilot, lambda: pilot.app.screen.batches.samplings)
        pilot.app.screen.batches.samplings = {"mono": [batch] * 2, "cross": [cross] * 2, "hybrid": [cross, batch]}
        for step in range(1, 40):
            kind = "mono" if step % 3 else "cross"
            event = {
                "event": "step",
                "step": step,
                "total": 60,
                "loss": 3 / (1 + step / 9),
                "kind": kind,
                "seconds_left": 30,
            }
            pilot.app.screen._on_run_step(event)

    assert take(size=(110, 34), before=ready)
