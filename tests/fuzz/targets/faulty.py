"""A target with one fault in each input, all of which the runner must find."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from random import Random

from ..running import Attempt, Wrong

FAULTS = ("nothing", "allowed", "raise", "answer", "hang", "wait", "die", "swell", "nothing")


def prepare(folder: Path) -> tuple[Attempt, tuple[type[BaseException], ...]]:
    """Inputs in the order of `FAULTS`; only KeyError is allowed."""
    done = iter(FAULTS[len(list(folder.parent.glob("done-*"))) :])

    def attempt(chance: Random, place: Path) -> None:
        (place / "input.txt").write_text(f"{chance.random()}")
        fault = next(done)
        (folder.parent / f"done-{len(list(folder.parent.glob('done-*')))}").touch()
        _do(fault, place)

    return attempt, (KeyError,)


def _do(fault: str, place: Path) -> None:
    if fault == "allowed":
        raise KeyError
    if fault == "raise":
        raise ZeroDivisionError("by nothing")
    if fault == "answer":
        raise Wrong("answer: 5")
    if fault == "hang":
        while True:
            pass
    if fault == "wait":
        os.mkfifo(place / "pipe")
        (place / "pipe").open("rb")
    if fault == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if fault == "swell":
        assert b"x" * (60 * 1024 * 1024)
