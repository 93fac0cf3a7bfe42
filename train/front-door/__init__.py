"""hybrid-search as a library: what is public stands in `PUBLIC`, and is imported when it is first used.

`import hybrid_search` costs nothing; `hybrid_search.Library` imports the engine, `hybrid_search.hybrid_batches` what
draws batches, and torch comes in only where a thing needs it. Versions are semantic: a name below keeps its meaning and
its parameters until the next major version, and warns for a minor version before it goes.

This folder is the package `hybrid_search` itself; its rooms (`engine`, `train`, `tui`, `assets`) are folders beside it,
which `pyproject.toml` maps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .engine.late import late

if TYPE_CHECKING:
    from . import measures
    from .engine.encoders.neutral import Neutraliser
    from .engine.errors import DataError, EncoderError, HybridSearchError, LibraryError
    from .train.data import Guard, Overlap, Overlaps
    from .train.measure import Difference
    from .train.measure.runs import compare_runs

# For each public name the module that holds it; "." for a module of this package itself.
PUBLIC: dict[str, str] = {
    # errors
    "HybridSearchError": ".engine.errors",
    "DataError": ".engine.errors",
    "EncoderError": ".engine.errors",
    "LibraryError": ".engine.errors",
    # vectors without language
    "Neutraliser": ".engine.encoders.neutral",
    # measures
    "measures": ".",
    "compare_runs": ".train.measure.runs",
    "Difference": ".train.measure",
    # leakage
    "Guard": ".train.data",
    "Overlap": ".train.data",
    "Overlaps": ".train.data",
}

__all__ = [
    "DataError",
    "Difference",
    "EncoderError",
    "Guard",
    "HybridSearchError",
    "LibraryError",
    "Neutraliser",
    "Overlap",
    "Overlaps",
    "compare_runs",
    "measures",
]

__getattr__ = late(__name__, PUBLIC)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
