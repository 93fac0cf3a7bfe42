"""Lazy imports for sub-packages whose full import would slow down the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def late(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """A `__getattr__` for a package (PEP 562).

    Args:
        package: the package's `__name__`.
        modules: for each public name its module, relative (".fitting"); a different name inside it follows a colon
            (".registry:load"); "." stands for a submodule itself.

    """

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if modules[name] == ".":
            return import_module(f".{name}", package)
        module, _, inside = modules[name].partition(":")
        return getattr(import_module(module, package), inside or name)

    return get
