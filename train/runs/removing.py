"""Deletes a run with its encoder, unless something still needs it."""

from __future__ import annotations

from ...engine import paths
from ...engine.encoders import ENCODER
from ...engine.errors import TrainingError
from ...engine.files import remove_folder
from ..run import checkpoints
from .listing import find, listed
from .model import RUNNING


def delete(name: str) -> None:
    """Remove a run: its encoder, checkpoints and curve. Libraries keep the encoder's vectors.

    Raises:
        TrainingError: there is no such run, it is still running, another encoder is an adapter on it, or its folder
            cannot be removed.
    """
    run = find(name)
    if run.state == RUNNING:
        raise TrainingError(f"{name} is being trained.", hint="Stop it first.")
    above = [each.name for each in listed() if each.name != name and _base(each.name) == name]
    if above:
        raise TrainingError(
            f"{name} is the base of {', '.join(above)}, which cannot be used without it.",
            hint=f"Delete {' and '.join(above)} first.",
        )
    for folder in (paths.encoders_folder() / name, checkpoints.run_folder(name)):
        remove_folder(folder)
        if folder.exists():
            raise TrainingError(f"{folder} cannot be removed.", hint="Allow writing there, and delete it again.")


def _base(name: str) -> str:
    try:
        return str(checkpoints.read_json(paths.encoders_folder() / name / ENCODER).get("base", ""))
    except (TrainingError, OSError):
        return ""
