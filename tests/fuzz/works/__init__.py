"""What is killed in the middle: each work sets a scene, acts, and tells whether an act after a kill made all well."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Protocol

from .encoders import Calibrate, Export, Train
from .libraries import App, Check, Index, Push


class Work(Protocol):
    """One kind of work; every method runs in a process of its own, so all state is in files below `root`.

    `modules` are imported once, before those processes are made.
    """

    root: Path
    modules: tuple[str, ...]

    def prepare(self) -> None:
        """Make what all acts need."""

    def scene(self, chance: Random) -> None:
        """Make something to do for the next act."""

    def act(self) -> None:
        """Do it; this is what is killed."""

    def verify(self) -> None:
        """Act again, to the end; raises AssertionError where something is lost, doubled or left."""


WORKS: dict[str, type[Work]] = {
    "index": Index,
    "check": Check,
    "export": Export,
    "app": App,
    "push": Push,
    "calibrate": Calibrate,
    "train": Train,
}
