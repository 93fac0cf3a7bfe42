"""Make the pictures of the README's tour: the real app, real questions. Run `python tests/making/screenshot.py`."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
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

Wait = Callable[[Callable[[], Any]], Awaitable[None]]


async def take(
    scene: Callable[[HybridSearchApp, Any, Wait], Awaitable[None]],
    question: str = QUESTION,
    size: tuple[int, int] = SIZE,
    theme: str = "hybrid-night",
) -> str:
    """The app's screen as SVG once a scene was played.

    Raises:
        RuntimeError: a column could not answer, with its words; or nothing came in time.
    """
    app = HybridSearchApp(query=question)
    app.theme = theme
    async with app.run_test(size=size) as pilot:
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
        # The caret comes and goes; the picture is taken without it.
        if app.screen.focused is not None and getattr(app.screen, "MODE", "") == "compare":
            app.screen.set_focus(None)
        await pilot.pause(0.2)
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


async def why(app: HybridSearchApp, pilot: Any, until: Wait) -> None:
    """A score told apart, and the ranking with some of the language taken away."""
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


# A file in `assets/`, and its scene.
PICTURES: dict[str, Callable[[HybridSearchApp, Any, Wait], Awaitable[None]]] = {
    "screenshot.svg": compare,
    "docs/pictures/why.svg": why,
    "docs/pictures/parallel.svg": parallel,
    "docs/pictures/map.svg": maps,
    "docs/pictures/cell.svg": cell,
}


def main() -> None:
    """Write the pictures, or those whose names contain a word that is given; the user's settings are left alone."""
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault(paths.HOME_VARIABLE, home)
        for name, scene in PICTURES.items():
            if wanted and not any(word in name for word in wanted):
                continue
            target = paths.assets_folder() / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(asyncio.run(take(scene)), "utf-8")
            sys.stdout.write(f"wrote {target}\n")


if __name__ == "__main__":
    main()
