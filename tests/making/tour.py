"""Make the pictures of the tour from the real app, encoders and runs: `python tests/making/tour.py [NAME...]`.

Names are those of the files without `.svg`. The picture of runs trains three encoders first, which takes some minutes.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hybrid_search.engine import paths
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.screens.answers.cell import CellScreen
from hybrid_search.tui.screens.answers.parallel import Parallel
from hybrid_search.tui.screens.answers.why import Why
from hybrid_search.tui.widgets.charts.heatmap import Heatmap
from hybrid_search.tui.widgets.charts.panel import Panel
from hybrid_search.tui.widgets.charts.rank_strip import RankStrip
from hybrid_search.tui.widgets.column import Column

QUESTION = "How do builders make metro lines that lie close to the surface?"
SIZE = (150, 46)
PATIENCE = 1200.0
_TRAIN = ["--batches", "all", "--out", "tour", "--steps", "12", "--batch-size", "8", "--validate-every", "6"]

Wait = Callable[[Callable[[], Any]], Awaitable[None]]


async def take(scene: Callable[[HybridSearchApp, Any, Wait], Awaitable[None]], question: str) -> str:
    """The app's screen as SVG after a scene was played.

    Raises:
        RuntimeError: a column failed (the message has its words), or the app did not answer in time.
    """
    app = HybridSearchApp(query=question)
    app.theme = "hybrid-night"
    async with app.run_test(size=SIZE) as pilot:
        deadline = asyncio.get_running_loop().time() + PATIENCE

        async def until(so: Callable[[], Any]) -> None:
            while not so():
                await pilot.pause(0.1)
                if asyncio.get_running_loop().time() > deadline:
                    raise RuntimeError("The app did not answer in time.")

        await until(lambda: app.status)
        if question:
            await until(lambda: _ready(app))
        await scene(app, pilot, until)
        await pilot.pause(1.0)
        return app.export_screenshot(title="hybrid-search tui")


def _ready(app: HybridSearchApp) -> bool:
    columns = list(app.screen.query(Column))
    for column in columns:
        if column.has_class("-error") and app.status is not None and not app.jobs.running:
            raise RuntimeError(f"{column.encoder}: {column.notice.render()}")
    strips = [strip.strips for strip in app.screen.query(RankStrip)]
    answered = bool(columns) and all(column.has_class("-result") for column in columns)
    sentences = all(hit.span for column in columns for hit in column.results.hits)
    return answered and sentences and any(each is not None and each.ranks for each in strips)


async def compare(app: HybridSearchApp, pilot: Any, until: Wait) -> None:
    """One question, three encoders, the right answers marked."""
    await until(lambda: app.screen.columns.grades)
    # Hides the blinking caret.
    app.screen.set_focus(None)


async def why(app: HybridSearchApp, pilot: Any, until: Wait) -> None:
    """The parts of a score, and the ranking with a share of language subtracted."""
    await pilot.press("down", "home", "down", "w")
    await until(lambda: isinstance(app.screen, Why) and app.screen.explained and app.screen.results.hits)
    await pilot.press("right", "right", "right", "right", "right")
    await until(lambda: app.screen.results.reference)


async def parallel(app: HybridSearchApp, pilot: Any, until: Wait) -> None:
    """A passage beside its translations."""
    await pilot.press("down", "home", "t")
    await until(lambda: isinstance(app.screen, Parallel) and len(app.screen.rows) == 13)
    await pilot.press("down")


async def cell(app: HybridSearchApp, pilot: Any, until: Wait) -> None:
    """The questions behind a figure of the heat map."""
    await pilot.press("f4")
    screen = app.screen
    await until(lambda: screen.query_one("#encoders").selected)
    box = screen.query_one("#encoders")
    box.deselect_all()
    box.select("mono")
    await pilot.press("ctrl+r")
    await until(lambda: screen.outcome and screen.query(Heatmap))
    screen.query(Heatmap).first().focus()
    await pilot.press("down", "down", "right", "right", "right", "enter")
    await until(lambda: isinstance(app.screen, CellScreen) and app.screen.found)
    await pilot.press("down")


async def maps(app: HybridSearchApp, pilot: Any, until: Wait) -> None:
    """The map with a passage under the cursor and its neighbours."""
    await pilot.press("f6")
    screen = app.screen
    await until(lambda: sum(bool(panel.whole) for panel in screen.query(Panel)) == 3)
    await until(lambda: not any(each.group == "map" and each.is_running for each in screen.workers))
    await pilot.press("right")
    await until(lambda: screen.near)


async def columns(app: HybridSearchApp, pilot: Any, until: Wait) -> None:
    """The picker of columns."""
    app.screen.action_columns()
    await until(lambda: app.screen.query("SelectionList"))


async def everywhere(app: HybridSearchApp, pilot: Any, until: Wait) -> None:
    """The matrix of question and result languages."""
    await pilot.press("ctrl+g")
    await until(lambda: getattr(app.screen, "answers", None))


async def audit(app: HybridSearchApp, pilot: Any, until: Wait) -> None:
    """The page of an audit of the demo library."""
    app.settings.columns = ["mono", "hybrid"]
    await pilot.press("f8")
    await until(lambda: len(getattr(app.screen, "pages", ())) == 2 and not app.jobs.running)
    app.screen.job.set_classes("")


async def runs(app: HybridSearchApp, pilot: Any, until: Wait) -> None:
    """Three runs in one chart."""
    train = [sys.executable, "-c", "from hybrid_search.tui.cli.main import main; main()", "train", *_TRAIN]
    await asyncio.to_thread(subprocess.run, train, check=True)
    await pilot.press("f7")
    await until(lambda: getattr(app.screen, "MODE", "") == "runs" and app.screen.table.row_count == 3)
    await pilot.press("space", "space", "space")


# By a file's name: its scene, and the question to ask before it.
PICTURES: dict[str, tuple[Callable[[HybridSearchApp, Any, Wait], Awaitable[None]], str]] = {
    "screenshot": (compare, QUESTION),
    "why": (why, QUESTION),
    "parallel": (parallel, QUESTION),
    "map": (maps, QUESTION),
    "cell": (cell, QUESTION),
    "columns": (columns, QUESTION),
    "everywhere": (everywhere, QUESTION),
    "audit": (audit, ""),
    "runs": (runs, ""),
}


def main() -> None:
    """Make the named pictures, or all; the user's settings and libraries are not touched."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update({paths.HOME_VARIABLE: home, "TEXTUAL_ANIMATIONS": "none"})
        for name in sys.argv[1:] or PICTURES:
            scene, question = PICTURES[name]
            text = asyncio.run(take(scene, question))
            # Replaces the temporary home by ~, and drops the length of that text so that it is not stretched.
            for shown in {home, home.replace("_", "&#95;")}:
                text = re.sub(rf' textLength="[^"]*"([^>]*>[^<]*){re.escape(shown)}', r"\1~", text)
            # The first picture is that of the README.
            folder = paths.assets_folder() / ("" if scene is compare else "docs/pictures")
            Path(folder / f"{name}.svg").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
