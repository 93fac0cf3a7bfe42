"""Limits of memory and time for reading a file, and how they are set in the system."""

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
    """What one file may take: `memory` in bytes of address space, `seconds` of computing.

    After `patience` seconds without a sign of life its worker has failed: on a busy machine computing takes longer.
    """

    memory: int
    seconds: int
    patience: int

    def too_much_memory(self) -> str:
        """The reason of a file that takes more memory."""
        amount = f"{self.memory / GB:.1f} GB" if self.memory >= GB else f"{self.memory / MB:.0f} MB"
        return f"reading it took more than {amount} of memory"

    def too_long(self) -> str:
        """The reason of a file that takes longer."""
        return f"reading it took more than {self.seconds} seconds"


@dataclass(frozen=True)
class Limits:
    """What a file may take by its size.

    The worst honest files measured take 12 seconds of computing and, for each byte, nine bytes of memory; of small ones
    that unpack to much, a gigabyte. Finding the sentences of a stretch of 256 thousand characters takes .2 seconds.
    """

    memory: int = 3 * GB // 2
    memory_per_byte: int = 10
    seconds: int = 60
    seconds_per_megabyte: float = 1.0
    seconds_per_stretch: int = 3
    times_as_patient: int = 3

    def budget(self, size: int) -> Budget:
        """What a file of so many bytes may take."""
        seconds = self.seconds + int(self.seconds_per_megabyte * size / MB)
        return Budget(self.memory + self.memory_per_byte * size, seconds, self.times_as_patient * seconds)


# Linux ends a process's growth by its address space; elsewhere the limit is taken and means nothing.
BOUNDED_BY_SYSTEM = sys.platform == "linux"


class Bounds:
    """The limits of this process, set again for each file and only where they are others."""

    def __init__(self) -> None:
        self._memory = self._seconds = 0

    def close_doors(self) -> None:
        """Take from this process what no reader needs: writing files, leaving its memory behind, more rights."""
        for name in ("RLIMIT_CORE", "RLIMIT_FSIZE"):
            _limit(name, 0)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Files may be written, while nothing of a document is looked at."""
        _limit("RLIMIT_FSIZE", None)
        try:
            yield
        finally:
            self.close_doors()

    def set(self, budget: Budget) -> None:
        """Hold this process to what the next file may take."""
        if budget.memory != self._memory and BOUNDED_BY_SYSTEM:
            self._memory = budget.memory
            _limit("RLIMIT_AS", budget.memory)
        self._set_seconds(int(time.process_time()) + budget.seconds + 1)

    def add(self, seconds: int) -> None:
        """Allow the file more: it has turned out to hold more."""
        self._set_seconds(self._seconds + seconds)

    def _set_seconds(self, seconds: int) -> None:
        if seconds != self._seconds:
            self._seconds = seconds
            _limit("RLIMIT_CPU", seconds)


def _limit(name: str, value: int | None) -> None:
    """Set a soft limit, as far as the hard one allows, None to that; a system may not have it."""
    try:
        import resource

        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        if value is None or value > hard != resource.RLIM_INFINITY:
            value = hard
        resource.setrlimit(which, (value, hard))
    except (ImportError, AttributeError, ValueError, OSError):
        return
