"""Reads the last evaluation from the reports on disk."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from ...engine import paths
from ...engine.files import read_regular

# The file beside the app's report that has the form's values: benchmark, data, questions.
SOURCE = "source.json"


def last_evaluation() -> dict[str, Any] | None:
    """The newest readable evaluation in the folder of reports; None if there is none.

    `report` is the report's path, `source` the form's values, or {} if unknown.
    """
    found: list[tuple[float, Path]] = []
    with contextlib.suppress(OSError):
        for path in (paths.data_folder() / "reports").glob("*/results.json"):
            found.append((path.stat().st_mtime, path))
    for _, path in sorted(found, reverse=True):
        with contextlib.suppress(OSError, ValueError, RecursionError):
            read = json.loads(read_regular(path))
            if isinstance(read, dict) and read.get("results"):
                return {**read, "report": str(path.with_name("report.md")), "source": _source(path.with_name(SOURCE))}
    return None


def _source(path: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        read = json.loads(read_regular(path))
        if isinstance(read, dict) and {"benchmark", "data", "questions"} <= read.keys():
            return read
    return {}
