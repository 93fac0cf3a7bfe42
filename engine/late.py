"""Lazy imports for a sub-package, for which importing everything would slow down the start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def late(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """A `__getattr__` for a package (PEP 562).

    Args:
        package: the package's `__name__`.
        modules: for each public name the module that holds it, relative (".fitting"), with the name there behind a
            colon where it is another one (".registry:load"), or "." for a submodule itself.

    """

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if modules[name] == ".":
            return import_module(f".{name}", package)
        module, _, inside = modules[name].partition(":")
        return getattr(import_module(module, package), inside or name)

    return get
