"""Checks of the installation and the machine, each problem with its fix.

`finding.py` defines what a check returns; `installation.py`, `kept.py` (models, caches, library), `terminal.py` and
`machine.py` (compiler, GPU, memory) look. Checks change nothing but the cache, and import nothing that takes seconds.
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
