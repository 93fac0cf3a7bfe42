"""A server of the small library, asked by the SDK's own client without a process between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="needs the extra [mcp]")
from hybrid_search.tui.agents.server import build
from hybrid_search.tui.agents.shelf import Shelf


@pytest.fixture
def said() -> list[str]:
    """What the server told whoever runs it."""
    return []


@pytest.fixture
def shelf(library: Path, load: Callable[[str], Any], said):
    """The shelf of the small library."""
    made = Shelf(library, lambda name, _stored: load(name), say=said.append)
    yield made
    made.close()


@pytest.fixture
def server(shelf):
    """Its server."""
    return build(shelf)
