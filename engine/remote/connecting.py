"""Connects to the engine at an address."""

from __future__ import annotations

from ..places import Place
from .protocol import RemoteEngine


def connect(place: Place, *, create: bool = False) -> RemoteEngine:
    """Connect to an engine; with `create`, missing parts that a library needs are created.

    Raises:
        LibraryError: it cannot be reached, refuses, is too old, or its client is not installed.
    """
    if place.postgres:
        from .postgres import PostgresEngine

        return PostgresEngine.connect(place, create=create)
    from .engine import Engine

    return Engine.connect(place, create=create)
