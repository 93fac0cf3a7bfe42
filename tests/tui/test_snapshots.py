"""How the app looks in its main states; `pytest --snapshot-update` accepts a change."""

from __future__ import annotations

import pytest
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.desk.desk import Desk
from hybrid_search.tui.state.questions import Questions
from hybrid_search.tui.widgets.column import Column

from tests.tui.conftest import LocalService, settled

QUESTION = "Why does bread rise?"


@pytest.fixture
def take(load, demo, snap_compare, until, still):
    """Compares the app's screen with its picture."""

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
        # Help lists the keys of what is there, and columns come after the first paint.
        await until(pilot, lambda: pilot.app.screen.query(Column) and pilot.app.screen.starters.option_count)
        await until(pilot, lambda: pilot.app.status)
        # It also lists the keys of the widget in focus.
        pilot.app.screen.set_focus(None)
        await pilot.press("f1")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "HelpScreen")
        # How long the rest is depends on what was imported before; the picture is of what can be seen.
        for each in pilot.app.screen.query("*"):
            each.styles.scrollbar_size_vertical = 0

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


async def explained(pilot, until):
    from hybrid_search.tui.screens.answers.why import Why

    await until(pilot, lambda: settled(pilot))
    pilot.app.screen.columns.focus_first()
    await pilot.press("home", "1")
    await until(pilot, lambda: pilot.app.screen.columns.grades)
    # What is said about the judgement stays for some seconds, also behind a screen that opens above it.
    await until(pilot, lambda: pilot.app.screen.query("Toast"))
    pilot.app.clear_notifications()
    await until(pilot, lambda: not pilot.app.screen.query("Toast"))
    await pilot.press("down", "w")
    await until(pilot, lambda: isinstance(pilot.app.screen, Why) and pilot.app.screen.results.hits)
    await pilot.press("right", "right", "right")
    await until(pilot, lambda: pilot.app.screen.results.reference)


@pytest.mark.parametrize(
    ("size", "theme"), [((80, 24), "hybrid-day"), ((120, 40), "hybrid-night"), ((200, 50), "hybrid-day")]
)
def test_why_a_passage_ranks_there(take, until, size, theme):
    assert take(QUESTION, size=size, theme=theme, before=lambda pilot: explained(pilot, until))


@pytest.mark.parametrize(
    ("size", "theme"), [((80, 24), "hybrid-night"), ((120, 40), "hybrid-day"), ((200, 50), "hybrid-night")]
)
def test_a_passage_beside_others(take, until, size, theme):
    from hybrid_search.tui.screens.answers.parallel import Parallel

    async def ready(pilot):
        await until(pilot, lambda: settled(pilot))
        pilot.app.screen.columns.focus_first()
        await pilot.press("home", "t")
        await until(pilot, lambda: isinstance(pilot.app.screen, Parallel) and len(pilot.app.screen.rows) == 6)

    assert take(QUESTION, size=size, theme=theme, before=ready)


@pytest.mark.parametrize(
    ("size", "theme", "coloured"), [((80, 24), "hybrid-day", True), ((120, 40), "hybrid-night", False)]
)
def test_the_questions_of_a_cell(take, until, monkeypatch, size, theme, coloured):
    from hybrid_search.tui.screens.answers.cell import CellScreen, Drilled

    if not coloured:
        monkeypatch.setenv("NO_COLOR", "1")
    lost = [(40, 0.02, 38, 120), (9, 0.11, 300, 4), (3, 0.33, -5, 12), (1, 1.0, 0, 0)]
    rows = [
        {
            "id": str(number),
            "question": f"{QUESTION} ({number})",
            "answer": "Das Brot geht über Nacht langsam auf.",
            "first": "Der Mond zieht das Meer an.",
            "rank": rank,
            "precision": precision,
            "language": language,
            "meaning": meaning,
            "other": None,
        }
        for number, (rank, precision, language, meaning) in enumerate(lost)
    ]
    found = {"precision": 0.365, "other": None, "questions": 4, "unanswered": 1, "places": (83.2, 34.0), "rows": rows}

    async def ready(pilot):
        await until(pilot, lambda: pilot.app.status)
        monkeypatch.setattr(CellScreen, "_drill", lambda self: self.post_message(Drilled(found)))
        pilot.app.push_screen(CellScreen({"encoder": "mono", "asked": "en", "read": "de"}))
        await until(pilot, lambda: pilot.app.screen.found)
        await pilot.press("down")

    assert take(size=size, theme=theme, before=ready)


@pytest.mark.parametrize(
    ("size", "theme", "coloured"),
    [((80, 24), "hybrid-night", False), ((120, 40), "hybrid-day", True), ((200, 50), "hybrid-night", True)],
)
def test_the_map(take, until, monkeypatch, size, theme, coloured):
    from hybrid_search.tui.widgets.charts.panel import Panel

    if not coloured:
        monkeypatch.setenv("NO_COLOR", "1")
    codes = ("en", "de", "es", "ru", "ja", "th", "ar")
    points = [[(n * 37 % 101) / 100, (n * 53 % 97) / 96] for n in range(84)]
    data = {
        "points": points,
        "languages": [codes[n % 7] for n in range(84)],
        "ids": list(range(1, 85)),
        "titles": [f"Title {n}" for n in range(1, 85)],
        "same": 0.6,
        "chance": 0.14,
        "hits": [5, 6, 7],
    }

    async def ready(pilot):
        await until(pilot, lambda: pilot.app.status)
        await pilot.press("f6")
        panels = pilot.app.screen.query(Panel)
        await until(pilot, lambda: len(panels) == 3 and all(panel.whole for panel in panels))
        running = pilot.app.screen.workers
        await until(pilot, lambda: not any(each.group == "map" and each.is_running for each in running))
        for panel in panels:
            panel.show(data)
        panels.first().focus()
        await pilot.press("right", "right", "v", *["right"] * 5, *["down"] * 4)
        pilot.app.screen.side.update("")

    assert take(size=size, theme=theme, before=ready)
