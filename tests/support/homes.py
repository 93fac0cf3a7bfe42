"""Prepares homes as after earlier use: with encoders' graphs that tests share, and a demo library that is made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


def make_demo(home: Path, graphs: Path) -> Path:
    """Make the demo library of a new home; an empty folder if the demo is not in this checkout."""
    from hybrid_search.engine.errors import LibraryError
    from hybrid_search.engine.library.demo import open_demo

    furnish(home, graphs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HYBRID_SEARCH_HOME", str(home))
        patch.setenv("HOME", str(home))
        try:
            open_demo().close()
        except LibraryError:
            (home / "demo").mkdir(exist_ok=True)
    return home / "demo"


def furnish(home: Path, graphs: Path, demo: Path | None = None) -> Path:
    """Give a home the graphs that tests share, and a copy of the demo library if there is one.

    Graphs can be shared because their key is their weights. Other caches use names and fingerprints, which are not
    unique among encoders that tests invent.
    """
    (home / "cache").mkdir(exist_ok=True)
    (home / "cache" / "graphs").symlink_to(graphs, target_is_directory=True)
    if demo is not None:
        shutil.copytree(demo, home / "demo")
    return home
