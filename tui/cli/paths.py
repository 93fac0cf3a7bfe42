"""Paths from the command line and the environment: expands `~`, and reports invalid ones without a traceback."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ...engine.documents import storable


class PathType(click.Path):
    """A path, with `~` and `~user` expanded, which the command gets as a `Path`.

    An address (`http://host:19530`) is not changed.

    Args:
        exists: whether the path must exist.
        file_okay: whether it may be a file.
        dir_okay: whether it may be a folder.
    """

    def __init__(self, *, exists: bool = False, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(exists=exists, file_okay=file_okay, dir_okay=dir_okay, path_type=Path)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """The path; a usage error if it is invalid, or not of the kind that is expected."""
        if not os.fspath(value):  # pathlib would take it for the current folder
            self.fail(f"The {self.name} is empty: is a variable of the shell not set?", param, ctx)
        place = os.path.expanduser(os.fspath(value))  # noqa: PTH111 - does not raise for an unknown ~user
        if self.exists:
            try:
                os.stat(place)  # noqa: PTH116
            except (OSError, ValueError) as error:
                reason = (getattr(error, "strerror", None) or str(error)).lower()
                self.fail(f"{self.name} {_shown(place)} cannot be used: {reason}.", param, ctx)
        return super().convert(place, param, ctx)


def _shown(place: str) -> str:
    text = storable(place)
    return repr(text if len(text) <= 300 else f"{text[:150]}…{text[-50:]}")


def expanded(name: Any) -> str:
    """A name that may be a path, with a leading `~` expanded."""
    text = str(name)
    return os.path.expanduser(text) if text.startswith("~") else text  # noqa: PTH111
