"""Loads a benchmark by name or path, with the reader for its layout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .model import Benchmark


def load(
    name: str | Path,
    data: str | Path | None = None,
    *,
    languages: Sequence[str] = (),
    questions: int | None = None,
    seed: int = 0,
) -> Benchmark:
    """Read a benchmark by its name or from a path, whatever its layout.

    Args:
        name: `xquad-r`, `mlqa-r`, `miracl`, `belebele`, `demo`, `kit`, `held-out`, `held-out-bitext`, or a file or
            folder.
        data: the folder of the named benchmark, or its parent folder; for the held-out ones, the recipe.
        languages: take only these; all when empty.
        questions: take at most this many distinct question ids, chosen by `seed`; for held-out rows, rows per source.
        seed: for that choice.

    Raises:
        DataError: the data are missing, damaged, or have an unknown layout.
    """
    from . import heldout
    from .layouts import read

    if name in (heldout.QUESTIONS, heldout.BITEXT):
        recipe = Path(data) if data is not None else None
        return heldout.read(str(name), recipe, languages=languages, limit=questions or 0, seed=seed)
    return read(name, data, languages=languages, questions=questions, seed=seed)
