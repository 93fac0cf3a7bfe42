"""Converts results of the engine to plain data for the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...engine.search import Passage


def passage_data(passage: Passage) -> dict[str, Any]:
    """A passage as plain data."""
    names = ("id", "path", "part", "title", "heading", "ordinal", "start", "end", "text", "language", "confidence")
    return {name: getattr(passage, name) for name in names}
