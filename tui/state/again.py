"""Writes the comparison on the screen as a command, and as a Python program, that repeat it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ...engine.encoders import FUSED

_PYTHON = """\
from hybrid_search import Library

with Library.open({library!r}, readonly=True) as library:
    comparison = library.compare(
        {query!r},
        encoders={names!r},
        k={k},
        languages={languages!r},
        exact={exact},
        neutral={neutral},
        query_language={query_language!r},
    )
    for name, ranking in comparison.rankings.items():
        print(name, comparison.languages[name], f"bias {{comparison.bias[name]:+.2f}}")
        for hit in ranking.hits:
            print(f"{{hit.rank:>3}} {{hit.score:.3f}} {{hit.passage.language:<3}} {{hit.passage.title}}")
"""


def command(comparison: Mapping[str, Any], library: str) -> str:
    """The comparison as a line for a POSIX shell.

    Args:
        comparison: query, k, languages, exact, neutral and rankings, as the app keeps them.
        library: its path or address.
    """
    words = ["hybrid-search", "compare", "--library", library, "-k", str(comparison["k"])]
    for name in _names(comparison):
        words += ["--encoder", name]
    words += ["--lang", ",".join(comparison["languages"])] * bool(comparison["languages"])
    words += ["--exact"] * bool(comparison["exact"]) + ["--neutral"] * bool(comparison["neutral"])
    return shlex.join([*words, "--", str(comparison["query"])])


def python(comparison: Mapping[str, Any], library: str) -> str:
    """The comparison as a program that prints it."""
    return _PYTHON.format(
        library=library,
        names=list(_names(comparison)),
        query=str(comparison["query"]),
        k=int(comparison["k"]),
        languages=list(comparison["languages"]),
        exact=bool(comparison["exact"]),
        neutral=bool(comparison["neutral"]),
        query_language=str(comparison["query_language"]),
    )


def _names(comparison: Mapping[str, Any]) -> Sequence[str]:
    """The columns that `compare` also has: it has no `fused`, which only `search --fuse` gives."""
    return [name for name in comparison["rankings"] if name != FUSED]
