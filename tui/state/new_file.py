"""Tells why a new file cannot be written where the user wants it, before anything is computed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def why_no_file(named: Callable[[], Path], problem: Callable[[Path], str]) -> str:
    """Why there can be no new file, in a sentence; "" if there can.

    Args:
        named: makes the path; may raise OSError or ValueError for a name that can be no path, as may `problem`.
        problem: what is wrong with the path itself, "" for nothing; its folder is looked at afterwards.
    """
    try:
        path = named()
        return problem(path) or ("" if path.parent.is_dir() else f"There is no folder {path.parent}.")
    except (OSError, ValueError) as error:
        return f"A file of that name cannot be created: {getattr(error, 'strerror', None) or error}."
