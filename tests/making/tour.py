"""Make the pictures of the app's tour from the real app, encoders and runs: `python tests/making/tour.py [NAME...]`.

They go to `assets/docs/pictures`. The picture of runs trains three encoders first, which takes some minutes.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hybrid_search.engine import paths
from hybrid_search.tui.app.app import HybridSearchApp

QUESTION = "How long until a homemade starter can be used?"
SIZE = (130, 40)
PATIENCE = 900.0
STEPS = 12
_TRAIN = ("-c", "from hybrid_search.tui.cli.main import main; main()", "train")

Way = Callable[[Any, HybridSearchApp], Awaitable[None]]


async def until(pilot: Any, so: Callable[[], Any], words: str) -> None:
    """Wait until something is so.

    Raises:
        RuntimeError: it was not so in a quarter of an hour.
    """
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not so():
        await pilot.pause(0.1)
        if asyncio.get_running_loop().time() > deadline:
            raise RuntimeError(f"The app did not come to it: {words}.")
    await pilot.pause(0.5)


async def answered(pilot: Any, app: HybridSearchApp) -> None:
    """Every column has its answer."""
    await until(
        pilot, lambda: app.status and len(app.screen.columns.answers) == len(app.screen.columns.names), "answers"
    )


async def columns(pilot: Any, app: HybridSearchApp) -> None:
    """The picker of columns."""
    await answered(pilot, app)
    app.screen.action_columns()
    await until(pilot, lambda: app.screen.query("SelectionList"), "the picker")


async def everywhere(pilot: Any, app: HybridSearchApp) -> None:
    """The matrix of question and result languages."""
    await answered(pilot, app)
    await pilot.press("ctrl+g")
    await until(pilot, lambda: getattr(app.screen, "answers", None), "the matrix")


async def audit(pilot: Any, app: HybridSearchApp) -> None:
    """The page of an audit of the demo library."""
    await until(pilot, lambda: app.status, "the library")
    app.settings.columns = ["mono", "hybrid"]
    await pilot.press("f8")
    await until(pilot, lambda: len(getattr(app.screen, "pages", ())) == 2 and not app.jobs.running, "the audit")
    app.screen.job.set_classes("")


async def runs(pilot: Any, app: HybridSearchApp) -> None:
    """Three runs over each other."""
    command = [sys.executable, *_TRAIN, "--batches", "all", "--out", "tour", "--steps", str(STEPS), "--batch-size", "8"]
    await asyncio.to_thread(subprocess.run, [*command, "--validate-every", "6"], check=True)
    await until(pilot, lambda: app.status, "the library")
    await pilot.press("f7")
    await until(
        pilot, lambda: getattr(app.screen, "MODE", "") == "runs" and app.screen.table.row_count == 3, "three rows"
    )
    await pilot.press("space", "space", "space")


PICTURES: dict[str, tuple[Way, str]] = {
    "columns": (columns, QUESTION),
    "everywhere": (everywhere, QUESTION),
    "audit": (audit, ""),
    "runs": (runs, ""),
}


async def take(way: Way, query: str) -> str:
    """The screen that a way leads to, as SVG."""
    app = HybridSearchApp(query=query)
    app.theme = "hybrid-night"
    async with app.run_test(size=SIZE) as pilot:
        await way(pilot, app)
        await pilot.pause(0.5)
        return app.export_screenshot(title="hybrid-search tui")


def main() -> None:
    """Make the pictures that are named, or all; settings and libraries of the user are left alone."""
    folder = paths.assets_folder() / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ[paths.HOME_VARIABLE] = home
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
        for name in sys.argv[1:] or PICTURES:
            way, query = PICTURES[name]
            # A picture holds nothing of this machine.
            text = asyncio.run(take(way, query)).replace(home.replace("_", "&#95;"), "~").replace(home, "~")
            Path(folder / f"{name}.svg").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
