"""Defines the limits of memory and time for reading a file, and sets them in the system."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

GB = 1024**3
MB = 1024**2


@dataclass(frozen=True)
class Budget:
    """What one file may take: `memory` in bytes of address space, `seconds` of CPU time.

    After `patience` seconds without a sign of life its worker has failed; they are more than `seconds`, since a busy
    machine takes longer.
    """

    memory: int
    seconds: int
    patience: int

    def too_much_memory(self) -> str:
        """The reason given for a file that takes more memory."""
        amount = f"{self.memory / GB:.1f} GB" if self.memory >= GB else f"{self.memory / MB:.0f} MB"
        return f"reading it took more than {amount} of memory"

    def too_long(self) -> str:
        """The reason given for a file that takes longer."""
        return f"reading it took more than {self.seconds} seconds"


@dataclass(frozen=True)
class Limits:
    """What a file may take, by its size.

    The most demanding real files measured take 12 seconds of CPU time and nine bytes of memory per byte; small ones
    that unpack to large sizes take a gigabyte. Cutting a stretch of 256 thousand characters takes .2 seconds.
    """

    memory: int = 3 * GB // 2
    memory_per_byte: int = 10
    seconds: int = 60
    seconds_per_megabyte: float = 1.0
    seconds_per_stretch: int = 3
    times_as_patient: int = 3

    def budget(self, size: int) -> Budget:
        """What a file of `size` bytes may take."""
        seconds = self.seconds + int(self.seconds_per_megabyte * size / MB)
        return Budget(self.memory + self.memory_per_byte * size, seconds, self.times_as_patient * seconds)


# Linux enforces the limit of address space; other systems accept it without effect.
BOUNDED_BY_SYSTEM = sys.platform == "linux"


class Bounds:
    """The limits of this process, set for each file if they differ from the current ones."""

    def __init__(self) -> None:
        self._memory = self._seconds = 0

    def close_doors(self) -> None:
        """Forbid what no reader needs: writing files and core dumps."""
        for name in ("RLIMIT_CORE", "RLIMIT_FSIZE"):
            _limit(name, 0)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Allow writing files, for a time in which no document is read."""
        _limit("RLIMIT_FSIZE", None)
        try:
            yield
        finally:
            self.close_doors()

    def set(self, budget: Budget) -> None:
        """Limit this process to what the next file may take."""
        if budget.memory != self._memory and BOUNDED_BY_SYSTEM:
            self._memory = budget.memory
            _limit("RLIMIT_AS", budget.memory)
        self._set_seconds(int(time.process_time()) + budget.seconds + 1)

    def add(self, seconds: int) -> None:
        """Allow the current file more CPU time, since it turned out to hold more."""
        self._set_seconds(self._seconds + seconds)

    def _set_seconds(self, seconds: int) -> None:
        if seconds != self._seconds:
            self._seconds = seconds
            _limit("RLIMIT_CPU", seconds)


def _limit(name: str, value: int | None) -> None:
    """Set a soft limit, at most to the hard one (None: to that); systems without this limit are skipped."""
    try:
        import resource

        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        if value is None or value > hard != resource.RLIM_INFINITY:
            value = hard
        resource.setrlimit(which, (value, hard))
    except (ImportError, AttributeError, ValueError, OSError):
        return
