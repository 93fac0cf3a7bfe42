"""Lists every key of the app by the id of its action, from the classes that bind it, so that none is forgotten."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import NamedTuple

from textual.binding import Binding
from textual.dom import DOMNode

AREAS = {
    "CompareScreen": "Compare",
    "EverywhereScreen": "Every language",
    "HybridSearchApp": "Everywhere",
    "Judges": "Compare",
    "QueryInput": "Question",
    "PassageView": "Passage",
}


class KeyRow(NamedTuple):
    """A key, where it works, and what it does; `id` names it in the keymap."""

    area: str
    key: str
    words: str
    id: str


def area_of(kind: type[DOMNode]) -> str:
    """The name in the help of a class that has keys."""
    return AREAS.get(kind.__name__, kind.__name__.removesuffix("Screen"))


def all_keys(app: type[DOMNode], keymap: Mapping[str, str]) -> list[KeyRow]:
    """The keys of the app, its screens, dialogs and widgets, each id once; keys of the keymap replace the program's.

    Args:
        app: the class whose keys work everywhere.
        keymap: keys by id, as in the settings.
    """
    found: dict[str, KeyRow] = {}
    for kind in (app, *_kinds()):
        for entry in kind.__dict__.get("BINDINGS", ()):
            if isinstance(entry, Binding) and entry.id and entry.tooltip and entry.id not in found:
                key = keymap.get(entry.id, entry.key)
                found[entry.id] = KeyRow(area_of(kind), key, entry.tooltip, entry.id)
    return list(found.values())


def _kinds() -> Iterator[type[DOMNode]]:
    """Every class of the screens and widgets, module by module."""
    for room in ("screens", "widgets"):
        package = import_module(f"..{room}", __package__)
        for module in sorted(each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")):
            for kind in vars(import_module(module)).values():
                if isinstance(kind, type) and issubclass(kind, DOMNode) and kind.__module__ == module:
                    yield kind
