"""Checkpoints that are there whole or not at all: written beside, moved into place, and old ones removed after."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...engine import paths
from ...engine.errors import TrainingError

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
    target, partial = path(folder, step), folder / f".checkpoint-{step}.partial"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        content(partial)
        for file in partial.iterdir():
            _settle(file)
        if target.exists():
            shutil.rmtree(target)
        partial.replace(target)
        _settle(folder)
    except (OSError, RuntimeError) as error:
        # PyTorch reports a full disk as a RuntimeError, safetensors as an error of its own that is one, too.
        shutil.rmtree(partial, ignore_errors=True)
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        return f"The checkpoint of step {step} could not be written to {folder}: {reason}."
    for old in steps(folder)[:-keep]:
        shutil.rmtree(path(folder, old), ignore_errors=True)
    return ""


def remove(folder: Path) -> None:
    """Remove all checkpoints of a run that ended well."""
    for step in steps(folder):
        shutil.rmtree(path(folder, step), ignore_errors=True)


def write_json(target: Path, values: Mapping[str, Any]) -> None:
    """Write a small file whole or not at all.

    Raises:
        TrainingError: it cannot be written.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")
        _settle(partial)
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise TrainingError(f"{target} cannot be written: {error.strerror}.", hint="Is the disk full?") from error


def read_json(source: Path) -> dict[str, Any]:
    """A small file, or nothing where there is none."""
    try:
        values: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise TrainingError(f"{source} is damaged: {error}.", hint="Start the run anew, without --resume.") from error
    return values


def _settle(target: Path) -> None:
    """Make sure that what was written survives a power cut."""
    descriptor = os.open(target, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems cannot sync a folder; a full disk is another matter.
        if not target.is_dir():
            raise error
    finally:
        os.close(descriptor)
