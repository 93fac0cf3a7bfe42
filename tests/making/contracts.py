"""Check the import contracts in pyproject.toml; `python tests/making/contracts.py` says which are broken.

import-linter reads packages without a parent, or whose parent has no `__init__`. Here the parent has one
(`train/front-door`), so import-linter gets `hybrid_search` as a namespace of the repository's folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


class Rooms:
    """Finds `hybrid_search` as a namespace in the repository's folder."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The namespace for `hybrid_search`; None for other names."""
        if name != "hybrid_search":
            return None
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(ROOT)]
        return spec


if __name__ == "__main__":
    from importlinter.cli import lint_imports_command

    sys.meta_path.insert(0, Rooms)  # type: ignore[arg-type]
    os.chdir(ROOT)
    sys.exit(lint_imports_command())
