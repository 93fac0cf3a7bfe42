"""Writes checkpoints atomically: to a temporary folder that is moved into place; then old ones are removed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...engine import paths
from ...engine.errors import LibraryBusy, LibraryError, TrainingError, reason
from ...engine.files import appending, open_regular, read_regular, remove_folder, replacing_folder, write_text
from ...engine.store import LOCK, WriterLock

MANIFEST, DONE = "manifest.json", "done.json"
# The file of a run's events, one per line, and the event that only this file has: which process works on the run.
JOURNAL, AT_WORK = "events.jsonl", "at_work"
# If the newest checkpoint is damaged, the run is resumed from the one before.
KEPT = 2
_MOST_BYTES = 1024 * 1024
_NAME = re.compile(r"checkpoint-(\d+)")


def run_folder(name: str) -> Path:
    """The folder of a run: its checkpoints, settings and mined negatives."""
    return paths.data_folder() / "runs" / name


def steps(folder: Path) -> list[int]:
    """Steps with a checkpoint, ascending."""
    if not folder.is_dir():
        return []
    return sorted(int(found.group(1)) for path in folder.iterdir() if (found := _NAME.fullmatch(path.name)))


def path(folder: Path, step: int) -> Path:
    """The folder of a step's checkpoint."""
    return folder / f"checkpoint-{step}"


def write(folder: Path, step: int, content: Callable[[Path], None], *, keep: int = KEPT) -> str:
    """Write a checkpoint.

    Args:
        folder: the run's folder.
        step: the checkpoint's step.
        content: writes the files into the folder that it is given.
        keep: how many of the newest checkpoints to keep.

    Returns:
        "", or why nothing could be written; older checkpoints are kept then.
    """
    try:
        with replacing_folder(path(folder, step)) as partial:
            content(partial)
            write_json(partial / MANIFEST, {"schema": 1, "step": step, "files": _digests(partial)})
    except (OSError, RuntimeError) as error:
        # PyTorch and safetensors report a full disk as a RuntimeError.
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        return f"The checkpoint of step {step} could not be written to {folder}: {reason}."
    for old in steps(folder)[:-keep]:
        remove_folder(path(folder, old))
    return ""


def damage(folder: Path, step: int) -> str:
    """Why a step's checkpoint cannot be resumed from; "" if all files match the manifest."""
    place = path(folder, step)
    try:
        listed = json.loads(read_regular(place / MANIFEST, _MOST_BYTES))
        if listed["schema"] != 1 or listed["step"] != step or not isinstance(listed["files"], dict):
            return f"its {MANIFEST} is of another kind"
        found = _digests(place)
    except FileNotFoundError:
        return f"it has no {MANIFEST}: it is from an earlier version, or was changed"
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        return f"it cannot be read ({reason(error)})"
    found.pop(MANIFEST)
    wrong = sorted(name for name in {*found, *listed["files"]} if found.get(name) != listed["files"].get(name))
    return f"{', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} not as it was written" if wrong else ""


def newest(folder: Path, told: Callable[[str], None]) -> int | None:
    """The newest step with an intact checkpoint; None if there are no checkpoints.

    Args:
        folder: the run's folder.
        told: called with a sentence for each newer, damaged checkpoint.

    Raises:
        TrainingError: there are checkpoints, but all are damaged.
    """
    found = steps(folder)
    for step in reversed(found):
        problem = damage(folder, step)
        if not problem:
            return step
        told(f"The checkpoint of step {step} is passed over: {problem}.")
    if found:
        raise TrainingError(f"No checkpoint in {folder} is complete.", hint="Start the run again, without --resume.")
    return None


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a run to this process inside the block, where the file system has locks.

    Raises:
        TrainingError: another process has it.
    """
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            held.enter_context(WriterLock(folder / LOCK).held())
        except LibraryBusy as error:
            raise TrainingError(
                f"Another process is training {folder.name}.",
                hint="Wait until it has ended, or name another with --out.",
            ) from error
        except LibraryError:
            # What cannot be written is reported by what writes it.
            pass
        yield


def plan(folder: Path, config: Mapping[str, Any]) -> None:
    """Write a run's settings before it begins, for `--resume`.

    Raises:
        TrainingError: the file cannot be written.
    """
    (folder / DONE).unlink(missing_ok=True)
    write_json(folder / "config.json", config)


def journal(
    folder: Path, tell: Callable[[dict[str, Any]], None], *, resume: bool = False
) -> Callable[[dict[str, Any]], None]:
    """Pass events on, and append them to the run's journal so that its curve can be drawn later.

    Events that cannot be written are dropped: a full disk does not end the run.

    Args:
        folder: the run's folder.
        tell: called with every event.
        resume: append to the existing journal instead of starting a new one.
    """
    with contextlib.suppress(OSError):
        if not resume:
            (folder / JOURNAL).unlink(missing_ok=True)

    def told(event: dict[str, Any]) -> None:
        _note(folder, event)
        tell(event)

    _note(folder, {"event": AT_WORK, "process": os.getpid(), "time": round(time.time(), 3)})
    return told


def leave(folder: Path) -> None:
    """Note in a run's journal, if it has one, that no process works on it any more."""
    if (folder / JOURNAL).is_file():
        _note(folder, {"event": AT_WORK, "process": 0, "time": round(time.time(), 3)})


def _note(folder: Path, event: Mapping[str, Any]) -> None:
    with contextlib.suppress(OSError), appending(folder / JOURNAL) as file:
        file.write(json.dumps(event, ensure_ascii=False) + "\n")


def finish(folder: Path) -> None:
    """Mark a run as finished and remove its checkpoints."""
    write_json(folder / DONE, {"schema": 1})
    remove(folder)


def is_done(folder: Path) -> bool:
    """Whether the run is finished and there is nothing to resume."""
    return (folder / DONE).is_file() and not steps(folder)


def _digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a checkpoint, by name."""
    found = {}
    for file in sorted(folder.iterdir()):
        with open_regular(file, follow=False) as content:
            found[file.name] = hashlib.file_digest(content, "sha256").hexdigest()
    return found


def remove(folder: Path) -> None:
    """Remove all checkpoints of a run."""
    for step in steps(folder):
        remove_folder(path(folder, step))


def write_json(target: Path, values: Mapping[str, Any]) -> None:
    """Write a small JSON file atomically.

    Raises:
        TrainingError: it cannot be written.
    """
    try:
        write_text(target, json.dumps(values, ensure_ascii=False, indent=1))
    except OSError as error:
        raise TrainingError(
            f"{target} cannot be written: {error.strerror or error}.", hint="Free some space, or allow writing there."
        ) from error


def read_json(source: Path) -> dict[str, Any]:
    """The values of a small JSON file; empty if it does not exist.

    Raises:
        TrainingError: it is damaged.
    """
    try:
        values = json.loads(read_regular(source, _MOST_BYTES))
        if not isinstance(values, dict):
            raise ValueError("it holds no table of values")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise TrainingError(
            f"{source} is damaged: {reason(error)}.", hint="Start the run again, without --resume."
        ) from error
    return values
