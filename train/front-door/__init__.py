"""hybrid-search as a library: public names are listed in `PUBLIC` and imported when they are first used.

`import hybrid_search` is cheap; `hybrid_search.Library` imports the engine, `hybrid_search.hybrid_batches` the batches,
and torch is imported only when needed. Versions are semantic: a name below keeps its meaning and its parameters until
the next major version, and is deprecated with a warning for one minor version before it is removed.

This folder is the package `hybrid_search` itself; `pyproject.toml` maps its sub-packages (`engine`, `train`, `tui`,
`assets`) from the folders at the top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .engine.late import late

if TYPE_CHECKING:
    from . import measures
    from .engine.encoders import Encoder
    from .engine.encoders import export as export_encoder
    from .engine.encoders import load as load_encoder
    from .engine.encoders.neutral import Neutraliser
    from .engine.errors import DataError, EncoderError, HybridSearchError, LibraryError
    from .engine.library import AsyncLibrary, IndexReport, Library, Status
    from .engine.search import Comparison, Hit, Passage, Ranking
    from .train.data import Guard, Overlap, Overlaps, ParallelPairs, cross_batches, hybrid_batches, mono_batches
    from .train.hub import push as push_to_hub
    from .train.measure import Difference, LanguageBiasEvaluator
    from .train.measure.runs import compare_runs

# For each public name the module that holds it; "." for a module of this package itself.
PUBLIC: dict[str, str] = {
    # errors
    "HybridSearchError": ".engine.errors",
    "DataError": ".engine.errors",
    "EncoderError": ".engine.errors",
    "LibraryError": ".engine.errors",
    # libraries
    "Library": ".engine.library",
    "AsyncLibrary": ".engine.library",
    "IndexReport": ".engine.library",
    "Status": ".engine.library",
    "Comparison": ".engine.search",
    "Ranking": ".engine.search",
    "Hit": ".engine.search",
    "Passage": ".engine.search",
    # encoders
    "Encoder": ".engine.encoders",
    "load_encoder": ".engine.encoders:load",
    "export_encoder": ".engine.encoders:export",
    "push_to_hub": ".train.hub:push",
    # training in sentence-transformers
    "ParallelPairs": ".train.data",
    "hybrid_batches": ".train.data",
    "mono_batches": ".train.data",
    "cross_batches": ".train.data",
    "LanguageBiasEvaluator": ".train.measure",
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
    "AsyncLibrary",
    "Comparison",
    "DataError",
    "Difference",
    "Encoder",
    "EncoderError",
    "Guard",
    "Hit",
    "HybridSearchError",
    "IndexReport",
    "LanguageBiasEvaluator",
    "Library",
    "LibraryError",
    "Neutraliser",
    "Overlap",
    "Overlaps",
    "ParallelPairs",
    "Passage",
    "Ranking",
    "Status",
    "compare_runs",
    "cross_batches",
    "export_encoder",
    "hybrid_batches",
    "load_encoder",
    "measures",
    "mono_batches",
    "push_to_hub",
]

_late = late(__name__, PUBLIC)


def __getattr__(name: str) -> Any:
    return _version() if name == "__version__" else _late(name)


def _version() -> str:
    """The installed version; "0" if the package is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("hybrid-search")
    except PackageNotFoundError:
        return "0"


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
