"""Checkpoints that are there whole or not at all: written beside, moved into place, and old ones removed after."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...engine import paths
from ...engine.errors import TrainingError
from ...engine.files import remove_folder, replacing_folder, write_text

_NAME = re.compile(r"checkpoint-(\d+)")


def run_folder(name: str) -> Path:
    """Where a run of that name keeps its checkpoints, its settings and what it mined."""
    return paths.data_folder() / "runs" / name


def steps(folder: Path) -> list[int]:
    """Steps at which there is a whole checkpoint, ascending."""
    if not folder.is_dir():
        return []
    return sorted(int(found.group(1)) for path in folder.iterdir() if (found := _NAME.fullmatch(path.name)))


def path(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step is."""
    return folder / f"checkpoint-{step}"


def write(folder: Path, step: int, content: Callable[[Path], None], *, keep: int = 1) -> str:
    """Write a checkpoint.

    Args:
        folder: of the run.
        step: the checkpoint's number.
        content: writes the files into the folder it is given.
        keep: how many of the newest stay.

    Returns:
        An empty text, or why nothing could be written; older checkpoints are untouched then.
    """
    try:
        with replacing_folder(path(folder, step)) as partial:
            content(partial)
    except (OSError, RuntimeError) as error:
        # PyTorch reports a full disk as a RuntimeError, safetensors as an error of its own that is one, too.
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        return f"The checkpoint of step {step} could not be written to {folder}: {reason}."
    for old in steps(folder)[:-keep]:
        remove_folder(path(folder, old))
    return ""


def remove(folder: Path) -> None:
    """Remove all checkpoints of a run that ended well."""
    for step in steps(folder):
        remove_folder(path(folder, step))


def write_json(target: Path, values: Mapping[str, Any]) -> None:
    """Write a small file whole or not at all.

    Raises:
        TrainingError: it cannot be written.
    """
    try:
        write_text(target, json.dumps(values, ensure_ascii=False, indent=1))
    except OSError as error:
        raise TrainingError(
            f"{target} cannot be written: {error.strerror or error}.", hint="Make room, or allow writing there."
        ) from error


def read_json(source: Path) -> dict[str, Any]:
    """A small file, or nothing where there is none."""
    try:
        values: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise TrainingError(f"{source} is damaged: {error}.", hint="Start the run anew, without --resume.") from error
    return values
