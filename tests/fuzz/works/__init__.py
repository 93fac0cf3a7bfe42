"""Work to kill: each sets a scene, acts, and verifies that an act after a kill repairs everything."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Protocol

from .encoders import Calibrate, Export, Train
from .libraries import App, Check, Index, Push


class Work(Protocol):
    """One kind of work; every method runs in a separate process, so all state is in files below `root`.

    `modules` are imported once, before those processes are started.
    """

    root: Path
    modules: tuple[str, ...]

    def prepare(self) -> None:
        """Make the files that all acts need."""

    def scene(self, chance: Random) -> None:
        """Make work for the next act."""

    def act(self) -> None:
        """Do the work; this is killed."""

    def verify(self) -> None:
        """Act again, to the end; raises AssertionError if something is lost, doubled or left over."""


WORKS: dict[str, type[Work]] = {
    "index": Index,
    "check": Check,
    "export": Export,
    "app": App,
    "push": Push,
    "calibrate": Calibrate,
    "train": Train,
}
