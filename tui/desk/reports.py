"""Names the folders that reports of the app are written to."""

from __future__ import annotations

from pathlib import Path

from ...engine import paths


def new_folder(name: str) -> Path:
    """A folder for a report that does not exist yet: NAME-1, NAME-2 and so on."""
    parent, number = paths.data_folder() / "reports", 1
    while (folder := parent / f"{name}-{number}").exists():
        number += 1
    return folder


def in_file_name(text: str) -> str:
    """A text as part of a file's name: letters, digits, - and _ and dots inside; "" if nothing is left of it."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in text).strip(".-")
