"""What the app does before it can be seen: neither other screens, dialogs and charts, nor the engine are there yet."""

from __future__ import annotations

import json
import subprocess
import sys

PAINT = """
import gc, json, sys
from hybrid_search.tui.app import hold
hold()
from hybrid_search.tui.app import HybridSearchApp

seen = {}

def painted(app, screen, renderable):
    display(app, screen, renderable)
    if not seen and any(type(w).__name__ == "Starters" and w.region for w in screen.query("*")):
        seen["modules"], seen["widgets"] = sorted(sys.modules), sorted(type(w).__name__ for w in screen.query("*"))
        seen["stylesheets"] = sorted(read[0] for read in app.stylesheet.source if read[0].endswith(".tcss"))
        seen["held"] = not gc.isenabled()

# What comes next once the screen was drawn.
HybridSearchApp.open_library = lambda app, library="": app.exit()
display, HybridSearchApp._display = HybridSearchApp._display, painted
HybridSearchApp().run(headless=True, size=(120, 40))
seen["released"] = gc.isenabled()
print(json.dumps(seen), file=sys.__stdout__)
"""
# The screen, its frame, what is asked and where one begins; what must be small to be drawn at once.
DRAWN = {
    "tui.screens": {"answers", "answers.judging", "compare", "dialogs", "host", "mode", "saving"},
    "tui.app": {"app", "collector", "library_files", "own_themes", "printable", "sheet", "theme"},
}
NEVER = (
    "numpy",
    "sqlite3",
    "markdown_it",
    "rich.markdown",
    "rich.syntax",
    "pygments",
    "hybrid_search.engine.store",
    "hybrid_search.engine.library",
    "hybrid_search.engine.search",
    "hybrid_search.train.measure",
    "hybrid_search.train.settings",
    "hybrid_search.train.judged.writing",
    "hybrid_search.tui.contract",
    "hybrid_search.tui.desk",
    "hybrid_search.tui.translating",
    "hybrid_search.tui.state.export",
    "hybrid_search.tui.state.web_page",
    "hybrid_search.tui.widgets.explained",
    *(
        f"hybrid_search.tui.widgets.charts.{chart}"
        for chart in ("batch_view", "chart", "curves", "heatmap", "language_bars", "marks", "panel", "scatter")
    ),
)


def test_nothing_is_loaded_or_drawn_before_the_first_paint_that_it_does_not_show():
    done = subprocess.run([sys.executable, "-c", PAINT], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    modules = set(seen["modules"])
    assert [name for name in NEVER if name in modules] == []
    for room, allowed in DRAWN.items():
        loaded = {name.split(f"{room}.", 1)[1] for name in modules if name.startswith(f"hybrid_search.{room}.")}
        assert loaded <= allowed, f"{room}: {sorted(loaded - allowed)}"
    assert {path.rsplit("/", 1)[1] for path in seen["stylesheets"]} == {"app.tcss", "compare.tcss"}
    assert "Starters" in seen["widgets"] and "Column" not in seen["widgets"], "columns come with the first answer"
    assert seen["held"] and seen["released"], "the collector waits for the first paint, and not longer"


async def test_no_source_of_styles_is_parsed_twice(start, until, library, monkeypatch):
    from hybrid_search.tui.widgets import MODES
    from textual.css import stylesheet

    monkeypatch.setattr("hybrid_search.tui.screens.audit.AuditScreen._begin_if_new", lambda screen: None)
    parse, parsed = stylesheet.parse, []

    def counted(scope, css, read_from, **more):
        parsed.append((read_from, scope, more["tie_breaker"]))
        return parse(scope, css, read_from, **more)

    monkeypatch.setattr(stylesheet, "parse", counted)
    async with start(library) as pilot:
        for mode in MODES:
            await pilot.app.switch_mode(mode)
            await until(pilot, lambda mode=mode: getattr(pilot.app.screen, "MODE", "") == mode)
        await pilot.press("f1")
        await until(pilot, lambda: getattr(pilot.app.screen, "MODE", None) is None)
    assert len(parsed) > 40
    assert [each for each in parsed if parsed.count(each) > 1] == []
