"""Make the README's picture: the real app answering a real question. Run `python tests/making/screenshot.py`."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from hybrid_search.engine import paths
from hybrid_search.tui.app.app import HybridSearchApp
from hybrid_search.tui.widgets.charts.rank_strip import RankStrip
from hybrid_search.tui.widgets.column import Column

QUESTION = "How do builders make metro lines that lie close to the surface?"
SIZE = (150, 46)
PATIENCE = 600.0


async def take(question: str = QUESTION, size: tuple[int, int] = SIZE, theme: str = "hybrid-night") -> str:
    """The app's screen as SVG, once every column has answered and the passage's translations are ranked.

    Raises:
        RuntimeError: a column could not answer, with its words; or nothing came in ten minutes.
    """
    app = HybridSearchApp(query=question)
    app.theme = theme
    async with app.run_test(size=size) as pilot:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not _ready(app):
            await pilot.pause(0.1)
            if asyncio.get_running_loop().time() > deadline:
                raise RuntimeError("The app did not answer in time.")
        await pilot.pause(1.0)
        # The caret comes and goes; the picture is taken without it.
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


def main() -> None:
    """Write `assets/screenshot.svg`, or the file that is named; settings and libraries of the user are left alone."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else paths.assets_folder() / "screenshot.svg"
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault(paths.HOME_VARIABLE, home)
        svg = asyncio.run(take())
    target.write_text(svg, "utf-8")


if __name__ == "__main__":
    main()
