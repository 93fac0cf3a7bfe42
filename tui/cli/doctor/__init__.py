"""What is missing or in the way on this machine, and what mends it.

`finding.py` says what a check gives; `installation.py`, `kept.py` (models, caches, library), `terminal.py` and
`machine.py` (compiler, GPU, memory) look. No check changes anything but the cache, or imports what takes
seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .finding import Finding


def examine(library: Path | None) -> Iterator[Finding]:
    """Every check, one finding after another."""
    from . import installation, kept, machine, terminal

    yield from installation.examine()
    yield from kept.examine(library)
    yield from terminal.examine()
    yield from machine.examine()


__all__ = ["Finding", "examine"]
