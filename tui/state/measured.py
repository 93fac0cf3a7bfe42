"""What was measured last, read back from the reports on disk."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from ...engine import paths
from ...engine.files import read_regular

# Beside a report of the app: what was measured, as the form named it.
SOURCE = "source.json"


def last_evaluation() -> dict[str, Any] | None:
    """The newest evaluation that can be read, as its report's folder keeps it.

    With the report's path as `report`, and what was measured as `source`: {} where that is not known.
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
